"""All that lies behind a task's figures, part by part.

A part that cannot be computed for a plain reason, such as no metadata or one label alone, is empty and a note says
why. A bug raises.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.comparing.evidence import TaskEvidence
from harness.comparing.records import StrategyFigures
from harness.diagnosing.calibration import calibrations
from harness.diagnosing.cascade import cascades
from harness.diagnosing.columns import of_metadata
from harness.diagnosing.crossovers import crossovers
from harness.diagnosing.curves import curves
from harness.diagnosing.errors import confusions, error_groups
from harness.diagnosing.facts import facts
from harness.diagnosing.fieldwise import field_figures
from harness.diagnosing.records import Diagnosis
from harness.diagnosing.robustness import flips
from harness.diagnosing.selective import selectives
from harness.diagnosing.shortlists import candidate_recalls
from harness.diagnosing.slices import gaps, slices
from harness.diagnosing.suspects import suspects
from harness.diagnosing.training import trainings


def diagnose(
    evidence: TaskEvidence, figures: Sequence[StrategyFigures], recommended: str | None = None
) -> Diagnosis:
    """Everything that is known of a task beyond its figures.

    Args:
        evidence: The task.
        figures: Of its strategies, for what answers cost and which are worth a cascade.
        recommended: The strategy that is recommended, which cascades are held against.
    """
    notes: list[str] = []
    if not evidence.test or not any(contender.answered for contender in evidence.contenders):
        notes.append("no strategy has answered a test row yet")
        return Diagnosis(data=facts(evidence), training=trainings(evidence), notes=tuple(notes))
    if not of_metadata(evidence):
        notes.append(_no_columns(evidence))
    found = slices(evidence)
    diagnosis = Diagnosis(
        data=facts(evidence),
        calibration=calibrations(evidence),
        selective=selectives(evidence, figures),
        cascades=cascades(evidence, figures, recommended),
        curves=curves(evidence),
        crossovers=crossovers(evidence),
        training=trainings(evidence),
        suspects=suspects(evidence, notes.append),
        confusions=confusions(evidence),
        fields=field_figures(evidence),
        candidates=candidate_recalls(evidence),
        errors=error_groups(evidence),
        slices=found,
        gaps=gaps(evidence, found),
        flips=flips(evidence),
    )
    if not diagnosis.calibration:
        notes.append("calibration needs probabilities of labels, which no strategy here tells")
    return diagnosis.model_copy(update={"notes": (*notes, *_of_training(diagnosis))})


def _no_columns(evidence: TaskEvidence) -> str:
    names = sorted({name for example in evidence.test for name in example.query.metadata})
    if not names:
        return (
            "no metadata columns: slices are of the texts' length alone (columns.metadata in the suite names some)"
        )
    told = ", ".join(names)
    return f"no slices by metadata: {told} has one value alone, or too many that are no numbers"


def _of_training(diagnosis: Diagnosis) -> tuple[str, ...]:
    trained = [each for each in diagnosis.training if len(each.epochs) == 1]
    if not trained:
        return ()
    names = ", ".join(dict.fromkeys(each.strategy for each in trained))
    return (f"{names}: one epoch was trained, from which neither over- nor underfitting can be told",)
