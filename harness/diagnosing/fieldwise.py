"""How well each field of an extracted object is found.

strategy  field   precision             recall                missing  null     invented
few-shot  amount  0.900 (n = 30)        0.794 (n = 34)        1 of 34  3 of 34  2 of 6
"""

from __future__ import annotations

from dataclasses import replace

from harness.comparing.evidence import TaskEvidence
from harness.comparing.figures import estimate, scored
from harness.diagnosing.error_records import FieldFigures
from harness.diagnosing.sureness import settled
from harness.scoring.fieldrates import RATES
from harness.scoring.fields import FieldsScorer

_FIGURES = ("precision", "recall", "f1", *RATES)


def field_figures(evidence: TaskEvidence) -> tuple[FieldFigures, ...]:
    """Every field of each strategy, in the schema's order; none for tasks of other kinds or without texts.

    Failed rows widen the intervals both ways, as they do everywhere.
    """
    if evidence.brief.kind != "fields" or evidence.forgotten:
        return ()
    scorer = FieldsScorer().of_task(evidence.brief)
    evidence = replace(evidence, scorer=scorer)
    found = []
    for contender in settled(evidence):
        trials = scored(contender)
        for name in scorer.fields:
            told = {figure: estimate(evidence, trials, f"{figure}[{name}]") for figure in _FIGURES}
            found.append(FieldFigures(strategy=contender.name, field=name, **told))
    return tuple(found)
