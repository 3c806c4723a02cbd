from __future__ import annotations

import pytest

from harness import Brief, Query, Wording
from harness.prompts import head, request
from harness.records import Kind
from harness_prompting import variations as module
from harness_prompting.variations import Axis, paraphrases, variations

AXES: tuple[Axis, ...] = ("instruction", "format", "label_words", "persona", "scale")
MOOD = Brief(name="t", instructions="Mood?", kind="label", labels={"good": "", "bad": ""})


def brief_of(kind: Kind) -> Brief:
    labels = {"good": "", "bad": ""} if kind in ("label", "labels") else {}
    return Brief(name="t", instructions="Mood?", kind=kind, labels=labels)


def test_every_variation_is_in_the_documentation_of_the_module() -> None:
    names = [name for axis in AXES for name in variations(MOOD, axis)]
    assert len(names) == len(set(names)) == 9
    assert [] == [name for name in names if name not in str(module.__doc__)]


@pytest.mark.parametrize("kind", ["label", "labels", "fields", "text"])
def test_every_variation_suits_its_task_and_changes_the_prompt(kind: Kind) -> None:
    brief = brief_of(kind)
    query = Query(id="q", text="hello")
    plain = request(brief, query)
    for axis in AXES:
        for name, wording in variations(brief, axis).items():
            wording.check(brief)
            assert plain != request(brief, query, wording=wording), name


def test_open_questions_have_no_labels_to_vary() -> None:
    assert [] == [axis for axis in ("label_words", "scale") for found in variations(brief_of("text"), axis)]


def test_letters_say_which_label_they_stand_for() -> None:
    wording = variations(MOOD, "label_words")["label_words-letters"]
    assert "Mood?\nAnswer with one letter: A for good, B for bad." == head(MOOD, wording)
    assert ("A", "B") == request(MOOD, Query(id="q", text=""), wording=wording).choices


def test_options_are_listed() -> None:
    assert "Mood?\nChoose one of these:\n- good\n- bad" == head(MOOD, variations(MOOD, "format")["format-options"])


def test_one_word_is_asked_for_only_where_every_label_is_one() -> None:
    two_words = MOOD.model_copy(update={"labels": {"very good": "", "bad": ""}})
    assert "format-word" in variations(MOOD, "format")
    assert {"format-marked", "format-options"} == set(variations(two_words, "format"))


def test_paraphrases_differ_in_the_instructions_alone() -> None:
    wording = Wording(instructions="Is it good?", system="Be brief.", label_words={"good": "yes"})
    reworded = paraphrases(MOOD, wording, 3)
    assert 3 == len({each.instructions for each in reworded})
    for each in reworded:
        assert "Is it good?" in str(each.instructions)
        assert wording == each.model_copy(update={"instructions": wording.instructions})
