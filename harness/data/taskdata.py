"""A task's data, ready for trials, and what was found out about it on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from harness.records import Brief, Example, Record

SplitName = Literal["train", "validation", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")


class SplitCounts(Record):
    """How large a split is.

    Attributes:
        rows: All of them.
        labels: How many of them have each label, the commonest first; empty for `fields` and `text`.
    """

    rows: int
    labels: Mapping[str, int] = {}


class Copy(Record):
    """One of several rows with the same text.

    Attributes:
        id: The row's.
        split: Where it went.
        place: Where it stands, such as ``reviews.csv line 4``.
        targets: What it should be answered.
    """

    id: str
    split: SplitName
    place: str
    targets: tuple[str, ...]


class Group(Record):
    """Rows with the same text.

    Attributes:
        text: As the first of them has it.
        size: How many they are.
        copies: Some of them.
    """

    text: str
    size: int
    copies: tuple[Copy, ...]


class Finding(Record):
    """How often something was found in the splits.

    Attributes:
        rows: Rows that it concerns.
        groups: Texts that it concerns.
        examples: Some of these texts, those with most rows first.
    """

    rows: int = 0
    groups: int = 0
    examples: tuple[Group, ...] = ()


class DataReport(Record):
    """What was read, what was left out, and what is doubtful about the rest. It holds texts and targets.

    All zero for rows that were handed over instead of read.

    Attributes:
        splits: Sizes and labels, by split.
        rows: Rows read from all files.
        left_out: Those that `where` left out.
        without_text: Those of the rest without a text; not used.
        without_target: Those of the rest without a target; not used.
        unused: Usable rows that are in no split, since the sizes did not ask for them.
        undecodable_bytes: Bytes that were not the encoding's, in all that was read.
        undecodable_rows: Usable rows that show U+FFFD.
        exact_within: Rows whose text stands in their split before, letter for letter.
        exact_across: Rows whose text stands in another split too, letter for letter.
        normalised_within: As `exact_within`, whatever the Unicode form, case and white space; has those too.
        normalised_across: As `exact_across`, likewise.
        conflicts: Rows of one normalised text with different targets.
        leaks: Test rows whose normalised text stands in train or validation, before any was dropped.
        dropped: Test rows that were left out for that.
        near_duplicates: Rows whose text is almost another's, in whatever split, but not the same; they are not
            looked for where the suite allows them.
        near_across: Those of them with such a row in another split.
        near_leaks: Test rows that are almost a row of train or validation, and the same as none.
        near_conflicts: Near-duplicates with different targets.
        near_dropped: Rows left out since another is almost the same.
        rare: Label to its number of different texts, of those with fewer than the suite asks for.
        rare_dropped: Rows of such labels that were left out.
        corrected: Rows with a corrected target.
        set_apart: Rows left out since their group, or what stays with them, is in another split.
        divided: How the rows were divided, in words.
        times: By split, its first and last moment, where rows are divided by time.
        warnings: What a reader must know of it, a sentence each.
    """

    splits: Mapping[SplitName, SplitCounts] = {}
    rows: int = 0
    left_out: int = 0
    without_text: int = 0
    without_target: int = 0
    unused: int = 0
    undecodable_bytes: int = 0
    undecodable_rows: int = 0
    exact_within: Finding = Finding()
    exact_across: Finding = Finding()
    normalised_within: Finding = Finding()
    normalised_across: Finding = Finding()
    conflicts: Finding = Finding()
    leaks: Finding = Finding()
    dropped: int = 0
    near_duplicates: Finding = Finding()
    near_across: Finding = Finding()
    near_leaks: Finding = Finding()
    near_conflicts: Finding = Finding()
    near_dropped: int = 0
    rare: Mapping[str, int] = {}
    rare_dropped: int = 0
    corrected: int = 0
    set_apart: int = 0
    divided: str = ""
    times: Mapping[str, tuple[str, str]] = {}
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaskData:
    """A task's rows in their splits.

    Each split stands in an order of which every beginning has its labels in proportion, and which the
    file's order does not change.

    Attributes:
        brief: What the task is.
        train: What strategies learn from.
        validation: What choices are made on.
        test: What is only ever answered.
        fingerprint: Hash of ids, texts and targets, split by split, whatever their order.
        report: What was found.
    """

    brief: Brief
    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    test: tuple[Example, ...]
    fingerprint: str
    report: DataReport
