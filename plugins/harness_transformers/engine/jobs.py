"""A request as tokens, and the completion made of what the engine found."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness import Completion, Failed, Request, Usage
from harness_transformers.engine.rendering import CannotRender, Renderer


@dataclass(frozen=True)
class Job:
    """A request that is going to be answered.

    Attributes:
        index: Its place in the call.
        request: The request.
        ids: The prompt's tokens.
        answers: For a closed question the tokens of each choice.
    """

    index: int
    request: Request
    ids: list[int]
    answers: tuple[tuple[int, ...], ...] = ()

    @property
    def most_tokens(self) -> int:
        """Of the prompt and the longest answer together."""
        return len(self.ids) + max(map(len, self.answers), default=self.request.max_tokens)

    @property
    def seed(self) -> int:
        """Of its random draws: from what is asked and which draw it is, never from the call or the batch."""
        said = self.request.model_dump_json(include={"messages", "sample", "temperature"})
        return int.from_bytes(hashlib.sha256(said.encode()).digest()[:7], "big")


def job_of(index: int, request: Request, renderer: Renderer, window: int) -> Job | Failed:
    """The job, or why the request cannot be answered."""
    query_id = request.query_id or ""
    try:
        prompt = renderer.prompt(request.messages)
    except CannotRender as error:
        return Failed(query_id=query_id, kind="template", error=str(error))
    answers = renderer.answers(prompt.tail, request.choices)
    job = Job(index, request, prompt.ids, answers)
    if not prompt.ids:
        return Failed(query_id=query_id, kind="empty", error="the prompt has no tokens")
    if job.most_tokens > window:
        answer = job.most_tokens - len(prompt.ids)
        says = f"prompt of {len(prompt.ids)} tokens and answer of up to {answer} exceed the window of {window}"
        return Failed(query_id=query_id, kind="too-long", error=says)
    return job


def closed(job: Job, name: str, logprobs: Sequence[float]) -> Completion:
    """The completion of a closed question, not timed yet: the likeliest choice."""
    choices = job.request.choices
    top = max(logprobs)
    total = sum(math.exp(value - top) for value in logprobs)
    return Completion(
        text=choices[logprobs.index(top)],
        probabilities={c: math.exp(v - top) / total for c, v in zip(choices, logprobs, strict=True)},
        logprobs=dict(zip(choices, logprobs, strict=True)),
        choice_tokens={c: len(tokens) for c, tokens in zip(choices, job.answers, strict=True)},
        asked="likelihood",
        usage=Usage(model=name, input_tokens=len(job.ids)),
    )


def finished(job: Job, completion: Completion, seconds: float) -> Completion | Failed:
    """The completion with the seconds that it took; a failure where the model computed no number."""
    if not all(math.isfinite(value) for value in (completion.logprobs or {}).values()):
        says = f"the model's log-likelihoods are no numbers: {dict(completion.logprobs or {})!r}"
        return Failed(query_id=job.request.query_id or "", kind="not-a-number", error=says)
    usage = completion.usage.model_copy(update={"device_seconds": seconds})
    return completion.model_copy(update={"usage": usage, "seconds": seconds})
