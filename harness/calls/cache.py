"""Answers that were paid for once, kept in one SQLite file that all runs share.

    completions    v1:3f9a…  {"text": "positive", "usage": …, "seconds": 0.81}   2026-11-21T09:15:02+00:00
    vectors        v1:77c0…  384 float32, little-endian                          0.0021 s
    served         openai:…:gpt-4o  gpt-4o-2024-08-06

A key holds all that an answer depends on and nothing else. What was first observed stays: storing again under
the same key changes nothing, so a replay keeps the seconds and the usage of the call that was paid. Only an
answer that was asked again on purpose (it was too old) gives way to the new one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from harness.calls.cached import CachedCompletion, CachedVector, CacheStats, Kept, keeps
from harness.calls.keys import hashed, request_key
from harness.calls.sqlite_file import SqliteFile
from harness.models import Completion
from harness.privacy.secrets import hide

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Cache", "CacheStats", "CachedCompletion", "CachedVector", "Kept", "keeps", "request_key"]

_KEYS_PER_QUERY = 500  # well under SQLite's limit on variables

_TABLES = {
    "completions": "key TEXT PRIMARY KEY, completion TEXT NOT NULL, at TEXT NOT NULL",
    "vectors": "key TEXT PRIMARY KEY, vector BLOB NOT NULL, seconds REAL NOT NULL",
    "served": "identity TEXT PRIMARY KEY, served TEXT NOT NULL",
}


class Cache:
    """The shared file. Safe with threads, and with several processes at once.

    A write that fails (a full disk, a file that became read-only) never raises, because the caller holds an
    answer that was paid for: it is told once in `problem`, and from then on the cache only reads.

    Args:
        path: The file; made with its folders when there is none.
        enabled: False finds nothing, keeps nothing and touches no file (`--no-cache`).

    Raises:
        StoreError: The file cannot be opened, or is not a cache.
    """

    def __init__(self, path: Path, *, enabled: bool = True) -> None:
        self.path = path
        self.enabled = enabled
        self._file = SqliteFile(path, _TABLES) if enabled else None

    @property
    def problem(self) -> str | None:
        """Why answers are no longer kept; None while they are."""
        return self._file.problem if self._file else None

    def completion(self, key: str) -> CachedCompletion | None:
        """What was answered under this key.

        Raises:
            StoreError: The file became unreadable.
        """
        if self._file is None:
            return None
        rows = self._file.read("SELECT completion, at FROM completions WHERE key = ?", (key,))
        if not rows:
            return None
        text, at = rows[0]
        try:
            completion = Completion.model_validate(json.loads(text))
            when = datetime.fromisoformat(at)
        except (ValueError, TypeError):
            return None  # of a version with other fields, which can still replay it
        return CachedCompletion(completion.model_copy(update={"replayed": True}), when)

    def store(self, key: str, completion: Completion, *, replacing: datetime | None = None) -> bool:
        """Keeps a completion, unless `keeps` says no; the first under a key stays.

        Args:
            key: See `request_key`.
            completion: What was answered.
            replacing: An answer from before then gives way.

        Returns:
            Whether the completion may be replayed and was written.
        """
        return self.store_all([Kept(key, completion, replacing)])[0]

    def store_all(self, kept: Sequence[Kept]) -> list[bool]:
        """Keeps several completions with one write; whether each may be replayed and was written."""
        rows = [self._row(each) if keeps(each.completion) else None for each in kept]
        found = [row for row in rows if row is not None]
        sql = (
            "INSERT INTO completions VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE"
            " SET completion = excluded.completion, at = excluded.at WHERE completions.at < ?"
        )
        written = bool(found) and self._file is not None and self._file.write(sql, found)
        return [written and row is not None for row in rows]

    def _row(self, kept: Kept) -> tuple[str, str, str, str]:
        # json.dumps writes a likelihood of minus infinity; pydantic's own writer would make it null.
        text = hide(json.dumps(kept.completion.model_dump(mode="json")))
        before = "" if kept.replacing is None else kept.replacing.astimezone(UTC).isoformat()
        return kept.key, text, datetime.now(UTC).isoformat(), before

    def served(self, identity: str) -> str | None:
        """The name under which a model last answered; None where it is not known."""
        rows = (
            []
            if self._file is None
            else self._file.read("SELECT served FROM served WHERE identity = ?", (identity,))
        )
        return rows[0][0] if rows else None

    def store_served(self, identity: str, served: str) -> None:
        """Keeps the name under which a model answers now."""
        if self._file is not None:
            self._file.write("INSERT OR REPLACE INTO served VALUES (?, ?)", [(identity, served)])

    def vectors(self, identity: str, texts: Sequence[str]) -> dict[int, CachedVector]:
        """Embeddings that are known.

        Args:
            identity: The embedder's, with whatever else its vectors and seconds depend on.
            texts: What is to be embedded.

        Returns:
            By index into `texts`, those that were found.

        Raises:
            StoreError: The file became unreadable.
        """
        import numpy as np

        if self._file is None:
            return {}
        keys = [_vector_key(identity, text) for text in texts]
        wanted = sorted(set(keys))
        found: dict[str, CachedVector] = {}
        for start in range(0, len(wanted), _KEYS_PER_QUERY):
            part = wanted[start : start + _KEYS_PER_QUERY]
            marks = ",".join("?" * len(part))
            sql = f"SELECT key, vector, seconds FROM vectors WHERE key IN ({marks})"
            for key, blob, seconds in self._file.read(sql, part):
                found[key] = CachedVector(np.frombuffer(blob, dtype="<f4").astype(np.float32), seconds)
        return {i: found[key] for i, key in enumerate(keys) if key in found}

    def store_vectors(
        self, identity: str, texts: Sequence[str], vectors: NDArray[np.float32], seconds_each: Sequence[float]
    ) -> bool:
        """Keeps embeddings, all or none of them; the first under a key stays.

        Args:
            identity: As in `vectors`.
            texts: What was embedded.
            vectors: (texts, width).
            seconds_each: Each text's share of the device's time.
        """
        if self._file is None:
            return False
        rows = [
            (_vector_key(identity, text), vector.astype("<f4").tobytes(), float(seconds))
            for text, vector, seconds in zip(texts, vectors, seconds_each, strict=True)
        ]
        return self._file.write("INSERT INTO vectors VALUES (?, ?, ?) ON CONFLICT DO NOTHING", rows)

    def stats(self) -> CacheStats:
        """Counts and size; all 0 where the cache is off."""
        if self._file is None:
            return CacheStats(0, 0, 0)
        counts = "SELECT (SELECT count(*) FROM completions), (SELECT count(*) FROM vectors)"
        [(completions, vectors)] = self._file.read(counts)
        return CacheStats(completions, vectors, self._file.size())

    def forget(self) -> None:
        """Drops every answer and gives the disk its space back.

        Raises:
            StoreError: The file cannot be written.
        """
        if self._file is not None:
            self._file.clear(list(_TABLES))

    def drop(self, ends: Collection[str], *, vectors: bool) -> int:
        """Drops some answers for good; their pages are overwritten.

        Args:
            ends: The last 16 digits of their keys, as ledgers name them.
            vectors: Whether all embeddings go too; they are kept by a hash that no ledger names.

        Returns:
            How many answers and embeddings there were of them.

        Raises:
            StoreError: The file cannot be written.
        """
        known = sorted(end for end in ends if re.fullmatch("[0-9a-f]{16}", end))
        parts = ("', '".join(known[i : i + _KEYS_PER_QUERY]) for i in range(0, len(known), _KEYS_PER_QUERY))
        wheres = [("completions", f"substr(key, -16) IN ('{each}')") for each in parts]
        return self._file.drop([*wheres, *([("vectors", "1")] if vectors else [])]) if self._file else 0

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Cache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _vector_key(identity: str, text: str) -> str:
    return hashed(json.dumps(["vector", identity, text], separators=(",", ":")))
