"""Fixed rewordings: what `prompt-search` adds to the user's own wordings, and how it paraphrases each.

    name                      what it changes in the plain wording
    instruction-task          "Your task: " before the instructions
    instruction-read          "Read the text below, then answer." before the instructions
    format-marked             "Text: " before a text, "Answer:" behind it
    format-options            the allowed answers as a list instead of in a sentence
    format-word               "Answer with one word, which is one of: ...", where every label is one word
    label_words-capitalised   Positive for positive
    label_words-letters       A for the first label, B for the second, ...
    persona-expert            a system message that sets the tone
    scale-10                  a number from 1 to 10; the labels, in the suite's order, share it equally

No model writes any of them, so that a search can be repeated. Each changes one thing, so that the record shows
what that thing is worth.
"""

from __future__ import annotations

from string import ascii_uppercase
from typing import Literal

from harness import Brief, Wording

Axis = Literal["instruction", "format", "label_words", "persona", "scale"]

_PERSONA = "You are a careful expert who answers exactly what is asked and nothing else."
_PARAPHRASES = (
    "Please do this: {instructions}",
    "{instructions} Please answer for the text that follows.",
    "What follows is a question, then a text. {instructions}",
)
MOST_PARAPHRASES = len(_PARAPHRASES)


def variations(brief: Brief, axis: Axis) -> dict[str, Wording]:
    """The plain wording varied along one axis, by name; empty where the task has nothing to vary there."""
    plain = brief.instructions
    if axis == "instruction":
        return {
            "instruction-task": Wording(instructions=f"Your task: {plain}"),
            "instruction-read": Wording(instructions=f"Read the text below, then answer. {plain}"),
        }
    if axis == "format":
        return {"format-marked": Wording(query="Text: {text}\nAnswer:"), **_options(brief)}
    if axis == "label_words":
        return _words(brief)
    if axis == "persona":
        return {"persona-expert": Wording(system=_PERSONA)}
    return {"scale-10": Wording(scale=10)} if brief.kind == "label" and 2 <= len(brief.labels) <= 10 else {}


def paraphrases(brief: Brief, wording: Wording, count: int) -> list[Wording]:
    """The same wording with its instructions put in other words that mean the same."""
    instructions = wording.instructions or brief.instructions
    return [
        wording.model_copy(update={"instructions": template.replace("{instructions}", instructions)})
        for template in _PARAPHRASES[:count]
    ]


def _options(brief: Brief) -> dict[str, Wording]:
    if brief.kind not in ("label", "labels"):
        return {}
    words = Wording().words(brief)
    ask = "Choose one of these:" if brief.kind == "label" else "Answer with a JSON list of those that apply:"
    found = {"format-options": Wording(answer_format=f"{ask}\n{{list}}")}
    if brief.kind == "label" and not any(" " in word for word in words):
        found["format-word"] = Wording(answer_format="Answer with one word, which is one of: {labels}.")
    return found


def _words(brief: Brief) -> dict[str, Wording]:
    if brief.kind not in ("label", "labels"):
        return {}
    found: dict[str, Wording] = {}
    words = {label: word for word, label in Wording().words(brief).items()}
    capitals = {label: word[:1].upper() + word[1:] for label, word in words.items()}
    if capitals != words:
        found["label_words-capitalised"] = Wording(label_words=capitals)
    if brief.kind == "label" and len(brief.labels) <= len(ascii_uppercase):
        letters = dict(zip(brief.labels, ascii_uppercase, strict=False))
        key = ", ".join(f"{letter} for {words[label]}" for label, letter in letters.items())
        found["label_words-letters"] = Wording(
            label_words=letters, answer_format=f"Answer with one letter: {key}."
        )
    return found
