from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.records import Brief, Example
from harness.trainingfiles import rules_of, text_of, write
from harness.trainingfiles.reading import check_file, read_texts

CALL = {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function"}]}


def test_tools_and_weights_are_kept_as_they_are() -> None:
    item = {
        "messages": [
            {"role": "user", "content": "a"},
            CALL,
            {"role": "tool", "tool_call_id": "1", "content": "42"},
            {"role": "assistant", "content": "b", "weight": 1},
        ],
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "parallel_tool_calls": False,
    }
    [line] = read_texts([json.dumps(item)], "f").lines
    assert item == json.loads(text_of(line))


def test_a_prompt_and_its_completion_become_two_turns() -> None:
    [line] = read_texts(['{"prompt": "a", "completion": "b"}'], "f").lines
    assert ({"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}) == (
        *line.prompt,
        *line.answer,
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "no `messages`"),
        ('{"text": "a"}', "no `messages`"),
        ('{"messages": "a"}', "not a list of objects"),
        ('{"messages": []}', "is empty"),
        ('{"prompt": 1, "completion": "b"}', "not both texts"),
        ('{"input": {"messages": []}, "preferred_output": [], "non_preferred_output": []}', "not one message"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_line_that_is_no_example_is_found_by_its_number_and_the_rest_is_read(text: str, said: str) -> None:
    read = read_texts(["", text, '{"messages": [{"role": "user", "content": "a"}]}'], "f.jsonl")
    [finding] = read.findings
    assert ("unreadable", ("f.jsonl line 2",), (2,)) == (finding.kind, finding.places, finding.numbers)
    assert said in finding.what
    assert [3] == [line.number for line in read.lines]


def test_what_was_written_passes_the_check_of_any_file(
    tmp_path: Path, brief: Brief, examples: list[Example]
) -> None:
    for name in ("openai", "azure", "together", "fireworks", "mistral"):
        written = write(tmp_path / "train.jsonl", brief, examples, None, rules_of(name))
        checked = check_file(tmp_path / "train.jsonl", rules_of(name))
        assert ([], written.tokens) == (checked.findings, checked.tokens)


def test_a_file_without_the_mark_that_azure_asks_for_is_found(
    tmp_path: Path, brief: Brief, examples: list[Example]
) -> None:
    write(tmp_path / "train.jsonl", brief, examples, None, rules_of("openai"))
    assert ["no-mark"] == [each.kind for each in check_file(tmp_path / "train.jsonl", rules_of("azure")).findings]
