from __future__ import annotations

import pytest
from pydantic import ValidationError

from harness.errors import SuiteError
from harness.models import Completion
from harness.prompts import Wording, answer_text, head, read, request
from harness.records import Brief, Example, Failed, Message, Prediction, Query, Usage

MOOD = Brief(
    name="mood",
    instructions="What is the mood?",
    kind="label",
    labels={"positive": "", "neutral": "", "negative": "complaints too"},
)


def query(text: str, history: tuple[Message, ...] = ()) -> Query:
    return Query(id=f"id of {text}", text=text, history=history)


def said(text: str, **more: object) -> Completion:
    return Completion.model_validate({"text": text, "usage": Usage(model="m"), **more})


def turns(*args: Example, ask: Query, wording: Wording | None = None) -> list[tuple[str, str]]:
    return [(m.role, m.content) for m in request(MOOD, ask, wording=wording, demonstrations=args).messages]


HEAD = "What is the mood?\n- negative: complaints too\nAnswer with one of: positive, neutral, negative."


def test_a_plain_prompt_is_the_instructions_the_labels_and_the_text() -> None:
    assert [("user", f"{HEAD}\n\nfine")] == turns(ask=query("fine"))


def test_instructions_stand_once_and_demonstrations_are_turns() -> None:
    shown = [
        Example(query=query("great"), targets=("positive",)),
        Example(query=query("awful"), targets=("negative",)),
    ]
    assert [
        ("system", "Be brief."),
        ("user", f"{HEAD}\n\ngreat"),
        ("assistant", "positive"),
        ("user", "awful"),
        ("assistant", "negative"),
        ("user", "fine"),
    ] == turns(*shown, ask=query("fine"), wording=Wording(system="Be brief."))


def test_the_instructions_come_again_behind_a_conversation() -> None:
    history = (Message(role="user", content="hi"), Message(role="assistant", content="hello"))
    shown = Example(query=query("great"), targets=("positive",))
    assert [
        ("user", f"{HEAD}\n\ngreat"),
        ("assistant", "positive"),
        ("user", "hi"),
        ("assistant", "hello"),
        ("user", f"{HEAD}\n\nfine"),
    ] == turns(shown, ask=query("fine", history))


def test_passages_stand_beside_the_query_and_braces_in_a_text_are_left_alone() -> None:
    asked = request(MOOD, query("{labels} {text}"), passages=["one", "two"])
    assert f"{HEAD}\n\n[1] one\n\n[2] two\n\n{{labels}} {{text}}" == asked.messages[0].content


def test_label_words_are_asked_for_and_read_back_as_the_labels() -> None:
    wording = Wording(label_words={"positive": "good", "negative": "bad"})
    assert ("good", "neutral", "bad") == request(MOOD, query("x"), wording=wording).choices
    assert "- bad: complaints too\nAnswer with one of: good, neutral, bad." in head(MOOD, wording)
    completion = said("good", probabilities={"good": 0.5, "neutral": 0.3, "bad": 0.2})
    assert Prediction(
        query_id="q", answers=("positive",), probabilities={"positive": 0.5, "neutral": 0.3, "negative": 0.2}
    ) == read(MOOD, "q", completion, wording)


def test_a_scale_shares_its_numbers_among_the_labels_in_order() -> None:
    wording = Wording(scale=10)
    expected = {str(i): "positive" for i in range(1, 5)}
    expected |= {str(i): "neutral" for i in range(5, 8)} | {str(i): "negative" for i in range(8, 11)}
    assert expected == wording.words(MOOD)
    assert "Answer with a number from 1 (positive) to 10 (negative)." in head(MOOD, wording)
    assert ["3", "6", "9"] == [answer_text(MOOD, [label], wording) for label in MOOD.labels]
    assert tuple(expected) == request(MOOD, query("x"), wording=wording).choices


def test_on_a_scale_the_numbers_of_a_label_speak_together() -> None:
    likely = {str(i): 0.0 for i in range(1, 11)} | {"1": 0.4, "8": 0.3, "10": 0.3}
    got = read(MOOD, "q", said("1", probabilities=likely), Wording(scale=10))
    assert isinstance(got, Prediction)
    assert ("negative",) == got.answers
    assert pytest.approx({"positive": 0.4, "neutral": 0.0, "negative": 0.6}) == got.probabilities
    unsure = read(MOOD, "q", said("I give it 10."), Wording(scale=10))
    assert Prediction(query_id="q", answers=("negative",)) == unsure


def test_a_label_is_understood_where_its_word_was_asked_for() -> None:
    letters = Wording(label_words={"positive": "A", "neutral": "B", "negative": "C"})
    assert Prediction(query_id="q", answers=("neutral",)) == read(MOOD, "q", said("It is neutral"), letters)
    assert Prediction(query_id="q", answers=("neutral",)) == read(
        MOOD, "q", said("It is neutral"), Wording(scale=5)
    )


def test_nonsense_and_silence_are_failures_that_quote_the_answer() -> None:
    nonsense = read(MOOD, "q", said("the weather"))
    assert isinstance(nonsense, Failed)
    assert ("not-a-label", True) == (nonsense.kind, "'the weather'" in nonsense.error)
    free = Brief(name="t", instructions="Say.", kind="text")
    silence = read(free, "q", said("  "))
    assert isinstance(silence, Failed)
    assert "empty" == silence.kind


def test_an_answer_that_was_cut_says_so() -> None:
    free = Brief(name="t", instructions="Say.", kind="text")
    cut = read(free, "q", said("long", finish="length"))
    assert Prediction(query_id="q", answers=("long",), notes={"truncated": "answer"}) == cut


def test_several_labels_are_asked_for_and_read_as_a_list() -> None:
    brief = Brief(name="t", instructions="Which?", kind="labels", labels={"a": "", "b": ""})
    assert '["a", "b"]' == answer_text(brief, ["a", "b"], Wording())
    assert () == request(brief, query("x")).choices
    assert Prediction(query_id="q", answers=("b",)) == read(brief, "q", said('["b"]'))
    assert Prediction(query_id="q", answers=()) == read(brief, "q", said("[]"))


def test_fields_are_read_as_one_json_object() -> None:
    brief = Brief(name="t", instructions="Fill in.", kind="fields", answer_schema={"type": "object"})
    assert '{"type": "object"}' in head(brief, Wording())
    assert Prediction(query_id="q", answers=('{"a": 1}',)) == read(brief, "q", said('Here:\n{"a":1}'))
    broken = read(brief, "q", said('{"a": '))
    assert isinstance(broken, Failed)
    assert "not-json" == broken.kind


def test_wordings_that_a_task_cannot_use_are_refused_with_the_value() -> None:
    with pytest.raises(SuiteError, match=r"no label 'positiv'.*Did you mean 'positive'"):
        Wording(label_words={"positiv": "good"}).check(MOOD)
    with pytest.raises(SuiteError, match="two labels have the same word"):
        Wording(label_words={"positive": "Neutral"}).check(MOOD)
    with pytest.raises(SuiteError, match=r"scale 2 .* with 3 labels"):
        Wording(scale=2).check(MOOD)
    with pytest.raises(ValidationError, match="leaves the text out"):
        Wording(query="Text:")
    with pytest.raises(ValidationError, match="give one of them"):
        Wording(scale=5, label_words={"a": "b"})
