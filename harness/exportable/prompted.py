"""Exports what asks a chat model: how the question is put, how the answer is read, as one JSON file.

prompt.json   {"opening": "Is this tweet …", "words": {"positive": "positive"}, "calibration": {…}, …}
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import JsonValue

from harness.calibration import Calibration
from harness.errors import SuiteError
from harness.exportable import ExportTarget
from harness.exportable.texts import export_cutting, export_turns
from harness.prompted import Prompted
from harness.prompts import answer_text, head
from harness.records import Example

_STANDALONE = Path(__file__).parent / "templates"


def export_prompted(
    target: ExportTarget,
    model: str,
    prompted: Prompted,
    *,
    tuned: Path | None = None,
    shown: Iterable[Example] | None = None,
    budget: JsonValue = None,
) -> None:
    """Writes a fitted prompt: `strategy.py`, `prompting.py`, `reading.py`, `prompt.json`, and the chat model.

    Args:
        target: Where to.
        model: The chat model's name in the suite.
        prompted: What the strategy fitted.
        tuned: The folder of what was tuned from the model.
        shown: Demonstrations before every query, where `prompted` has a builder of its own.
        budget: ``{"limit": tokens, "seen": characters}``: texts longer than `seen` are shown fewer demonstrations,
            until the prompt keeps within `limit`.

    Raises:
        SuiteError: Its answers are adjusted by more than a calibration.
    """
    export_prompt(target, model, prompted, tuned=tuned)
    target.code("strategy.py", _STANDALONE / "prompted.py")
    rows = prompted.demonstrations if shown is None else shown
    target.lines("demonstrations.jsonl", [demonstration(prompted, each) for each in rows])
    target.json("budget.json", budget)


def export_prompt(target: ExportTarget, model: str, prompted: Prompted, *, tuned: Path | None = None) -> None:
    """Writes what a prompt is made of and read by, for a strategy that brings its own `strategy.py`.

    Raises:
        SuiteError: Its answers are adjusted by more than a calibration.
    """
    brief, wording = prompted.brief, prompted.wording
    target.json(
        "prompt.json",
        {
            "kind": brief.kind,
            "labels": list(brief.labels),
            "system": wording.system,
            "opening": head(brief, wording) + "\n\n",
            "query": wording.query,
            "words": dict(wording.words(brief)),
            "names": {alias: label for label, names in brief.aliases.items() for alias in names},
            "scale": wording.scale,
            "schema": None if brief.answer_schema is None else dict(brief.answer_schema),
            "long": brief.long,
            "max_tokens": brief.max_output_tokens,
            "calibration": calibration_of(prompted).model_dump(mode="json", include={"rule", "prior", "bias"}),
        },
    )
    target.code("prompting.py", _STANDALONE / "prompting.py")
    target.code("shortening.py", _STANDALONE / "shortening.py")
    export_turns(target)
    export_cutting(target)
    target.model("chat", model, tuned)


def demonstration(prompted: Prompted, example: Example) -> JsonValue:
    """A training row as a prompt shows it."""
    return {
        "text": example.query.text,
        "history": [turn.model_dump() for turn in example.query.history],
        "answer": answer_text(prompted.brief, example.targets, prompted.wording),
        "labels": list(example.targets) if prompted.brief.kind in ("label", "labels") else [],
    }


def calibration_of(prompted: Prompted) -> Calibration:
    """How its likelihoods become probabilities.

    Raises:
        SuiteError: By something else than a calibration.
    """
    if prompted.adjust is None:
        return Calibration()
    found = getattr(prompted.adjust, "__self__", None)
    if not isinstance(found, Calibration):
        raise SuiteError(f"its answers are adjusted by {prompted.adjust!r}, which cannot be exported")
    return found


def refuse_what_differs(fitted: object) -> None:
    """Refuses what would be answered otherwise without the harness.

    Raises:
        SuiteError: It is asked with candidate labels.
    """
    if isinstance(fitted, Prompted) and fitted.choices_vary:
        raise SuiteError(
            "each query is asked with candidate labels of its own, which an export does not do yet: its answers"
            " would differ. `harness serve` and `harness predict` answer with it"
        )
