"""Which rows a task is about.

where: {confidence: "1", sentiment: {in: [positive, negative]}, text: {empty: false}}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from harness.data.saying import counted
from harness.errors import DataError
from harness.source import RawRow
from harness.suite import Condition

_SHOWN_VALUES = 5
Where = Mapping[str, str | Condition]


def keeps(where: Where) -> Callable[[Mapping[str, str]], bool]:
    """Whether a row's fields pass every condition; a field that a row lacks is empty."""
    conditions = list(where.items())
    return lambda fields: all(_passes(fields.get(name, ""), wanted) for name, wanted in conditions)


def nothing_left(where: Where, rows: Iterable[RawRow], file: str) -> DataError:
    """Says why no row passes: the commonest values of the column that lets none through.

    Args:
        where: The filter.
        rows: All rows, to be read once more.
        file: What messages call it.
    """
    values: dict[str, Counter[str]] = {name: Counter() for name in where}
    for row in rows:
        for name, counter in values.items():
            counter[row.fields.get(name, "")] += 1
    for name, counter in values.items():
        if not any(_passes(value, where[name]) for value in counter):
            common = ", ".join(f"{v!r:.40} ({counted(n)})" for v, n in counter.most_common(_SHOWN_VALUES))
            wanted = _said(where[name])
            return DataError(
                f"no row of {file} passes the filter on {name!r}, {wanted}. Its commonest values: {common}",
                where=f"where.{name}",
            )
    return DataError(f"each filter alone keeps some rows of {file}, but all together keep none", where="where")


def _passes(value: str, wanted: str | Condition) -> bool:
    if isinstance(wanted, str):
        return value == wanted
    if wanted.in_ is not None and value not in wanted.in_:
        return False
    if wanted.not_ is not None and value in ((wanted.not_,) if isinstance(wanted.not_, str) else wanted.not_):
        return False
    if wanted.contains is not None and wanted.contains not in value:
        return False
    return wanted.empty is None or wanted.empty == (not value.strip())


def _said(wanted: str | Condition) -> str:
    if isinstance(wanted, str):
        return repr(wanted)
    return ", ".join(f"{k} {v!r}" for k, v in wanted.model_dump(by_alias=True, exclude_none=True).items())
