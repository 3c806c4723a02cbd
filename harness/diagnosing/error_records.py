"""Suspect labels, errors, slices and answers that change. No text of a row is in here: rows are named by id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from harness.comparing.records import Estimate
from harness.records import Record


class Suspect(Record):
    """A row whose label may be wrong.

    Attributes:
        query_id: The row.
        split: Where it is.
        given: Its label.
        suggested: What the models say.
        probability: Of the given label, by the models.
        how: Whose probabilities.
    """

    query_id: str
    split: Literal["train", "validation", "test"]
    given: str
    suggested: str
    probability: float
    how: str


class Confusion(Record):
    """Which answers were given for which targets, over all seeds.

    Attributes:
        strategy: Which.
        labels: In the order of rows and columns.
        counts: Targets by answers; one more column counts failures.
        per_label: Label to recall, precision and F1 with their intervals, as ``recall[positive]``.
        off_by_one: Of a scale: the share of rows that were answered one step off.
        farther_off: Of a scale: the share that were answered more steps off, or not at all.
    """

    strategy: str
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    per_label: Mapping[str, Estimate] = {}
    off_by_one: Estimate | None = None
    farther_off: Estimate | None = None


class CandidateRecall(Record):
    """How often the right label was among those that a query was asked with.

    Attributes:
        strategy: Which.
        k: Labels that each query was asked with.
        labels: Labels of the task.
        test: The share of the test rows that it answered.
        validation: The share of the validation rows, measured before a test row was asked.
        words: A sentence.
    """

    strategy: str
    k: int
    labels: int
    test: Estimate
    validation: Estimate | None = None
    words: str


class FieldFigures(Record):
    """How well a strategy finds one field of a task of kind `fields`; None for what no row bears on.

    Attributes:
        strategy: Which.
        field: By dotted name.
        precision: Credit as a share of the values given.
        recall: Credit as a share of the values that there are.
        f1: Their harmonic mean.
        missing: Of the rows with a value, those whose answer leaves the key out.
        null: Of the same rows, those whose answer says null or an empty value.
        invented: Of the rows without a value, those whose answer has one.
    """

    strategy: str
    field: str
    precision: Estimate | None = None
    recall: Estimate | None = None
    f1: Estimate | None = None
    missing: Estimate | None = None
    null: Estimate | None = None
    invented: Estimate | None = None


class ErrorGroup(Record):
    """Wrong answers that have something in common.

    Attributes:
        strategy: Which.
        what: Such as ``positive answered as negative`` or ``longest quarter of the texts``.
        n: How many errors.
        of: Rows that it could have happened to.
        share: Errors among those.
        otherwise: The error rate of all other rows.
        p_value: That the two are the same (Fisher, Holm); None where it is no comparison.
        examples: Ids of some of the rows.
    """

    strategy: str
    what: str
    n: int
    of: int
    share: Estimate
    otherwise: Estimate | None = None
    p_value: float | None = None
    examples: tuple[str, ...] = ()


class SliceFigure(Record):
    """A strategy on the rows with one value in one column."""

    strategy: str
    column: str
    value: str
    figure: Estimate


class Gap(Record):
    """The largest difference between the groups of one column.

    Attributes:
        strategy: Which.
        column: The metadata column.
        best: The group with the highest figure.
        worst: The group with the lowest.
        difference: Between the two; its interval holds for every two groups of all columns and strategies at once.
        p_value: That all groups are the same, after Holm over columns and strategies.
        words: A sentence.
    """

    strategy: str
    column: str
    best: str
    worst: str
    difference: Estimate
    p_value: float
    words: str


class Flips(Record):
    """How often an answer changes when only something changes that should not matter.

    Attributes:
        strategy: Which.
        probe: typos, case, whitespace, counterfactual:GROUP or instructions.
        variant: Such as ``he->she``; empty for all together.
        share: Rows whose answer changed, of those asked both ways.
        accuracy_before: On the rows as they are.
        accuracy_after: On the changed rows.
        failed: Rows that failed when changed; not in the share.
    """

    strategy: str
    probe: str
    variant: str
    share: Estimate
    accuracy_before: Estimate | None = None
    accuracy_after: Estimate | None = None
    failed: int = 0
