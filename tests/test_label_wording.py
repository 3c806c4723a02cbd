"""Aliases, codes and scales in prompts and in what is read back."""

from __future__ import annotations

import json

import pytest

from harness import Brief, Completion, Example, Failed, Prediction, Query, Usage, Wording
from harness.answers import find_label, may_go_on
from harness.prompts import answer_text, head, read, request

CARDS = Brief(
    name="cards",
    instructions="What is it about?",
    kind="label",
    labels={"B12": "Card declined: the bank refused", "B13": "Wrong PIN", "other": ""},
    aliases={"B12": ("refused card",), "other": ("none of them",)},
    label_words={"B12": "Card declined", "B13": "Wrong PIN"},
)


def said(text: str, brief: Brief = CARDS, **more: object) -> Prediction | Failed:
    fields = {"text": text, "usage": Usage(model="m"), **more}
    return read(brief, "q", Completion.model_validate(fields))


def test_a_code_is_asked_and_scored_by_its_words_and_its_name_is_not_shown() -> None:
    asked = request(CARDS, Query(id="q", text="my card!"))
    assert ("Card declined", "Wrong PIN", "other") == asked.choices
    expected = (
        "What is it about?\n- Card declined: the bank refused\n"
        "Answer with one of: Card declined, Wrong PIN, other.\n\nmy card!"
    )
    assert expected == asked.messages[0].content


def test_demonstrations_and_training_say_the_words_too() -> None:
    shown = Example(query=Query(id="d", text="pin?"), targets=("B13",))
    asked = request(CARDS, Query(id="q", text="my card!"), demonstrations=[shown])
    assert "Wrong PIN" == asked.messages[1].content == answer_text(CARDS, ("B13",), Wording())
    several = CARDS.model_copy(update={"kind": "labels"})
    assert ["Card declined", "other"] == json.loads(answer_text(several, ("B12", "other"), Wording()))


def test_a_wording_s_own_words_come_before_the_task_s() -> None:
    assert ("no", "Wrong PIN", "other") == request(
        CARDS, Query(id="q", text="x"), wording=Wording(label_words={"B12": "no"})
    ).choices


@pytest.mark.parametrize(
    "text", ["Card declined", "It is: card declined.", "B12", "that is a refused card", "Refused Card."]
)
def test_words_codes_and_aliases_are_read_as_the_label(text: str) -> None:
    found = said(text)
    assert isinstance(found, Prediction)
    assert ("B12",) == found.answers


def test_an_alias_beside_its_own_label_is_one_answer_and_beside_another_none() -> None:
    assert ("B12",) == getattr(said("Card declined (a refused card)"), "answers", None)
    assert "not-a-label" == getattr(said("refused card or wrong PIN"), "kind", None)


def test_several_labels_are_read_by_any_name_each_once() -> None:
    several = CARDS.model_copy(update={"kind": "labels"})
    found = said('["refused card", "Card declined", "B13"]', several)
    assert ("B12", "B13") == getattr(found, "answers", None)
    assert ("other",) == getattr(said("none of them", several), "answers", None)


def test_probabilities_come_back_by_label() -> None:
    found = said("Wrong PIN", probabilities={"Card declined": 0.2, "Wrong PIN": 0.7, "other": 0.1})
    assert {"B12": 0.2, "B13": 0.7, "other": 0.1} == getattr(found, "probabilities", None)


def test_words_with_commas_are_kept_apart() -> None:
    brief = CARDS.model_copy(update={"label_words": {"B12": "Card declined, abroad", "B13": "Wrong PIN"}})
    assert "Card declined, abroad; Wrong PIN; other." in head(brief, Wording())


def test_a_scale_s_order_is_told() -> None:
    stars = Brief(name="s", instructions="How many?", kind="label", labels=dict.fromkeys("123", ""), ordered=True)
    assert "How many?\nAnswer with one of: 1, 2, 3 (a scale, in this order)." == head(stars, Wording())


INTENTS = [f"card payment {what}{where}" for what in ("failed", "pending", "charged twice") for where in
           ("", " abroad", " abroad in cash", " online")]  # fmt: skip


@pytest.mark.parametrize("label", INTENTS)
def test_a_label_that_begins_another_is_read_as_itself(label: str) -> None:
    assert label == find_label(label.capitalize() + ".", INTENTS) == find_label(f"I say {label}, surely", INTENTS)


def test_a_cut_answer_that_may_go_on_to_another_label_is_none() -> None:
    brief = Brief(name="s", instructions="?", kind="label", labels=dict.fromkeys(INTENTS, ""))
    assert "truncated" == getattr(said("card payment failed ab", brief, finish="length"), "kind", None)
    assert ("card payment failed",) == getattr(said("card payment failed", brief), "answers", None)
    online = said("It is card payment failed online", brief, finish="length")
    assert ("card payment failed online",) == getattr(online, "answers", None)
    assert not may_go_on("card payment charged", INTENTS)
