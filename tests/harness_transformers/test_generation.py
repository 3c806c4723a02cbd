"""Open answers against one-by-one greedy decoding without a cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from harness import ChatModel, Completion, Message, Request
from harness_transformers.loading import Loaded

pytestmark = pytest.mark.models
Ask = Callable[[ChatModel, Sequence[Request]], list[Completion]]
PromptIds = Callable[[Request], list[int]]
QUESTIONS = (
    "What is the capital of France?",
    "Say hello.",
    "Name three colours, please, and nothing else at all.",
)


def greedy(bare: Loaded, prompt: list[int], max_tokens: int) -> list[int]:
    """The likeliest tokens, each from a full forward pass; stops before the end token."""
    import torch

    ids = list(prompt)
    for _ in range(max_tokens):
        with torch.inference_mode():
            likeliest = int(bare.module(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1].argmax())
        if likeliest == bare.tokenizer.eos_token_id:
            break
        ids.append(likeliest)
    return ids[len(prompt) :]


@pytest.fixture
def questions() -> list[Request]:
    return [Request(messages=(Message(role="user", content=q),), max_tokens=8) for q in QUESTIONS]


def test_a_batch_is_answered_as_each_would_be_alone(
    chat: ChatModel, bare: Loaded, questions: list[Request], ask: Ask, prompt_ids: PromptIds
) -> None:
    found = ask(chat, questions)

    for request, completion in zip(questions, found, strict=True):
        right = greedy(bare, prompt_ids(request), request.max_tokens)
        assert bare.tokenizer.decode(right) == completion.text
        assert len(right) == completion.usage.output_tokens
        assert ("stop" if len(right) < request.max_tokens else "length") == completion.finish
    assert {"stop", "length"} >= {completion.finish for completion in found}


def test_an_answer_ends_at_its_end_token_or_at_its_most_tokens(
    chat: ChatModel, questions: list[Request], ask: Ask
) -> None:
    cut, whole = ask(chat, [questions[0].model_copy(update={"max_tokens": n}) for n in (3, 40)])

    assert ("length", 3) == (cut.finish, cut.usage.output_tokens)
    assert "stop" == whole.finish
    assert whole.usage.output_tokens < 40
    assert whole.text.startswith(cut.text)
    assert "<|im_end|>" not in whole.text


def test_draws_at_a_temperature_differ_by_sample_and_not_by_company(
    chat: ChatModel, questions: list[Request], ask: Ask
) -> None:
    draws = [questions[1].model_copy(update={"temperature": 1.5, "sample": n}) for n in range(3)]

    together = ask(chat, [*draws, questions[2]])[:3]
    alone = [ask(chat, [draw])[0] for draw in draws]

    assert [c.text for c in together] == [c.text for c in alone]
    assert 1 < len({c.text for c in together})
