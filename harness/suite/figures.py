"""Which figures a limit may name: those of the task's scorer, each label's own, and what time and money give.

accuracy  macro_f1  recall[urgent]  p95_seconds  dollars_per_month  failed
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.errors import suggest
from harness.models import Scorer
from harness.plugins import Registry
from harness.suite import Decide, Suite
from harness.suite.problems import Problems

SECONDS = ("p50_seconds", "p95_seconds", "p99_seconds", "prepare_seconds")
DOLLARS = ("prepare_dollars", "dollars_per_answer", "dollars_per_month")
SHARES = ("failed",)
OF_LABELS = ("precision", "recall", "f1")


def known_figures(scorer: Scorer, labels: Iterable[str]) -> tuple[str, ...]:
    """Every figure that a limit may name.

    Args:
        scorer: The task's.
        labels: The task's.
    """
    of_labels = (f"{figure}[{label}]" for label in labels for figure in OF_LABELS)
    return (*scorer.figures, *of_labels, *SECONDS, *DOLLARS, *SHARES)


def unknown(decide: Decide, known: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Limits that name none of these figures, each with where it stands and what is wrong with it."""
    for bound, limits in (("minimum", decide.minimum), ("maximum", decide.maximum)):
        for name in limits:
            if name not in known:
                yield f"decide.{bound}.{name}", f"{name!r} is no figure of these tasks; {suggest(name, known)}"


def check_limits(suite: Suite, registry: Registry, problems: Problems) -> None:
    """Says so where a limit of the suite names no figure of any task; labels that are not known yet pass."""
    known: list[str] = []
    auto = any(task.labels == "auto" for task in suite.tasks)
    for task in suite.tasks:
        assert task.metric is not None  # with_metrics filled it in
        labels = () if isinstance(task.labels, str) else tuple(task.labels)
        known += known_figures(registry.scorer_of(task.metric, task.kind).item, labels)
    for at, message in unknown(suite.decide, list(dict.fromkeys(known))):
        of_a_label = at.split(".", 2)[2].partition("[")[0] in OF_LABELS and at.endswith("]")
        if not (auto and of_a_label):
            problems.add(at.rpartition(".")[0] if "[" in at else at, message)
