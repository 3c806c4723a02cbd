"""Ways through the engine that a call seldom takes, each against plain forward passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from harness import ChatModel, Completion, Message, Request
from harness_transformers.engine.adopted import Adopted
from harness_transformers.engine.body import Body
from harness_transformers.engine.chat import LocalChat, Served
from harness_transformers.engine.decoder import Decoder
from harness_transformers.engine.decoding import Decoding, Limits
from harness_transformers.engine.generation import Row, end_tokens
from harness_transformers.engine.kernels import Kernels
from harness_transformers.engine.likelihood import agrees, score_plainly
from harness_transformers.engine.rendering import Renderer
from harness_transformers.engine.states import EMPTY
from harness_transformers.engine.trie import Trie
from harness_transformers.loading import Loaded
from harness_transformers.sharing import sharing

pytestmark = pytest.mark.models
Ask = Callable[[ChatModel, Sequence[Request]], list[Completion]]
Expected = Callable[[Request], dict[str, float]]
BODIES: dict[str, Callable[[Loaded], Body]] = {
    "our own pass": lambda bare: Decoder(bare.module, Kernels()),
    "our own pass with plain kernels": lambda bare: Decoder(bare.module, Kernels(fast=False)),
    "the module's pass": lambda bare: Adopted(sharing(bare.module), Kernels()),
}


def asked(text: str, *shown: str, choices: tuple[str, ...] = ("positive", "negative")) -> Request:
    turns = [Message(role="user" if i % 2 == 0 else "assistant", content=each) for i, each in enumerate(shown)]
    return Request(messages=(*turns, Message(role="user", content=text)), choices=choices)


def fresh(bare: Loaded, tokens: int = 1024) -> LocalChat:
    return LocalChat(bare.module, bare.tokenizer, Served("fresh", "this", 8192, tokens))


@pytest.mark.parametrize("way", sorted(BODIES))
def test_every_way_gives_what_plain_passes_give(bare: Loaded, way: str) -> None:
    import torch

    ids = bare.tokenizer("seven words that stand here for nothing at all")["input_ids"]
    with torch.inference_mode():
        assert agrees(BODIES[way](bare), bare.module, ids)


def test_a_body_that_attends_otherwise_is_found_out(bare: Loaded) -> None:
    import torch

    class Shifted(Decoder):
        def run(self, ids: torch.Tensor, positions: torch.Tensor, *rest: object) -> torch.Tensor:
            # A step further from the third token on: attention is by distance, and some distances change.
            return super().run(ids, positions + (positions > 2), *rest)  # type: ignore[arg-type]

    ids = bare.tokenizer("seven words that stand here for nothing at all")["input_ids"]
    with torch.inference_mode():
        assert not agrees(Shifted(bare.module, Kernels()), bare.module, ids)


def test_questions_with_choices_and_heads_of_their_own_share_batches(
    bare: Loaded, ask: Ask, expected: Expected
) -> None:
    flights = [f"flight {i} was late and nobody said a word about it to us" for i in range(4)]
    seats = [f"seat {i} was broken and wet, and it stayed like that until we landed" for i in range(4)]
    requests = [
        asked(f"and the food {i}", *shown, choices=choices)
        for shown in (flights, seats)
        for i, choices in enumerate([("good", "bad"), ("fine", "poor", "poor enough"), ("good", "bad")])
    ]

    for request, completion in zip(requests, ask(fresh(bare), requests), strict=True):
        assert expected(request) == pytest.approx(completion.logprobs, abs=1e-3)


def test_asked_one_at_a_time_what_is_kept_changes_no_answer(bare: Loaded, ask: Ask, expected: Expected) -> None:
    chat = fresh(bare)
    shown = [f"row {i} had no window at all, which the map did not say" for i in range(4)]
    for text, turns in (("a", shown), ("b", shown), ("a", ()), ("c", shown[:2]), ("c c", shown)):
        [completion] = ask(chat, [asked(text, *turns)])
        assert expected(asked(text, *turns)) == pytest.approx(completion.logprobs, abs=1e-3)


def test_choices_of_which_none_begins_another_are_scored_without_an_end(chat: ChatModel, ask: Ask) -> None:
    bare_words, with_end = ask(chat, [asked("fine"), asked("fine", choices=("positive", "positive thing"))])

    assert {"positive": 1, "negative": 1} == bare_words.choice_tokens
    assert {"positive": 2, "positive thing": 3} == with_end.choice_tokens
    assert bare_words.logprobs is not None
    assert with_end.logprobs is not None
    assert with_end.logprobs["positive"] < bare_words.logprobs["positive"]


def test_in_bfloat16_the_engine_is_as_near_to_float32_as_plain_passes_are(
    bare: Loaded, requests: list[Request], ask: Ask, expected: Expected
) -> None:
    import torch

    half = sharing(bare.module).to(torch.bfloat16)
    renderer = Renderer(bare.tokenizer)
    found = ask(LocalChat(half, bare.tokenizer, Served("half", "this", 8192, 1024)), requests)

    ours, plain = [], []
    for request, completion in zip(requests, found, strict=True):
        prompt = renderer.prompt(request.messages)
        with torch.inference_mode():
            noisy = score_plainly(half, prompt.ids, Trie.of(renderer.answers(prompt.tail, request.choices)))
        assert completion.logprobs is not None
        for value, right, other in zip(
            completion.logprobs.values(), expected(request).values(), noisy, strict=True
        ):
            ours.append(abs(value - right))
            plain.append(abs(other - right))
    assert max(ours) < 2 * max(plain)


@pytest.fixture
def decoding(bare: Loaded) -> Callable[[Body], Decoding]:
    renderer = Renderer(bare.tokenizer)
    ends = end_tokens(bare.module, renderer)
    return lambda body: Decoding(body, EMPTY, renderer, ends, bare.module.device)


TEXTS = ("The sky is", "One, two, three,", "A very long way from home there", "The", "Name a fruit:")


def rows(bare: Loaded) -> list[Row]:
    return [Row(bare.tokenizer(t)["input_ids"], 3 + i % 3, 0.0, i) for i, t in enumerate(TEXTS)]


def greedy(bare: Loaded, row: Row) -> list[int]:
    import torch

    ids = list(row.rest)
    while len(ids) - len(row.rest) < row.max_tokens:
        ids.append(int(bare.module(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
    return ids[len(row.rest) :]


@pytest.mark.parametrize("slots", [1, 2, 5])
def test_answers_are_the_same_however_many_are_made_side_by_side(
    bare: Loaded, decoding: Callable[[Body], Decoding], slots: int
) -> None:
    import torch

    with torch.inference_mode():
        asked_for = rows(bare)
        over = list(decoding(Decoder(bare.module, Kernels())).answer(asked_for, Limits(slots, 6)))
        for row in asked_for:
            assert greedy(bare, row)[: len(row.ids)] == row.ids
    assert sorted(map(id, asked_for)) == sorted(map(id, over))
    assert all(row.over() and row.seconds > 0 for row in over)


def test_when_memory_runs_out_fewer_are_made_side_by_side_and_none_is_lost(
    bare: Loaded, decoding: Callable[[Body], Decoding]
) -> None:
    import torch

    class Cramped(Decoder):
        def run(self, ids: torch.Tensor, *rest: object) -> torch.Tensor:
            if len(ids) > 7:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return super().run(ids, *rest)  # type: ignore[arg-type]

    with torch.inference_mode():
        asked_for = rows(bare)
        asked_for[0].rest = [*asked_for[0].rest] * 3
        over = list(decoding(Cramped(bare.module, Kernels())).answer(asked_for, Limits(4, 1024)))
        assert [0] == [i for i, row in enumerate(asked_for) if not row.filled]
        for row in asked_for[1:]:
            assert greedy(bare, row)[: len(row.ids)] == row.ids
    assert 5 == len(over)
