"""Leaving the unsure answers to people: what is wrong among the rest, and what the people cost.

coverage  threshold  risk
0.25      0.97       0.013 (0.002 to 0.070, n = 76)
0.75      0.81       0.044 (0.024 to 0.080, n = 226)
1.00      0.50       0.087 (0.060 to 0.124, n = 300)

Of several seeds the first is looked at: a threshold belongs to one fitted strategy and means nothing to another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harness.comparing.evidence import Contender, TaskEvidence, Trial
from harness.comparing.records import StrategyFigures
from harness.diagnosing.records import RiskPoint, Selective
from harness.diagnosing.saying import share, told
from harness.diagnosing.sureness import Sureness, of_test, of_validation, settled
from harness.diagnosing.threshold import Levels, holding, levels, rows_needed
from harness.numbers import count, dollars, proportion

POINTS = 20


class Chosen(NamedTuple):
    """What validation said.

    Attributes:
        threshold: None where none holds the ceiling for sure.
        rows: Validation rows.
        needed: Rows that would allow a threshold; None where there is one, or where none would.
    """

    threshold: float | None
    rows: int
    needed: int | None = None


def selectives(evidence: TaskEvidence, figures: Sequence[StrategyFigures]) -> tuple[Selective, ...]:
    """Risk and coverage of every strategy that tells probabilities; only for tasks of kind `label`.

    The curve (El-Yaniv and Wiener, 2010, "On the foundations of noise-free selective classification"; Geifman and
    El-Yaniv, 2017) is that of the test rows, with Wilson intervals for each point by itself. The threshold is
    chosen on validation alone, by `threshold.holding`. A row that failed is never answered: it is left to people.

    A strategy that chose its own settings on the validation rows may be a little too sure of them; whether the
    ceiling held on test is the check of that.
    """
    if evidence.brief.kind != "label":
        return ()
    with_result = {each.name for each in figures if each.value is not None}
    found = (_selective(evidence, each) for each in settled(evidence) if each.name in with_result)
    return tuple(each for each in found if each is not None)


def risk_points(found: Levels, rows: int) -> tuple[RiskPoint, ...]:
    """At most 20 points of the curve, the surest answers first, from what was found on `rows` rows."""
    import numpy as np

    wanted = np.ceil(np.arange(1, POINTS + 1) / POINTS * found.answered[-1])
    kept = np.unique(np.searchsorted(found.answered, wanted))
    return tuple(
        RiskPoint(
            coverage=float(found.answered[i]) / rows,
            threshold=float(found.threshold[i]),
            risk=share(int(found.wrong[i]), int(found.answered[i])),
        )
        for i in kept
    )


def _selective(evidence: TaskEvidence, contender: Contender) -> Selective | None:
    trial, validation = looked_at(evidence, contender)
    test = of_test(evidence, trial)
    found = levels(test.confidence, test.right)
    if not len(found.answered):
        return None
    rows, ceiling = len(evidence.test), evidence.decide.maximum_error
    curve = Selective(strategy=contender.name, points=risk_points(found, rows), ceiling=ceiling)
    seeds = len(contender.answered)
    note = "" if seeds == 1 else f" All of this is of seed {trial.header.key.seed}, one of {seeds} trials."
    if ceiling is None:
        return curve.model_copy(update={"words": _of_curve(curve.points) + note})
    if validation is None:
        words = (
            "No threshold can be chosen: the validation rows were not asked. Run again with `maximum_error` under"
            " `decide` in the suite."
        )
        return curve.model_copy(update={"words": words})
    chosen = _choose(validation, ceiling)
    update: dict[str, object] = {"validation_rows": chosen.rows, "threshold": chosen.threshold}
    if chosen.threshold is None:
        return curve.model_copy(update=update | {"words": _of_none(chosen, ceiling) + note})
    answered = test.confidence >= chosen.threshold
    kept, wrong = int(answered.sum()), int((answered * (1 - test.right)).sum())
    update |= _on_test(evidence, kept, wrong)
    found_all = curve.model_copy(update=update)
    return found_all.model_copy(update={"words": _of_threshold(found_all) + note})


def looked_at(evidence: TaskEvidence, contender: Contender) -> tuple[Trial, Sureness | None]:
    """The first trial whose validation answers are there, else the first."""
    for trial in contender.answered:
        validation = of_validation(evidence, trial)
        if validation is not None:
            return trial, validation
    return contender.answered[0], None


def _choose(validation: Sureness, ceiling: float) -> Chosen:
    found, rows = levels(validation.confidence, validation.right), len(validation.right)
    threshold = holding(found, ceiling)
    if threshold is not None:
        return Chosen(threshold, rows)
    return Chosen(None, rows, rows_needed(found, rows, ceiling))


def _on_test(evidence: TaskEvidence, kept: int, wrong: int) -> dict[str, object]:
    decide, rows = evidence.decide, len(evidence.test)
    risk = share(wrong, kept) if kept else None
    held = None
    if risk is not None and decide.maximum_error is not None and risk.high is not None:
        held = True if risk.high <= decide.maximum_error else False if risk.value > decide.maximum_error else None
    left = 1 - kept / rows
    review = None
    if decide.review_price is not None and decide.answers_per_month is not None:
        review = decide.review_price * decide.answers_per_month * left
    return {"coverage": share(kept, rows), "risk": risk, "held": held, "review_per_month": review}


def _of_curve(points: Sequence[RiskPoint]) -> str:
    half = min(points, key=lambda point: abs(point.coverage - 0.5))
    last = points[-1]
    words = f"Of all that it answers {told(last.risk)} is wrong"
    if half is not last:
        words += f"; of the surest {proportion(half.coverage)} of the rows {told(half.risk)}"
    return words + ". Give `maximum_error` under `decide` to have a threshold chosen."


def _of_none(chosen: Chosen, ceiling: float) -> str:
    words = (
        f"No threshold holds {proportion(ceiling)} wrong for sure on {count(chosen.rows)} validation rows: all"
        " would be left to people."
    )
    if chosen.needed is None:
        return words + " More rows like these would not help: even its surest answers are wrong too often."
    about = _rounded(chosen.needed)
    return words + f" About {count(about)} validation rows would allow one, if more were like these."


def _of_threshold(found: Selective) -> str:
    assert found.threshold is not None
    assert found.ceiling is not None
    assert found.coverage is not None
    words = (
        f"Answered where it is at least {proportion(found.threshold)} sure, chosen on"
        f" {count(found.validation_rows)} validation rows for at most {proportion(found.ceiling)} wrong."
    )
    if found.risk is None:
        return words + f" On test it is never so sure: all {count(found.coverage.n)} rows would go to people."
    words += f" On test it answers {told(found.coverage)} of the rows, and of those {told(found.risk)} is wrong: "
    words += {
        True: "within the ceiling even at its upper end.",
        False: "above the ceiling, which did not hold.",
        None: "within the ceiling, but too few rows to be sure of it.",
    }[found.held]
    left = proportion(1 - found.coverage.value)
    if found.review_per_month is None:
        return words + f" People answer the other {left}."
    return words + f" People answer the other {left}, for {dollars(found.review_per_month)} a month."


def _rounded(rows: int) -> int:
    """Up to two digits: it is no more exact than that."""
    unit = int(10 ** max(0, len(str(rows)) - 2))
    return -(-rows // unit) * unit
