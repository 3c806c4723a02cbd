"""What a reader must know of a task's data, one sentence for each thing.

"27,045 bytes of tweets.csv are not utf-8; they show as U+FFFD in 4,811 of the rows used. …"
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.data.checks import Findings
from harness.data.items import Item, Read
from harness.data.saying import counted, quoted
from harness.data.taskdata import Finding, SplitName
from harness.suite import Splits, Task


def read_remarks(reads: Iterable[Read], task: Task) -> list[str]:
    """Of what was read: bytes that did not decode, rows that could not be used."""
    remarks = []
    for read in reads:
        if read.undecodable:
            remarks.append(
                f"{read.undecodable:,} bytes of {read.file} are not {task.data.encoding}; they show as U+FFFD in "
                f"{read.undecodable_items:,} of the {len(read.items):,} rows that can be used. "
                "If the file has another encoding, say which: `encoding:`."
            )
        for count, column in ((read.without_text, "text"), (read.without_target, "target")):
            if count:
                remarks.append(f"{counted(count)} of {read.file} without a {column} {_were(count)} left out.")
        remarks += read.remarks
    return remarks


def size_remarks(drawn: Mapping[SplitName, Sequence[Item]], splits: Splits) -> list[str]:
    """Of splits that copies of one text, which stay together, kept from their exact count."""
    asked: Mapping[SplitName, int | float | str | None] = {
        "train": splits.train,
        "validation": splits.validation,
        "test": splits.test,
    }
    kept = f"rows of one {splits.group!r} stay together" if splits.group else "copies of one text stay together"
    late = "rows of one moment stay together"
    return [
        f"{name} has {len(items):,} rows and not {asked[name]:,}, "
        f"since {late if name == 'test' and splits.time else kept}."
        for name, items in drawn.items()
        if isinstance(asked[name], int) and len(items) != asked[name]
    ]


def copy_remarks(found: Findings) -> list[str]:
    """Of texts that stand more than once."""
    remarks = []
    repeated, across, conflicts = found.normalised_within, found.normalised_across, found.conflicts
    if repeated.rows:
        exactly = f"letter for letter in {found.exact_within.rows:,}"
        remarks.append(
            f"In {counted(repeated.rows)} a text of the same split stands again ({exactly}), "
            f"such as {_first(repeated)}."
        )
    if across.rows:
        remarks.append(
            f"In {counted(across.rows)} a text stands that another split has too, such as {_first(across)}."
        )
    if conflicts.rows:
        texts = counted(conflicts.groups, "text")
        remarks.append(
            f"In {counted(conflicts.rows)} a text stands that has different targets ({texts}), "
            f"such as {_first(conflicts)}."
        )
    return remarks


def leak_remarks(leaks: Finding, dropped: int) -> list[str]:
    """Of test rows whose text could be learnt."""
    if dropped:
        return [
            f"{counted(dropped)} of test {_were(dropped)} left out, since the text stands in train or validation."
        ]
    if leaks.rows:
        return [
            f"In {counted(leaks.rows)} of test a text stands that train or validation has too, which the suite "
            "allows: figures on test are too good for strategies that remember."
        ]
    return []


def _first(finding: Finding) -> str:
    return quoted(finding.examples[0].text)


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
