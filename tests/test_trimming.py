from __future__ import annotations

from harness import Brief, Failed, Message, Prediction, Prompted, Query
from harness.testing import ScriptedModel
from harness.trimming import noted, without_oldest

BRIEF = Brief(name="t", instructions="Which?", kind="label", labels={"a": "", "b": ""}, max_output_tokens=2)


def dialogue(turns: int, text: str = "yes") -> Query:
    history = [Message(role=("user", "assistant")[i % 2], content=f"turn {i} of many words") for i in range(turns)]
    return Query(id="q", text=text, history=(Message(role="system", content="kind"), *history))


def asked(query: Query, window: int, brief: Brief = BRIEF) -> tuple[list[str], Prediction | Failed]:
    with ScriptedModel(window=window).open() as model:
        assert model.chat is not None
        prompted = Prompted(model.chat, brief)
        (outcome,) = prompted.answer([query])
        request = prompted.request(query)
        assert not isinstance(request, Failed)
        return [message.content for message in request.messages], outcome


def test_the_oldest_turns_go_until_the_prompt_fits_and_the_prediction_says_so() -> None:
    messages, outcome = asked(dialogue(8), 40)
    assert isinstance(outcome, Prediction)
    assert {"truncated": "history"} == outcome.notes
    assert ["kind", "turn 4 of many words", "turn 5 of many words"] == messages[:3]
    assert 38 >= sum(len(content.split()) + 1 for content in messages) > 38 - 6


def test_what_fits_is_left_whole_and_unnoted() -> None:
    messages, outcome = asked(dialogue(8), 400)
    assert isinstance(outcome, Prediction)
    assert (10, {}) == (len(messages), outcome.notes)


def test_a_text_that_does_not_fit_alone_fails_and_so_does_a_long_dialogue_where_long_says_fail() -> None:
    _, alone = asked(dialogue(2, "word " * 50), 30)
    _, refused = asked(dialogue(8), 40, BRIEF.model_copy(update={"long": "fail"}))
    assert ["too-long", "too-long"] == [o.kind for o in (alone, refused) if isinstance(o, Failed)]


def test_system_turns_stay() -> None:
    assert ["kind", "turn 2 of many words"] == [m.content for m in without_oldest(dialogue(3), 2).history]


def test_notes_name_all_that_was_truncated() -> None:
    both = noted({"truncated": "answer", "k": "1"}, {"truncated": "history"})
    assert {"truncated": "history, answer", "k": "1"} == both
    assert {"k": "1"} == noted({"k": "1"}, {})
