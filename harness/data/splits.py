"""Divides rows into train, validation and test.

    splits: {train: 400, validation: 200, test: 0.2, seed: 0}

Rows with the same normalised text, or of one group, a *unit*, go to the same split, and its hash says to which:
a fraction is a stretch of the hash's range, so that no row changes its split when the file grows; a count takes
units in stratified order of their hash, test first, so that other sizes of train leave test alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.data.items import Item
from harness.data.spread import hash_place, spread, strata
from harness.data.taskdata import SplitName
from harness.data.units import Unit, units_of
from harness.errors import DataError, SuiteError
from harness.records import Kind
from harness.suite import Splits

_DRAWN_IN_ORDER: tuple[SplitName, ...] = ("test", "validation", "train")


def draw(
    items: Sequence[Item], splits: Splits, kind: Kind, together: Sequence[Sequence[int]] = ()
) -> dict[SplitName, tuple[Item, ...]]:
    """Divides the rows of the main file among the splits that have no file of their own.

    Args:
        items: The usable rows, in any order.
        splits: The sizes that the suite asks for.
        kind: The task's; `label` and `labels` are stratified.
        together: Indices of rows that stay together beyond what their text or group says.

    Returns:
        The rows by split; what no split asked for is in none. A count may be missed by some rows where
        copies of a text, which stay together, do not fit.

    Raises:
        SuiteError: A size is no size, or `balance` is asked of a task without labels.
        DataError: A split asks for more rows than there are; `where` is its field.
    """
    shares = _shares(splits, len(items))
    if splits.balance and kind != "label":
        raise SuiteError(
            f"balance needs one label for each row, which kind {kind!r} has not", where="splits.balance"
        )
    units = units_of(items, splits.seed, kind, together)
    drawn: dict[SplitName, list[Unit]] = {}
    start = 0.0
    rest = units
    for name in _DRAWN_IN_ORDER:
        share = shares.get(name)
        if isinstance(share, float):
            stop = round(start + share, 9)
            drawn[name] = [u for u in units if start <= u.place < stop]
            rest = [u for u in rest if not start <= u.place < stop]
            start = stop
    rest = [rest[i] for i in spread([u.stratum for u in rest], [u.place for u in rest])]
    for name in _DRAWN_IN_ORDER:
        share = shares.get(name)
        if isinstance(share, int):
            drawn[name] = _counted(rest, share, name, balance=splits.balance)
            taken = {id(u) for u in drawn[name]}
            rest = [u for u in rest if id(u) not in taken]
    if "train" in shares and shares["train"] is None:
        drawn["train"] = rest
    if splits.balance:
        drawn = {n: u if isinstance(shares[n], int) else _balanced(u) for n, u in drawn.items()}
    return {name: tuple(item for unit in of for item in unit.items) for name, of in drawn.items()}


def in_order(items: Sequence[Item], seed: int, kind: Kind) -> tuple[Item, ...]:
    """Rows of a split in an order of which every beginning is stratified, and which the file's does not change."""
    order = spread(strata([i.targets for i in items], kind), [hash_place(seed, i.id) for i in items])
    return tuple(items[index] for index in order)


def _shares(splits: Splits, rows: int) -> dict[SplitName, int | float | None]:
    """The sizes of splits that are drawn; those with a file of their own are not among them."""
    given = {"train": splits.train, "validation": splits.validation, "test": splits.test}
    shares: dict[SplitName, int | float | None] = {}
    for name in _DRAWN_IN_ORDER:
        share = given[name]
        if isinstance(share, str):
            continue
        if isinstance(share, float) and not 0 < share < 1:
            raise SuiteError(f"a fraction lies between 0 and 1, {share} does not", where=f"splits.{name}")
        if isinstance(share, int) and share < 1:
            raise SuiteError(f"{name} needs at least one row, not {share}", where=f"splits.{name}")
        shares[name] = share
    total = sum(share for share in shares.values() if isinstance(share, float))
    if total > 1 + 1e-9:
        raise SuiteError(f"the fractions add up to {total:g}, which is more than all rows", where="splits")
    train = shares.get("train")
    if isinstance(train, float) and any(isinstance(shares.get(name), int) for name in ("test", "validation")):
        # A stretch would come before counts, and another size of train would then draw another test.
        shares["train"] = max(1, round(train * rows))
    return shares


def _counted(rest: Sequence[Unit], rows: int, name: SplitName, *, balance: bool) -> list[Unit]:
    """Units of `rest`, first come first taken, that add up to `rows`."""
    there = _sizes(rest)
    if there.total() < rows:
        raise DataError(f"{name} asks for {rows:,} rows and {there.total():,} are left", where=f"splits.{name}")
    if not balance:
        return _fitting(rest, {"": rows}, by_stratum=False)
    each, more = divmod(rows, len(there))
    room = {stratum: each + (i < more) for i, stratum in enumerate(sorted(there))}
    for stratum, wanted in room.items():
        if there[stratum] < wanted:
            raise DataError(
                f"{name}, balanced, asks for {wanted:,} rows of {stratum!r} and {there[stratum]:,} are left",
                where=f"splits.{name}",
            )
    return _fitting(rest, room, by_stratum=True)


def _balanced(units: Sequence[Unit]) -> list[Unit]:
    """As many rows of each stratum as the smallest has, the lowest hashes first."""
    there = _sizes(units)
    room = dict.fromkeys(there, min(there.values(), default=0))
    return _fitting(sorted(units, key=lambda u: u.place), room, by_stratum=True)


def _sizes(units: Sequence[Unit]) -> Counter[str]:
    """Rows of each stratum."""
    sizes: Counter[str] = Counter()
    for unit in units:
        for stratum, count in unit.counts.items():
            sizes[stratum] += count
    return sizes


def _fitting(units: Sequence[Unit], room: dict[str, int], *, by_stratum: bool) -> list[Unit]:
    """The units that still find room, one after the other, until there is none."""
    fitting = []
    for unit in units:
        if not any(room.values()):
            break
        wants = unit.counts if by_stratum else {"": len(unit.items)}
        if all(room[stratum] >= count for stratum, count in wants.items()):
            for stratum, count in wants.items():
                room[stratum] -= count
            fitting.append(unit)
    return fitting
