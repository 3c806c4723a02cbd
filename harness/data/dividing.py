"""Divides what was read by text, group and time, and says how.

splits: {group: customer, time: created, validation: 0.2, test: 0.2}

1. test        the latest fifth of the rows, in time; or from a moment on, `test: "2026-09-01"`
2. left out    older rows of customers that test has: they would be in two splits
3. the rest    validation and train, by the hash of the customer
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from harness.data.items import Item, Read
from harness.data.later import cut, moment_said
from harness.data.remarks import size_remarks
from harness.data.saying import counted
from harness.data.splits import draw, in_order
from harness.data.taskdata import SPLITS, SplitName
from harness.data.times import moments, pinned
from harness.errors import SuiteError
from harness.records import Kind
from harness.suite import Splits

_LARGE = 0.1  # of the rows in one unit: then a split's size and labels hang on that one
_PRECEDENCE: tuple[SplitName, ...] = ("test", "validation", "train")


class Divided(NamedTuple):
    """The splits, and how they were made.

    Attributes:
        splits: Their rows, each split in an order of which every beginning is stratified.
        unused: Usable rows of the main file that no split asked for.
        set_apart: Rows left out since their group, or a near-duplicate that stays with them, is in another split.
        by: How the rows were divided, in words.
        times: By split, its first and last moment, where rows are divided by time.
        remarks: What a reader must know.
    """

    splits: dict[SplitName, tuple[Item, ...]]
    unused: int
    set_apart: int
    by: str
    times: dict[SplitName, tuple[str, str]]
    remarks: list[str]


def files_of(splits: Splits) -> dict[SplitName, str]:
    """The splits that have a file of their own; a test that begins at a moment has none."""
    given: dict[SplitName, object] = {
        "train": splits.train,
        "validation": splits.validation,
        "test": splits.test,
    }
    files = {name: share for name, share in given.items() if isinstance(share, str)}
    if splits.time is not None and "test" in files:
        if pinned(files["test"]) is None:
            raise SuiteError(
                f"`time` takes the latest rows as test, and test names {files['test']!r}: give a count, a "
                "fraction or a moment such as '2026-09-01', or leave `time` out",
                where="data.splits.test",
            )
        del files["test"]
    return files


def divide(
    main: Read | None, own: Mapping[SplitName, Read], splits: Splits, kind: Kind, together: Sequence[Sequence[int]]
) -> Divided:
    """Divides rows among the splits.

    Args:
        main: The main file, where any split is drawn from it.
        own: The splits' own files.
        splits: What the suite asks for.
        kind: The task's.
        together: Indices of rows of the main file that stay together beyond what text and group say.

    Raises:
        SuiteError: A size is no size.
        DataError: A split asks for more rows than there are, or a date cannot be read.
    """
    fixed: dict[SplitName, tuple[Item, ...]] = {name: read.items for name, read in own.items()}
    drawn: dict[SplitName, tuple[Item, ...]] = {}
    remarks: list[str] = []
    apart = 0
    if main is not None:
        rest, sizes = list(range(len(main.items))), splits
        if splits.time is not None:
            late = cut(main.items, splits)
            drawn["test"] = tuple(main.items[i] for i in late.test)
            remarks.append(late.remark)
            rest, sizes = late.rest, splits.model_copy(update={"test": "is drawn"})
        taken = _groups([*drawn.get("test", ()), *(item for of in fixed.values() for item in of)])
        bound = _bound(together, set(range(len(main.items))) - set(rest))
        kept = [i for i in rest if main.items[i].group.strip() not in taken and i not in bound]
        apart = len(rest) - len(kept)
        number = {index: place for place, index in enumerate(kept)}
        joined = [[number[i] for i in group if i in number] for group in together]
        drawn |= draw([main.items[i] for i in kept], sizes, kind, [group for group in joined if len(group) > 1])
    usable = len(main.items) if main is not None else 0
    unused = usable - apart - sum(map(len, drawn.values()))
    remarks += size_remarks(drawn, splits)
    whole, more = _disjoint({**fixed, **drawn})
    apart += more
    remarks += _group_remarks(whole, splits, apart, bool(together))
    read = [*(main.items if main is not None else ()), *(item for of in fixed.values() for item in of)]
    ordered = {name: in_order(whole[name], splits.seed, kind) for name in SPLITS}
    return Divided(ordered, unused, apart, said(splits, bool(together)), _times(ordered, read, splits), remarks)


def said(splits: Splits, together: bool) -> str:
    """How rows are divided, such as ``by time ('created'), then by a hash of 'customer'``."""
    key = f"{splits.group!r}" if splits.group else "the text"
    near = ", near-duplicates together" if together else ""
    counts = any(isinstance(share, int) for share in (splits.train, splits.validation, splits.test))
    hashed = f"by a hash of {key}{near}{', stratified by label' if counts else ''}"
    return f"test is the latest by {splits.time!r}; the rest {hashed}" if splits.time else hashed


def _groups(items: Collection[Item]) -> set[str]:
    return {item.group.strip() for item in items} - {""}


def _bound(together: Sequence[Sequence[int]], test: set[int]) -> set[int]:
    """Rows that would have to be in test with a row that stays with them."""
    return {i for group in together if not test.isdisjoint(group) for i in group if i not in test}


def _disjoint(
    splits: Mapping[SplitName, tuple[Item, ...]],
) -> tuple[dict[SplitName, tuple[Item, ...]], int]:
    """Each group in one split only: test keeps its rows, then validation; and how many rows that left out."""
    seen: set[str] = set()
    kept: dict[SplitName, tuple[Item, ...]] = {}
    for name in _PRECEDENCE:
        kept[name] = tuple(item for item in splits[name] if item.group.strip() not in seen)
        seen |= _groups(kept[name])
    return kept, sum(len(splits[name]) - len(kept[name]) for name in _PRECEDENCE)


def _group_remarks(
    splits: Mapping[SplitName, Sequence[Item]], column: Splits, apart: int, together: bool
) -> list[str]:
    remarks = []
    if column.group is not None:
        sizes = Counter(item.group.strip() for of in splits.values() for item in of)
        blank = sizes.pop("", 0)
        if not sizes:
            return [f"No row has a {column.group!r}, which the suite groups by: each row stands alone."]
        (_, most), *_ = sizes.most_common(1)
        alone = f" {counted(blank)} without one stand alone." if blank else ""
        remarks.append(
            f"Rows of one {column.group!r} are in one split: {counted(len(sizes), 'value')}, "
            f"the largest of {counted(most)}.{alone}"
        )
        rows = sum(map(len, splits.values()))
        if most > _LARGE * rows:
            remarks.append(
                f"One {column.group!r} has {counted(most)} of the {rows:,} in the splits: sizes and labels of the "
                "split that it went to hang on it."
            )
    if apart:
        why = f"whose {column.group!r} test or validation has too" if column.group else ""
        near = "that are near-duplicates of later ones in test" if together else ""
        reasons = " or ".join(part for part in (why, near) if part)
        remarks.append(f"{counted(apart)} {reasons} were left out, so that none stands on both sides.")
    return remarks


def _times(
    splits: Mapping[SplitName, Sequence[Item]], read: Sequence[Item], asked: Splits
) -> dict[SplitName, tuple[str, str]]:
    if asked.time is None:
        return {}
    # Day and month first are told from all rows of the column, those too that no split has.
    found = moments([item.time for item in read], [item.place for item in read], asked.time)
    when = {id(item): moment for item, moment in zip(read, found, strict=True)}
    spans = {name: [when[id(item)] for item in of] for name, of in splits.items()}
    return {name: (moment_said(min(each)), moment_said(max(each))) for name, each in spans.items() if each}
