"""What a first suite says where the file leaves a choice, each with its reason."""

from __future__ import annotations

from typing import NamedTuple

from harness.data.saying import counted
from harness.starting.seen import Seen

_MOST_TOGETHER = 0.1  # of the rows
_UNEVEN = 2.0  # times as many rows as its even share: then the commonest label makes accuracy look good


class Chosen(NamedTuple):
    """A value, and why.

    Attributes:
        value: As the suite has it.
        reason: One sentence or two.
    """

    value: str
    reason: str


def metric_of(seen: Seen) -> Chosen:
    """The metric that fits a task."""
    if seen.kind == "labels":
        return Chosen("micro_f1", "each label of each row counts once; exact_set would ask for all of a row's")
    if seen.kind == "fields":
        return Chosen(
            "field_f1",
            "a field that is left out and one that is made up both count; exact_object asks for all fields",
        )
    if seen.kind == "text":
        long = seen.answers is not None and seen.answers.median > 12
        if long:
            return Chosen("rouge_l", "answers are sentences: the words in the same order count")
        return Chosen("token_f1", "answers are short: the words that they share with the target count")
    labels = seen.labels
    assert labels is not None
    if labels.ordered:
        return Chosen(
            "quadratic_kappa",
            "the labels are a scale: two steps off is four times as wrong as one, and what chance would get "
            "counts for nothing; `closeness` is the mean error as a share of the scale",
        )
    even = 1 / max(1, len(labels.counts))
    if labels.commonest_share > _UNEVEN * even:
        commonest = max(labels.counts, key=lambda label: labels.counts[label])
        return Chosen(
            "macro_f1",
            f"labels are uneven: {commonest!r} alone has {labels.commonest_share:.0%} of the rows, and accuracy "
            "would hardly see the rare ones; here each label counts the same",
        )
    return Chosen("accuracy", "labels are about even, so the share of right answers says what you want to know")


def group_of(seen: Seen) -> str | None:
    """The column that must not be in two splits, where every row has it."""
    return _full(seen, seen.roles.group)


def time_of(seen: Seen) -> str | None:
    """The column of dates that every row has, in a form that leaves no doubt."""
    time = _full(seen, seen.roles.time)
    return time if time and seen.columns[time].iso else None


def near_of(seen: Seen) -> Chosen:
    """What is done with texts that are nearly the same."""
    if seen.near is None:
        return Chosen("warn", "there were too many rows to compare; `harness validate --data` counts them")
    if not seen.near.groups:
        return Chosen("warn", "none were seen; or drop, together, allow")
    said = f"{counted(seen.near.rows)} in {counted(seen.near.groups, 'group')}"
    if seen.near.rows > _MOST_TOGETHER * seen.usable:
        return Chosen(
            "warn",
            f"{said}: so many that to keep each group in one split would leave labels out of the others. What "
            "strategies remember counts for much here; drop leaves one of each, or together, allow",
        )
    return Chosen(
        "together",
        f"{said}: kept on one side of each split, so that test does not ask what train has said; or drop all but "
        "one of each, warn, allow",
    )


def _full(seen: Seen, name: str | None) -> str | None:
    return name if name and seen.columns[name].filled == len(seen.table.rows) else None
