"""From what a page shows to the SQL that finds its rows. Nothing of the user's is ever part of the SQL.

Filters(of="knn", state="wrong", search="delay")
SELECT row FROM arm0 WHERE (s2 = 0) AND row IN (SELECT row FROM texts WHERE instr(folded, ?)) ORDER BY row
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from harness.viewing.contents import STATE, Contents, Trial, digest
from harness.viewing.filters import SURE_SORTS, Filters

_TRIGRAM = 3


class Statement(NamedTuple):
    """SQL and the values of its question marks."""

    sql: str
    values: list[object]


def arm(filters: Filters, contents: Contents) -> str:
    """The arm that is asked for, else the first; empty where no trial was begun."""
    arms = contents.arms
    return filters.arm if filters.arm in arms else arms[0] if arms else ""


def trials(filters: Filters, contents: Contents) -> list[Trial]:
    """The trials of the arm, in the suite's order."""
    asked = arm(filters, contents)
    return [trial for trial in contents.trials if trial.arm == asked]


def shown(filters: Filters, contents: Contents) -> list[Trial]:
    """Those of them that are shown."""
    found = trials(filters, contents)
    return [trial for trial in found if trial.strategy in filters.show] or found


def statement(filters: Filters, contents: Contents) -> Statement:
    """Finds the rows that pass, in order."""
    columns = {trial.strategy: trial.column for trial in trials(filters, contents)}
    seen = [trial.column for trial in shown(filters, contents)]
    asked = [columns[filters.of]] if filters.of in columns else seen
    conditions, values = _fares(filters, seen, asked)
    if filters.target:
        conditions.append("row IN (SELECT row FROM queries WHERE target = ?)")
        values.append(filters.target)
    for name, value in filters.metadata:
        conditions.append("row IN (SELECT row FROM metadata WHERE name = ? AND value = ?)")
        values += [name, value]
    if filters.search:
        needle = filters.search.casefold()
        if contents.searchable and len(needle) >= _TRIGRAM:
            conditions.append("row IN (SELECT rowid FROM trigrams WHERE trigrams MATCH ?)")
            quoted = needle.replace('"', '""')
            values.append(f'"{quoted}"')
        else:
            conditions.append("row IN (SELECT row FROM texts WHERE instr(folded, ?))")
            values.append(needle)
    table = f"arm{contents.arms.index(arm(filters, contents))}" if columns else "queries"
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return Statement(f"SELECT row FROM {table}{where} ORDER BY {_order(filters, columns, seen)}", values)


def _fares(filters: Filters, seen: list[int], asked: list[int]) -> tuple[list[str], list[object]]:
    """Conditions on how strategies fared."""
    conditions: list[str] = []
    values: list[object] = []
    if filters.disagree:
        differs = " OR ".join(f"s{seen[0]} IS NOT s{other}" for other in seen[1:])
        conditions.append(f"({differs or '0'})")
    if filters.state:
        conditions.append("(" + (" OR ".join(f"s{n} = {STATE[filters.state]}" for n in asked) or "0") + ")")
    if filters.said:
        conditions.append("(" + (" OR ".join(f"h{n} = ?" for n in asked) or "0") + ")")
        values += [digest((filters.said,))] * len(asked)
    if filters.state and filters.said and len(asked) > 1:
        # One strategy must have given that answer and fared so.
        both = " OR ".join(f"(s{n} = {STATE[filters.state]} AND h{n} = ?)" for n in asked)
        conditions.append(f"({both})")
        values += [digest((filters.said,))] * len(asked)
    return conditions, values


def _order(filters: Filters, columns: Mapping[str, int], seen: list[int]) -> str:
    """Rows that have no figure to sort by come last, and the data's order breaks ties."""
    name, _, strategy = filters.sort.partition(":")
    if name in SURE_SORTS and strategy in columns:
        return f"c{columns[strategy]} {'DESC' if name == 'sure' else 'ASC'} NULLS LAST, row"
    if name in ("hard", "easy") and columns:
        if len(seen) == len(columns):
            return f"missed {'DESC' if name == 'hard' else 'ASC'}, row"
        missed = (STATE["wrong"], STATE["failed"])
        wrong = " + ".join(f"(ifnull(s{n}, -1) IN {missed})" for n in seen)
        return f"{wrong} {'DESC' if name == 'hard' else 'ASC'}, row"
    return {"longest": "length DESC, row", "shortest": "length, row"}.get(name, "row")
