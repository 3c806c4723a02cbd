from __future__ import annotations

import json
import re

import pytest

from harness.data.turning import Turning


def turns(cell: str, **speakers: str) -> list[tuple[str, str]]:
    return [(m.role, m.content) for m in Turning(speakers).turns(cell)]  # type: ignore[arg-type]


HELLO = [("user", "hi"), ("assistant", "hello\nhow can I help?")]


@pytest.mark.parametrize(
    "cell",
    [
        '[{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello\\nhow can I help?"}]',
        '{"conversations": [{"from": "human", "value": "hi"}, '
        '{"from": "gpt", "value": "hello\\nhow can I help?"}]}',
        '[{"role": "user", "content": [{"type": "text", "text": "hi"}]}, '
        '{"role": "assistant", "content": [{"type": "text", "text": "hello"}, "how can I help?"]}]',
        "Customer: hi\nAgent: hello\nhow can I help?",
        "[10:02] caller : hi\n10:03 Agent 2: hello\nhow can I help?\n",
    ],
)
def test_however_turns_are_written_they_are_the_same(cell: str) -> None:
    assert HELLO == turns(cell)


def test_a_blank_cell_has_no_turns_and_neither_has_who_says_nothing() -> None:
    assert [] == turns(" \n")
    assert [] == turns("[]")
    assert [("user", "hi")] == turns('[{"role": "user", "content": "hi"}, {"role": "assistant", "content": " "}]')


def test_a_colon_in_a_turn_begins_none() -> None:
    text = "user: see https://a.ch\norder: 5\nhttps://b.ch"
    assert [("user", "see https://a.ch\norder: 5\nhttps://b.ch")] == turns(text)


def test_the_suite_says_who_is_who() -> None:
    assert [("user", "hi"), ("assistant", "yes?")] == turns(
        "Anna: hi\nCUSTOMER: yes?", anna="user", customer="assistant"
    )
    assert [("user", "5 degrees")] == turns('[{"role": "tool", "content": "5 degrees"}]', tool="user")


def test_words_that_begin_lines_like_speakers_are_counted() -> None:
    turning = Turning()
    for _ in range(2):
        turning.turns("User: hi\nSupervisor: stop\nSupervisor: now\nsee: this")
    assert {"Supervisor": 2} == turning.strangers


@pytest.mark.parametrize(
    ("expected", "cell"),
    [
        ("turn 2 has the role 'tool', which is nobody known: say which part", _roles := "user tool"),
        (
            "turn 1 has no text: its content is 'null'",
            '[{"role": "assistant", "content": null, "tool_calls": []}]',
        ),
        ("turn 1 has no text", '[{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]'),
        ("turn 1 has no role: it has 'content'", '[{"content": "hi"}]'),
        ("turn 1 is 'hi'", '["hi"]'),
        ("are not JSON: Expecting", '[{"role": "user", "content": "hi"}'),
        ("Python's quotes are not JSON's", "[{'role': 'user', 'content': 'hi'}]"),
        ("are no list such as", '{"text": "hi"}'),
        ("'Anna' begins the turns, which is nobody known", "Anna: hi\nAgent: hello"),
        ("the turns begin with 'hello there'", "hello there"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(expected: str, cell: str) -> None:
    if cell == _roles:
        cell = json.dumps([{"role": role, "content": "x"} for role in _roles.split()])
    with pytest.raises(ValueError, match=re.escape(expected)):
        turns(cell)
