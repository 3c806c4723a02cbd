"""The scorers that come with the harness, one for each kind of task.

A metric is looked up among the scorers of the task's kind, so that `macro_f1` of a `labels` task is not that
of a `label` task. Libraries (numpy, sacrebleu, rouge_score) are loaded when a scorer is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.hookspecs import RegisterScorer, hookimpl

if TYPE_CHECKING:
    from harness.models import Scorer
    from harness.records import Kind

_DEFAULTS: dict[Kind, str] = {
    "label": "accuracy",
    "labels": "micro_f1",
    "fields": "field_accuracy",
    "text": "token_f1",
}


@hookimpl
def harness_register_scorers(register: RegisterScorer) -> None:
    for name, scorer in builtin_scorers().items():
        register(name, scorer)


def builtin_scorers() -> dict[str, Scorer]:
    """The built-in scorers by the name that they are registered under."""
    from harness.scoring.fields import FieldsScorer
    from harness.scoring.label import LabelScorer
    from harness.scoring.labels import LabelsScorer
    from harness.scoring.ordinal import OrdinalScorer
    from harness.scoring.text import TextScorer

    return {
        "label": LabelScorer(),
        "labels": LabelsScorer(),
        "ordinal": OrdinalScorer(),
        "json-fields": FieldsScorer(),
        "text": TextScorer(),
    }


def default_metric(kind: Kind) -> str:
    """The metric of a task that names none."""
    return _DEFAULTS[kind]
