from __future__ import annotations

from harness import Message, Query
from harness.prompts import request
from harness.records import Brief, Example
from harness.turns import ASSISTANT_FIRST, all_turns, alternating, key_of

LABEL = Brief(name="t", instructions="Which?", kind="label", labels={"a": "", "b": ""})
FREE = Brief(name="t", instructions="Be kind.", kind="text")
HEAD = "Which?\nAnswer with one of: a, b."


def said(*turns: str) -> tuple[Message, ...]:
    """Turns such as ``user: hi``."""
    parts = [turn.partition(": ") for turn in turns]
    return tuple(Message.model_validate({"role": role, "content": content}) for role, _, content in parts)


def asked(brief: Brief, *turns: str, text: str = "yes", shown: tuple[Example, ...] = ()) -> list[str]:
    query = Query(id="q", text=text, history=said(*turns))
    return [f"{m.role}: {m.content}" for m in request(brief, query, demonstrations=shown).messages]


def test_the_last_turn_comes_first_where_roles_are_not_seen() -> None:
    query = Query(id="q", text="yes", history=said("user: hi", "assistant: shall I?"))
    assert "yes\nshall I?\nhi" == all_turns(query)
    assert "yes  " == all_turns(Query(id="q", text="yes  "))


def test_other_earlier_turns_make_another_question_and_other_spaces_do_not() -> None:
    one = Query(id="1", text="Yes", history=said("user: A card"))
    assert key_of(one) == key_of(Query(id="2", text="yes ", history=said("user: a  card")))
    others = [("user: a limit",), ("assistant: a card",), ("user: a", "user: card"), ()]
    assert key_of(one) not in {key_of(Query(id="2", text="yes", history=said(*turns))) for turns in others}


def test_turns_alternate_behind_one_system_message() -> None:
    turns = said(
        "system: Short.", "user: a", "user: b", "assistant: c", "system: Short.", "system: Now.", "user: d"
    )
    assert said("system: Short.", "user: a\n\nb", "assistant: c", "user: Now.\n\nd") == alternating(turns)


def test_a_conversation_that_the_assistant_begins_is_begun_for_the_user() -> None:
    assert [
        f"user: {ASSISTANT_FIRST}",
        "assistant: Hello?",
        f"user: {HEAD}\n\nyes",
    ] == asked(LABEL, "assistant: Hello?")
    assert ["user: Be kind.", "assistant: Hello?", "user: yes"] == asked(FREE, "assistant: Hello?")


def test_instructions_open_a_conversation_of_which_the_answer_is_the_next_turn() -> None:
    assert ["system: Short.", "user: Be kind.\n\nhi", "assistant: yes?", "user: yes"] == asked(
        FREE, "system: Short.", "user: hi", "assistant: yes?"
    )


def test_a_demonstration_with_turns_of_its_own_stays_apart_from_the_next() -> None:
    shown = Example(query=Query(id="s", text="no", history=said("assistant: Card?")), targets=("b",))
    assert [
        f"user: {ASSISTANT_FIRST}",
        "assistant: Card?",
        f"user: {HEAD}\n\nno",
        "assistant: b",
        f"user: {ASSISTANT_FIRST}",
        "assistant: Limit?",
        f"user: {HEAD}\n\nyes",
    ] == asked(LABEL, "assistant: Limit?", shown=(shown,))


def test_two_turns_of_the_user_in_a_row_are_one() -> None:
    assert [f"user: hi\n\n{HEAD}\n\nyes"] == asked(LABEL, "user: hi")
