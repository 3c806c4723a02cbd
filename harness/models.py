"""What a model is to the harness, and what a model plugin writes.

A plugin registers a subclass of `Model`: the parameters that a suite writes under `with:`. `open` loads it
and returns what it can do; core wraps that in cache, budget, rate, retry and meter before a strategy sees it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, runtime_checkable

from pydantic import Field

from harness.records import Brief, Failed, Kind, Message, Record, Usage

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from transformers import PreTrainedTokenizerBase

    from harness.finetuning import FineTuning

Role = Literal["chat", "embedder", "trainable"]


class Request(Record):
    """One question to a chat model.

    Attributes:
        messages: The conversation; the last turn is the user's.
        choices: The only answers allowed, where the question is closed.
        answer_schema: JSON schema that the answer must satisfy.
        max_tokens: The longest answer, in tokens.
        temperature: 0 for the likeliest answer.
        sample: The nth draw of the same prompt; part of the cache key.
        query_id: Lets core book the call to its query; not part of the cache key.
    """

    messages: tuple[Message, ...]
    choices: tuple[str, ...] = ()
    answer_schema: Mapping[str, Any] | None = None
    max_tokens: int = 64
    temperature: float = 0.0
    sample: int = 0
    query_id: str | None = None


class Limits(Record):
    """What an endpoint says it still takes, as in its `x-ratelimit-*` headers; None for what it does not say.

    Attributes:
        requests: How many more.
        requests_reset: Seconds until all of them are there again.
        tokens: How many more.
        tokens_reset: Seconds until all of them are there again.
    """

    requests: int | None = None
    requests_reset: float | None = None
    tokens: int | None = None
    tokens_reset: float | None = None


class Completion(Record):
    """What a chat model answered.

    Attributes:
        text: The answer; for a closed question one of the choices, wherever the model can be held to them.
        probabilities: Over the choices, summing to 1, where the model can tell.
        logprobs: Natural-log likelihood of each choice to its end token, where the model can tell.
        choice_tokens: Tokens of each choice, its end token included; beside `logprobs`.
        asked: How the answer was held to its choices or its schema: by likelihood, as a schema, or in text alone.
        finish: Why the answer ended.
        usage: What it used. A batch's device seconds are shared out so that they sum to its wall time.
        seconds: At work; waits for limits and retries are not in it.
        replayed: Whether it came from the cache.
        request_id: The endpoint's own id for the call.
        served: The name of the model that answered, as the endpoint gave it.
        fingerprint: The endpoint's mark of what answered (`system_fingerprint`).
        limits: What the endpoint said it still takes; not kept.
    """

    text: str
    probabilities: Mapping[str, float] | None = None
    logprobs: Mapping[str, float] | None = None
    choice_tokens: Mapping[str, int] | None = None
    asked: Literal["likelihood", "schema", "text"] = "text"
    finish: Literal["stop", "length", "filter", "unknown"] = "stop"
    usage: Usage
    seconds: float = 0.0
    replayed: bool = False
    request_id: str | None = None
    served: str | None = None
    fingerprint: str | None = None
    limits: Limits | None = Field(None, exclude=True)


class Answered(Record):
    """A completion or a failure for the request at `index` of the call."""

    index: int
    completion: Completion | Failed


class ChatModel(Protocol):
    """What strategies see, and what a local engine implements.

    `complete` yields as answers come, in any order, one for each request, and never raises for one request.
    """

    @property
    def identity(self) -> str:
        """Name, revision and the weights' hash: the first part of the cache key."""
        ...

    @property
    def window(self) -> int:
        """The longest prompt and answer together, in tokens."""
        ...

    def tokens(self, request: Request) -> int:
        """Tokens of the prompt as it will be sent, without the answer."""
        ...

    def complete(self, requests: Sequence[Request]) -> Iterator[Answered]: ...


