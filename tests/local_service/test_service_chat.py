from __future__ import annotations

import json
import math

import openai
import pytest

from tests.local_service.conftest import BASE, Start, closed


def test_an_enum_is_answered_as_its_json_with_probabilities_that_sum_to_one(start: Start) -> None:
    reply = start().ask("?", response_format=closed("positive", "negative"), logprobs=True, top_logprobs=5)
    (choice,) = reply.choices
    assert {"answer": "positive"} == json.loads(choice.message.content)
    assert choice.message.content == "".join(token.token for token in choice.logprobs.content)
    parts = [token for token in choice.logprobs.content if len(token.top_logprobs) > 1]
    assert 1 == len(parts)  # where the choices part
    assert 0.9 == pytest.approx(math.exp(parts[0].logprob))
    assert 1.0 == pytest.approx(sum(math.exp(each.logprob) for each in parts[0].top_logprobs))


def test_a_choice_that_begins_another_is_told_apart_by_how_it_ends(start: Start) -> None:
    reply = start().ask("?", response_format=closed("refund", "refund status"), logprobs=True, top_logprobs=5)
    assert '{"answer": "refund"}' == reply.choices[0].message.content
    told = math.exp(sum(token.logprob for token in reply.choices[0].logprobs.content))
    assert 0.9 == pytest.approx(told)


def test_an_open_answer_has_no_logprobs_because_the_engine_gives_none(start: Start) -> None:
    reply = start().ask("?", logprobs=True)
    assert ("ok", None) == (reply.choices[0].message.content, reply.choices[0].logprobs)


def test_a_reply_says_what_answered_what_it_used_and_what_is_still_taken(start: Start) -> None:
    running = start()
    turns = running.client.chat.completions.with_raw_response
    raw = turns.create(model="scripted", messages=[{"role": "user", "content": "how are you"}])
    reply = raw.parse()
    assert reply.usage is not None
    assert (BASE, "fp_base", 3, 1) == (
        reply.model,
        reply.system_fingerprint,
        reply.usage.prompt_tokens,
        reply.usage.completion_tokens,
    )
    assert "64" == raw.headers["x-ratelimit-remaining-requests"]
    assert raw.headers["x-request-id"]


def test_an_unknown_model_is_not_found_by_its_code(start: Start) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        start().ask("?", "gpt-nothing")
    assert "model_not_found" == refused.value.code


def test_what_is_not_served_is_refused_by_name(start: Start) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        start().ask("?", n=2)
    assert "n" == refused.value.param


def test_a_service_with_a_key_answers_nobody_without_it(start: Start) -> None:
    with pytest.raises(openai.AuthenticationError):
        start(secret="right", key="wrong").ask("?")
    assert BASE == start(secret="right", key="right").client.models.list().data[0].id
