from __future__ import annotations

import json

from openai.types.chat import ChatCompletionMessageParam
from pydantic import TypeAdapter

from harness.prompts import request
from harness.records import Brief, Example, Message, Query
from harness.trainingfiles import Pair, preferences, supervised, text_of
from harness.trainingfiles.reading import read_texts
from harness.wording import Wording

OF_OPENAI = TypeAdapter(list[ChatCompletionMessageParam])


def test_a_line_holds_the_prompt_that_will_be_asked_and_the_word_that_stands_for_the_target(
    brief: Brief, examples: list[Example]
) -> None:
    wording = Wording(system="You sort.", label_words={"billing": "money"})
    lines = list(supervised(brief, examples, wording))
    for line, example in zip(lines, examples, strict=True):
        asked = request(brief, example.query, wording=wording).messages
        assert [(m.role, m.content) for m in asked] == [(t["role"], t["content"]) for t in line.prompt]
    assert {"role": "assistant", "content": "money"} == lines[0].answer[0]


def test_only_the_answer_is_trained_on(brief: Brief, examples: list[Example]) -> None:
    turns = json.loads(text_of(list(supervised(brief, examples))[-1]))["messages"]
    assert [("user", None), ("assistant", 0), ("user", None), ("assistant", None)] == [
        (turn["role"], turn.get("weight")) for turn in turns
    ]


def test_what_is_written_reads_back_the_same_and_is_what_the_client_of_openai_calls_messages(
    brief: Brief, examples: list[Example]
) -> None:
    lines = list(supervised(brief, examples, Wording(system="Übung - 天气")))
    texts = [text_of(line) for line in lines]
    back = read_texts(texts, "train.jsonl")
    assert [] == back.findings
    assert [(line.prompt, line.answer) for line in lines] == [(line.prompt, line.answer) for line in back.lines]
    for text in texts:
        OF_OPENAI.validate_python(json.loads(text)["messages"])


def test_a_pair_has_one_prompt_and_two_answers_of_the_assistant() -> None:
    turns = (Message(role="user", content="hi"), Message(role="assistant", content="ho"))
    pair = Pair(Query(id="1", text="Where is it?", history=turns), "On its way.", "No idea.")
    [line] = preferences([pair], wording=Wording(system="Be kind."))
    content = json.loads(text_of(line))
    assert ["system", "user", "assistant", "user"] == [turn["role"] for turn in content["input"]["messages"]]
    assert [{"role": "assistant", "content": "On its way."}] == content["preferred_output"]
    assert [{"role": "assistant", "content": "No idea."}] == content["non_preferred_output"]
    OF_OPENAI.validate_python(content["input"]["messages"] + content["preferred_output"])
    assert [line] == [each._replace(place="", number=0) for each in read_texts([text_of(line)], "f").lines]


def test_half_a_surrogate_pair_is_written_as_json_can() -> None:
    [line] = preferences([Pair(Query(id="1", text="a \ud83d b é"), "x", "y")])
    text_of(line).encode()
    assert "a \ud83d b é" == json.loads(text_of(line))["input"]["messages"][0]["content"]
