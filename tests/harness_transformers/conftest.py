"""The packaged models, each loaded once, and what a model says when it is asked without the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

from harness import ChatModel, Completion, Embedder, Message, Opened, Request, Trainable
from harness_transformers.embedder import SentenceTransformersModel
from harness_transformers.loading import Loaded
from harness_transformers.model import TransformersModel

if TYPE_CHECKING:
    from transformers import PreTrainedModel

TWEETS = (
    "my flight was great, thank you!",
    "the queue at gate 4, again",
    "lost my bag. nobody answers the phone and I have been waiting for two hours now :(",
    "boarding at nine",
    "best crew ever",
)


@pytest.fixture(scope="session")
def smollm() -> Iterator[Opened]:
    with TransformersModel(weights="smollm2-135m-instruct", dtype="float32", device="cpu").open() as opened:
        yield opened


@pytest.fixture(scope="session")
def chat(smollm: Opened) -> ChatModel:
    assert smollm.chat is not None
    return smollm.chat


@pytest.fixture(scope="session")
def trainable(smollm: Opened) -> Trainable:
    assert smollm.trainable is not None
    return smollm.trainable


@pytest.fixture(scope="session")
def encoder() -> Iterator[Trainable]:
    with TransformersModel(weights="all-minilm-l6-v2", dtype="float32", device="cpu").open() as opened:
        assert opened.trainable is not None
        yield opened.trainable


@pytest.fixture(scope="session")
def embedder() -> Iterator[Embedder]:
    with SentenceTransformersModel(weights="all-minilm-l6-v2", device="cpu").open() as opened:
        assert opened.embedder is not None
        yield opened.embedder


@pytest.fixture(scope="session")
def bare(trainable: Trainable) -> Loaded:
    """The packaged chat model's own module and tokenizer."""
    with trainable.lease("causal") as weights:
        assert isinstance(weights, Loaded)
        return weights


@pytest.fixture
def requests() -> list[Request]:
    """Closed questions about tweets with one opening, of different lengths."""
    labels = ("positive", "neutral", "negative")
    opening = "Is the sentiment of this tweet positive, neutral or negative?\n\n"
    return [
        Request(messages=(Message(role="user", content=opening + text),), choices=labels, query_id=str(i))
        for i, text in enumerate(TWEETS)
    ]


@pytest.fixture(scope="session")
def forward() -> Callable[[PreTrainedModel, Sequence[int], Sequence[int]], float]:
    """Log-likelihood of an answer's tokens behind a prompt's: one full forward pass, no cache, no batch."""

    def likelihood(module: PreTrainedModel, prompt: Sequence[int], answer: Sequence[int]) -> float:
        import torch

        with torch.inference_mode():
            logits = module(input_ids=torch.tensor([[*prompt, *answer]]), use_cache=False).logits[0]
        behind = logits.log_softmax(-1)[len(prompt) - 1 :]
        return sum(float(row[token]) for row, token in zip(behind, answer, strict=False))

    return likelihood


@pytest.fixture(scope="session")
def prompt_ids(bare: Loaded) -> Callable[[Request], list[int]]:
    """The prompt's tokens as transformers itself makes them."""

    def render(request: Request) -> list[int]:
        turns = [m.model_dump() for m in request.messages]
        text = bare.tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
        return list(bare.tokenizer(text, add_special_tokens=False)["input_ids"])

    return render


@pytest.fixture(scope="session")
def expected(
    bare: Loaded,
    forward: Callable[[PreTrainedModel, Sequence[int], Sequence[int]], float],
    prompt_ids: Callable[[Request], list[int]],
) -> Callable[[Request], dict[str, float]]:
    """Log-likelihood of each choice of a request; with its end token where one of them begins another."""

    def likelihoods(request: Request) -> dict[str, float]:
        prompt = prompt_ids(request)
        words = {c: bare.tokenizer(c, add_special_tokens=False)["input_ids"] for c in request.choices}
        begins = [a for a in words for b in words if a != b and words[b][: len(words[a])] == words[a]]
        end = bare.tokenizer("<|im_end|>", add_special_tokens=False)["input_ids"] if begins else []
        answers = {c: [*tokens, *end] for c, tokens in words.items()}
        return {choice: forward(bare.module, prompt, answer) for choice, answer in answers.items()}

    return likelihoods


@pytest.fixture(scope="session")
def ask() -> Callable[[ChatModel, Sequence[Request]], list[Completion]]:
    """Completions in the order of the requests; fails where one is a failure."""

    def complete(model: ChatModel, requests: Sequence[Request]) -> list[Completion]:
        found: dict[int, Completion] = {}
        for answered in model.complete(requests):
            assert isinstance(answered.completion, Completion), answered.completion
            assert answered.index not in found
            found[answered.index] = answered.completion
        return [found[i] for i in range(len(requests))]

    return complete