class CallFailed(Exception):
    """One attempt at an endpoint failed; core decides whether to try again.

    Args:
        kind: A short word to count by: `rate-limit`, `timeout`, `server`, `refused`, `quota`, `auth`, …
        message: What happened, without any secret.
        retry: Whether the same request may succeed later.
        after: Seconds that the endpoint asked to wait.
        fatal: Whether every further call must fail too (a wrong key, no quota): the strategy is stopped.
        usage: What the endpoint billed all the same (a refusal is an answer); None for nothing that it told.
        billed: Whether it may have been served and billed though nothing was told (a time-out): a reservation
            stays booked at its upper bound, and it is tried once more at most.
        limits: What the endpoint said it still takes.
    """

    def __init__(  # noqa: PLR0913  (what each attempt may know, by name)
        self,
        kind: str,
        message: str,
        *,
        retry: bool = False,
        after: float | None = None,
        fatal: bool = False,
        usage: Usage | None = None,
        billed: bool = False,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry = retry
        self.after = after
        self.fatal = fatal
        self.usage = usage
        self.billed = billed
        self.limits = limits


class Endpoint(Protocol):
    """What a hosted-model plugin writes: one attempt, typed errors. Core owns cache, budget, rate and retry."""

    @property
    def identity(self) -> str: ...

    @property
    def name(self) -> str:
        """What prices go by, such as ``openai/gpt-5-mini``."""
        ...

    @property
    def account(self) -> str:
        """What a rate limit is held by: the host and a hash of the key, never the key."""
        ...

    @property
    def window(self) -> int: ...

    def tokens(self, request: Request) -> int:
        """Tokens of the prompt; an estimate from above where the tokenizer is not known."""
        ...

    async def send(self, request: Request) -> Completion:
        """One attempt.

        Raises:
            CallFailed: With what core needs to know to retry, fail the one request, or stop.
        """
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Telling(Protocol):
    """An endpoint that has something to say of who answers."""

    def warnings(self, completion: Completion) -> Sequence[str]:
        """What readers of a trial must know, each told once: that the model's name is an alias, and of what.

        Args:
            completion: One that came back, or that the cache had.
        """
        ...


class BatchState(Record):
    """A batch as the endpoint tells it.

    Attributes:
        id: The endpoint's.
        ended: Whether no more answers will come: completed, expired, cancelled or failed.
        told: The endpoint's own word for its state.
        done: Requests that are answered or failed.
        total: All of them.
        outputs: Ids of files with answers and errors; what an expired batch answered is kept and billed.
        reason: Why it failed, where the endpoint says so; without any secret.
    """

    id: str
    ended: bool
    told: str
    done: int = 0
    total: int = 0
    outputs: tuple[str, ...] = ()
    reason: str = ""


@runtime_checkable
class BatchEndpoint(Endpoint, Protocol):
    """An endpoint that also takes requests as a batch, for less money and later."""

    @property
    def batched(self) -> bool:
        """Whether the suite asks for it."""
        ...

    async def submit(self, requests: Mapping[str, Request], key: str) -> BatchState:
        """Sends requests by their custom ids as one batch, marked with `key`; one attempt."""
        ...

    async def find_batch(self, key: str) -> BatchState | None:
        """The batch that was sent under this key; None where the endpoint's list has none."""
        ...

    async def batch(self, batch: str) -> BatchState: ...

    async def results(
        self, state: BatchState, requests: Mapping[str, Request]
    ) -> Mapping[str, Completion | CallFailed]:
        """What came back, by custom id; requests that are not in it were neither answered nor billed."""
        ...

    async def cancel_batch(self, batch: str) -> None: ...


class Embedder(Protocol):
    """Texts to vectors."""

    @property
    def identity(self) -> str: ...

    @property
    def window(self) -> int:
        """The longest text in tokens; what is beyond it is cut, which core counts and says."""
        ...

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        """Tokens of each text, uncut."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length, (texts, width), float32."""
        ...


class Classifier(Protocol):
    """A tuned encoder: texts to the probability of each label, in the order of the texts."""

    def classify(self, texts: Sequence[str]) -> Iterator[Mapping[str, float]]: ...


class Weights(Protocol):
    """What a lease gives: the module to tune, on its device, and its tokenizer."""

    @property
    def module(self) -> torch.nn.Module: ...

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase: ...


class Trainable(Protocol):
    """Weights that may be tuned, causal or encoder.

    A lease is exclusive and restores the base when it ends (peft changes a shared base in place). What was
    tuned is answered from its folder, so that it has an identity for the cache and comes down the same fast
    path: a folder written by peft's `save_pretrained`, and for a classifier `labels.json` beside it.
    """

    @property
    def identity(self) -> str: ...

    @property
    def heads(self) -> frozenset[Literal["causal", "labels"]]:
        """Which heads these weights take: `causal` for a language model, `labels` for an encoder."""
        ...

    @property
    def window(self) -> int: ...

    def lease(
        self, head: Literal["causal", "labels"], labels: Sequence[str] = ()
    ) -> AbstractContextManager[Weights]: ...

    def chat(self, folder: Path) -> ChatModel: ...

    def classifier(self, folder: Path) -> Classifier: ...


@dataclass(frozen=True)
class Opened:
    """What a loaded model can do; None for what it cannot."""

    chat: ChatModel | None = None
    endpoint: Endpoint | None = None
    embedder: Embedder | None = None
    trainable: Trainable | None = None
    tuning: FineTuning | None = None


class Model(Record, ABC):
    """Parameters of a model, as the suite writes them under `with:`. No work when constructed."""

    roles: ClassVar[frozenset[Role]]  # what it may serve as; which of them, `open` finds out
    local: ClassVar[bool] = True  # holds this machine's device while it works; False for an endpoint

    @abstractmethod
    def open(self) -> AbstractContextManager[Opened]:
        """Loads the weights or makes the client; leaving frees them.

        Raises:
            ModelError: When it cannot be used at all; says what to install or set.
        """

    def check(self) -> None:
        """Called when a run that needs it begins, before anything is spent; asks the model nothing.

        Raises:
            ModelError: It cannot be used: there is no key for it.
        """

    def reaches(self) -> str | None:
        """The host or hub name beyond this machine that it would contact; None for none (`privacy: local`)."""
        return None


class Scorer(Protocol):
    """Turns answers into figures.

    `one` is a row's own score, 0 to 1, used for paired tests; `whole` gives every figure of a set, by name.
    A figure of the same name as `metric` must be among those of `whole`.
    """

    @property
    def kinds(self) -> frozenset[Kind]: ...

    @property
    def figures(self) -> Sequence[str]:
        """Names that may stand as a task's `metric`, larger is better.

        The scorer that `of_task` gives may name others too, such as `mae`: they are told and may be limited.
        """
        ...

    def one(self, figure: str, targets: tuple[str, ...], answers: tuple[str, ...]) -> float: ...

    def whole(self, pairs: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> Mapping[str, float]: ...


@runtime_checkable
class TaskScorer(Protocol):
    """A scorer whose figures depend on the task: on the order of its labels, on the schema of its answers."""

    def of_task(self, brief: Brief) -> Scorer: ...


def scorer_for(scorer: Scorer, brief: Brief) -> Scorer:
    """The scorer as it judges this task."""
    return scorer.of_task(brief) if isinstance(scorer, TaskScorer) else scorer
