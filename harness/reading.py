"""From a completion to a prediction: what a model said, as far as the task allows it. Pure.

kind label    "It is a refund, I think."          -> refund
kind labels   '["billing", "refund"]'             -> billing, refund
kind fields   'Sure: {"name": "Ann"}'             -> {"name": "Ann"}
              "I cannot say."                     -> a failure: not-a-label, not-json
"""

from __future__ import annotations

from harness.answers import alias_names, find_all_named, find_object, may_go_on, named, own_names
from harness.models import Completion
from harness.records import Brief, Failed, Prediction
from harness.wording import Wording


def read(
    brief: Brief, query_id: str, completion: Completion | Failed, wording: Wording | None = None
) -> Prediction | Failed:
    """What a completion says, as a prediction; a failure where it says nothing that the task allows."""
    if isinstance(completion, Failed):
        return completion.model_copy(update={"query_id": query_id})
    wording = wording or Wording()
    text = completion.text.strip()
    if brief.kind == "label":
        return _read_label(brief, query_id, completion, wording)
    if brief.kind == "labels":
        those = find_all_named(text, own_names(brief) | wording.words(brief))
        if those is None:
            return _not_a_label(query_id, text)
        return Prediction(query_id=query_id, answers=tuple(those))
    notes = {"truncated": "answer"} if completion.finish == "length" else {}
    if not text:
        return Failed(query_id=query_id, kind="empty", error="the model answered with nothing")
    if brief.kind == "fields":
        found = find_object(text)
        if found is None:
            error = f"the model answered {text[:80]!r}, in which there is no JSON object"
            if completion.finish == "length":
                error += f"; it was cut at {brief.max_output_tokens} tokens (max_output_tokens)"
            return Failed(query_id=query_id, kind="not-json", error=error)
        text = found
    return Prediction(query_id=query_id, answers=(text,), notes=notes)


def _read_label(brief: Brief, query_id: str, completion: Completion, wording: Wording) -> Prediction | Failed:
    words = wording.words(brief)
    by_label: dict[str, float] = {}
    for word, probability in (completion.probabilities or {}).items():
        by_label[words[word]] = by_label.get(words[word], 0.0) + probability
    asked, known = alias_names(brief) | words, own_names(brief)
    found = named(completion.text, asked) or named(completion.text, known)
    if len(found) != 1:
        return _not_a_label(query_id, completion.text)
    label = found.pop()
    cut = completion.finish == "length" and completion.asked != "likelihood"
    if cut and may_go_on(completion.text, [*asked, *known]):
        error = f"the answer {completion.text.strip()[-80:]!r} was cut where it may go on to another label"
        return Failed(query_id=query_id, kind="truncated", error=error)
    if wording.scale and by_label:
        # Several numbers of a scale stand for one label: together they may outweigh the likeliest number.
        label = max(by_label, key=lambda each: by_label[each])
    return Prediction(query_id=query_id, answers=(label,), probabilities=by_label or None)


def _not_a_label(query_id: str, text: str) -> Failed:
    error = f"the model answered {text.strip()[:80]!r}, which names no label"
    return Failed(query_id=query_id, kind="not-a-label", error=error)
