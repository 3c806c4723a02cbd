"""Which figures a limit may name: those of the task's scorer, each label's own, and what time and money give.

accuracy  macro_f1  recall[urgent]  missing[amount]  p95_seconds  dollars_per_month  failed
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from harness.errors import suggest
from harness.models import Scorer, scorer_for
from harness.plugins import Registry
from harness.records import Brief, Kind
from harness.scoring.fieldrates import RATES
from harness.scoring.ordinal import OF_SCALE, STEPS
from harness.suite import Decide, Suite
from harness.suite.problems import Problems
from harness.suite.task import Task

SECONDS = ("p50_seconds", "p95_seconds", "p99_seconds", "prepare_seconds")
DOLLARS = ("prepare_dollars", "dollars_per_answer", "dollars_per_month")
SHARES = ("failed",)
OF_LABELS = ("precision", "recall", "f1")
COEFFICIENTS = ("mcc", "kappa", "quadratic_kappa")


@runtime_checkable
class KnowsParts(Protocol):
    """A scorer that has figures of parts of an answer beside its metrics, such as ``recall[amount]``."""

    @property
    def of_parts(self) -> Sequence[str]: ...


def known_figures(scorer: Scorer, labels: Iterable[str]) -> tuple[str, ...]:
    """Every figure that a limit may name.

    Args:
        scorer: The task's.
        labels: The task's.
    """
    of_labels = (f"{figure}[{label}]" for label in labels for figure in OF_LABELS)
    of_parts = scorer.of_parts if isinstance(scorer, KnowsParts) else ()
    return (*scorer.figures, *of_labels, *of_parts, *SECONDS, *DOLLARS, *SHARES)


def unknown(decide: Decide, known: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Limits that name none of these figures, each with where it stands and what is wrong with it."""
    for bound, limits in (("minimum", decide.minimum), ("maximum", decide.maximum)):
        for name in limits:
            if name not in known:
                yield f"decide.{bound}.{name}", f"{name!r} is no figure of these tasks; {suggest(name, known)}"


class Impossible(NamedTuple):
    """A limit that nothing can meet, or that everything meets."""

    bound: Literal["minimum", "maximum"]
    name: str
    message: str


def impossible(minimum: Mapping[str, float], maximum: Mapping[str, float]) -> Iterator[Impossible]:
    """Limits outside of what their figure can be, and two on one figure that leave nothing between them.

    Args:
        minimum: Figure to the least that is acceptable.
        maximum: Figure to the most that is acceptable.
    """
    limits: tuple[tuple[Literal["minimum", "maximum"], Mapping[str, float]], ...] = (
        ("minimum", minimum),
        ("maximum", maximum),
    )
    for bound, of in limits:
        for name, limit in of.items():
            unit = "a number of seconds" if name in SECONDS else "dollars" if name in DOLLARS else ""
            least = -1 if name in COEFFICIENTS else 0
            if unit and not 0 <= limit < math.inf:
                yield Impossible(bound, name, f"{name} is {unit}, 0 or more, which {limit:g} is not")
            if name in STEPS and not 0 <= limit < math.inf:
                yield Impossible(bound, name, f"{name} is a number of steps, 0 or more, which {limit:g} is not")
            elif name not in STEPS and not unit and not least <= limit <= 1:
                yield Impossible(bound, name, f"{name} lies between {least} and 1, which {limit:g} does not")
    for name in minimum:
        if name in maximum and minimum[name] > maximum[name]:
            told = f"at least {minimum[name]:g} and at most {maximum[name]:g} leave no {name} between them"
            yield Impossible("minimum", name, told)


def figures_of(suite: Suite, registry: Registry) -> tuple[str, ...]:
    """Every figure of any task; with the labels that the suite names."""
    known: list[str] = []
    for task in suite.tasks:
        assert task.metric is not None  # with_metrics filled it in
        known += OF_SCALE if task.ordered else ()
        scorer = scorer_for(registry.scorer_of(task.metric, task.kind).item, _brief(task))
        known += known_figures(scorer, _labels(task))
    return tuple(dict.fromkeys(known))


def may_be(name: str, suite: Suite) -> bool:
    """Whether a figure is one of a label, or of a field, that may turn up in the data."""
    figure = name.partition("[")[0] if name.endswith("]") else ""
    of_label = figure in OF_LABELS and any(
        t.kind in ("label", "labels") and t.labels == "auto" for t in suite.tasks
    )
    without_schema = any(t.kind == "fields" and t.answer_schema is None for t in suite.tasks)
    return of_label or (figure in (*OF_LABELS, *RATES) and without_schema)


def check_limits(suite: Suite, registry: Registry, problems: Problems) -> None:
    """Says so where a limit names no figure, or a price no label, of any task; labels not known yet pass."""
    for at, message in unknown(suite.decide, figures_of(suite, registry)):
        if not may_be(at.split(".", 2)[2], suite):
            problems.add(at.rpartition(".")[0] if "[" in at else at, message)
    for limit in impossible(suite.decide.minimum, suite.decide.maximum):
        at = f"decide.{limit.bound}"
        problems.add(at if "[" in limit.name else f"{at}.{limit.name}", limit.message)
    for message in unpriced(suite.decide, [(task.kind, _labels(task)) for task in suite.tasks]):
        if not any(task.labels == "auto" for task in suite.tasks):
            problems.add("decide.error_price", message)


def unpriced(decide: Decide, tasks: Iterable[tuple[Kind, Sequence[str]]]) -> Iterable[str]:
    """What is wrong with prices of errors by label, where no task has all of the labels that they name.

    Args:
        decide: The user's.
        tasks: The kind and the labels of each task.
    """
    named = priced_labels(decide)
    closed = [labels for kind, labels in tasks if kind == "label"]
    if not named or any(named <= set(labels) for labels in closed):
        return
    if not closed:
        yield "prices by label are for tasks of kind 'label', and there is none; give one number"
    for name in sorted(named - {label for labels in closed for label in labels}) if closed else ():
        yield f"{name!r} is no label; {suggest(name, [label for labels in closed for label in labels])}"


def priced_labels(decide: Decide) -> set[str]:
    """Labels that prices of errors name; none where the price is one number."""
    price = decide.error_price
    if not isinstance(price, Mapping):
        return set()
    return {*price, *(answer for row in price.values() for answer in row)}


def _brief(task: Task) -> Brief:
    """As far as figures go by it; rows are not read yet."""
    return Brief(
        name=task.name,
        instructions=task.instructions,
        kind=task.kind,
        ordered=task.ordered,
        answer_schema=task.answer_schema if isinstance(task.answer_schema, Mapping) else None,
        match={name: how.model_dump() for name, how in task.matchers.items()},
    )


def _labels(task: Task) -> tuple[str, ...]:
    return () if isinstance(task.labels, str) else tuple(task.labels)
