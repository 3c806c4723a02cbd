"""Objects as the service tells them, one JSON file each, so that a restart finds them all.

    SERVICE/files/file-3f….json      {"id": "file-3f…", "object": "file", "created_at": 1763730000, …}
    SERVICE/files/file-3f….data      what was uploaded
    SERVICE/jobs/ftjob-9a….json      {"id": "ftjob-9a…", "status": "running", …, "_at": 12.5}

A field that begins with `_` is the service's own and is never told.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import RLock
from typing import Any
from uuid import uuid4

from harness.journal import replace
from harness.serving.refusing import Refused

Object = dict[str, Any]


def told(found: Mapping[str, Any]) -> Object:
    """An object as a caller sees it."""
    return {name: value for name, value in found.items() if not name.startswith("_")}


class Shelf:
    """One kind of object; safe for the threads of one process.

    Args:
        folder: Where its files lie.
        prefix: What ids begin with.
    """

    def __init__(self, folder: Path, prefix: str) -> None:
        self.folder = folder
        self._prefix = prefix
        self._lock = RLock()
        folder.mkdir(parents=True, exist_ok=True)
        found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob(f"{prefix}-*.json")]
        self._held: dict[str, Object] = {o["id"]: o for o in sorted(found, key=lambda o: (o["_at"], o["id"]))}

    def add(self, fields: Mapping[str, Any], data: bytes | None = None) -> Object:
        """A new object with an id; its data is on disk before it."""
        at = time.time()
        found = {"id": f"{self._prefix}-{uuid4().hex[:24]}", "created_at": int(at), **fields, "_at": at}
        if data is not None:
            self.data(found["id"]).write_bytes(data)
        return self._put(found)

    def change(self, key: str, **fields: Any) -> Object:
        return self.alter(key, lambda found: found | fields)

    def alter(self, key: str, do: Callable[[Object], Object]) -> Object:
        """Replaces an object by what `do` makes of it, with nobody in between."""
        with self._lock:
            return self._put(do(self.get(key)))

    def get(self, key: str) -> Object:
        """A copy of the object.

        Raises:
            Refused: There is none (404).
        """
        with self._lock:
            if key not in self._held:
                raise Refused(404, f"No such object: {key!r}", param="id", code="not_found")
            return dict(self._held[key])

    def data(self, key: str) -> Path:
        return self.folder / f"{key}.data"

    def all(self) -> list[Object]:
        """Oldest first."""
        with self._lock:
            return [dict(found) for found in self._held.values()]

    def remove(self, key: str) -> None:
        with self._lock:
            self.get(key)
            del self._held[key]
            (self.folder / f"{key}.json").unlink(missing_ok=True)
            self.data(key).unlink(missing_ok=True)

    def _put(self, found: Object) -> Object:
        with self._lock:
            replace(self.folder / f"{found['id']}.json", json.dumps(found))
            self._held[found["id"]] = found
            return dict(found)


def page(found: list[Object], query: Mapping[str, str], most: int = 100) -> Object:
    """A page of a list that is given newest first: `limit` objects behind the id in `after`."""
    after, limit = query.get("after"), query.get("limit", "20")
    if not limit.isdecimal() or not 1 <= int(limit) <= 10_000:
        raise Refused(400, f"limit {limit!r} is no number of objects", param="limit")
    ids = [o["id"] for o in found]
    if after is not None and after not in ids:
        raise Refused(404, f"No such object: {after!r}", param="after", code="not_found")
    start = 0 if after is None else ids.index(after) + 1
    some = found[start : start + min(int(limit), most)]
    ends = {"first_id": some[0]["id"], "last_id": some[-1]["id"]} if some else {"first_id": None, "last_id": None}
    return {"object": "list", "data": [told(o) for o in some], **ends, "has_more": start + len(some) < len(found)}
