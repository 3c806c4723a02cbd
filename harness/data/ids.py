"""Names rows for good: from a column, or from their content, never from their place in the file.

text "Great flight!", metadata {}   -> 3f0c…
the same once more                  -> 3f0c…-2
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence

from harness.errors import DataError

_DIGITS = 16


def content_ids(contents: Sequence[object], ranks: Sequence[str]) -> list[str]:
    """Ids by content; of rows with the same content each further one gets a counter.

    Args:
        contents: What the hash is of, as JSON: what a strategy may see, so that an id gives no target away.
        ranks: Which of the same content comes first, so that the file's order decides nothing.
    """
    digests = [_digest(content) for content in contents]
    same: defaultdict[str, list[int]] = defaultdict(list)
    for index, digest in enumerate(digests):
        same[digest].append(index)
    ids = list(digests)
    for digest, indices in same.items():
        for count, index in enumerate(sorted(indices, key=lambda i: ranks[i]), start=1):
            ids[index] = digest if count == 1 else f"{digest}-{count}"
    return ids


def column_ids(ids: Sequence[str], places: Sequence[str], *, where: str) -> list[str]:
    """The ids of a column, each there and each unique.

    Args:
        ids: The column.
        places: Where each row stands.
        where: The suite's field that names the column.

    Raises:
        DataError: One is blank or repeated; says which and where.
    """
    seen: dict[str, str] = {}
    for each, place in zip(ids, places, strict=True):
        if not each.strip():
            raise DataError(f"{place} has no id", where=where)
        if each in seen:
            raise DataError(
                f"the id {each!r} stands twice, at {seen[each]} and at {place}; ids must be unique. "
                "Without an id column rows are named by their content",
                where=where,
            )
        seen[each] = place
    return list(ids)


def refuse_shared(rows: Iterable[tuple[str, str, str]]) -> None:
    """Refuses two rows of different files with one id and different texts.

    Args:
        rows: Id, normalised text and place of each.

    Raises:
        DataError: Says which and where.
    """
    seen: dict[str, tuple[str, str]] = {}
    for each, normal, place in rows:
        other, other_place = seen.setdefault(each, (normal, place))
        if other != normal:
            raise DataError(
                f"the id {each!r} names two different rows, at {other_place} and at {place}; ids must be unique "
                "over all files of a task. Without an id column rows are named by their content",
                where="columns.id",
            )


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:_DIGITS]
