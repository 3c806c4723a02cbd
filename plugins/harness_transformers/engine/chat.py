"""The local chat model: from a list of requests to answers, batch by batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness import Answered, Completion, Failed, Request
from harness_transformers.batches import by_length
from harness_transformers.engine.engine import Engine
from harness_transformers.engine.jobs import Job, finished, job_of
from harness_transformers.engine.memory import most_rows, out_of_memory
from harness_transformers.engine.rendering import CannotRender, Renderer
from harness_transformers.engine.states import by_head
from harness_transformers.engine.trie import Trie

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Answers = Callable[[Sequence[Job]], list[Completion]]


@dataclass(frozen=True)
class Served:
    """What a chat model is served as.

    Attributes:
        identity: Name and hash of the weights, number format and engine.
        name: What prices go by.
        window: The longest prompt and answer together, in tokens.
        batch_tokens: The most tokens of a batch, padding included.
    """

    identity: str
    name: str
    window: int
    batch_tokens: int


class LocalChat:
    """Answers with a causal model in this process, held to an `answer_schema` where llguidance can hold it.

    Requests are grouped by the head that they share, then batched by length. Seconds are shared out by tokens,
    so that those of a call's requests sum to the time that it took.

    Args:
        module: The model, in eval mode on its device.
        tokenizer: Its tokenizer.
        served: What it is served as.
    """

    def __init__(self, module: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, served: Served) -> None:
        self._served = served
        self._renderer = Renderer(tokenizer)
        self._engine = Engine(module, self._renderer, served.name)

    @property
    def identity(self) -> str:
        return self._served.identity

    @property
    def window(self) -> int:
        return self._served.window

    def tokens(self, request: Request) -> int:
        try:
            return len(self._renderer.prompt(request.messages).ids)
        except CannotRender:
            return sum(len(self._renderer.bare(message.content)) for message in request.messages)

    def complete(self, requests: Sequence[Request]) -> Iterator[Answered]:
        self._engine.try_out()
        began = time.perf_counter()
        made = [job_of(i, request, self._renderer, self.window) for i, request in enumerate(requests)]
        jobs = [job for job in made if isinstance(job, Job)]
        groups = by_head([job.ids for job in jobs])
        owed = (time.perf_counter() - began) / max(1, sum(len(job.ids) for job in jobs))
        for index, job in enumerate(made):
            if isinstance(job, Failed):
                yield Answered(index=index, completion=job)
        for group in groups:
            yield from self._group([jobs[i] for i in group], owed)

    def _group(self, jobs: Sequence[Job], owed: float) -> Iterator[Answered]:
        """Answers jobs that share a head.

        Args:
            jobs: The jobs.
            owed: Seconds by prompt token that were spent on them before.
        """
        began = time.perf_counter()
        try:
            head = self._engine.head(jobs)
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            self._engine.forget()
            head = None
        owed += (time.perf_counter() - began) / sum(len(job.ids) for job in jobs)
        past = len(head.ids) if head else 0
        alike: dict[tuple[tuple[int, ...], ...], list[Job]] = {}
        for job in jobs:
            alike.setdefault(job.answers, []).append(job)
        for answers, some in alike.items():
            trie = Trie.of(answers)

            def answer(batch: Sequence[Job], trie: Trie = trie, closed: bool = bool(answers)) -> list[Completion]:
                engine = self._engine
                return engine.score(batch, head, trie) if closed else engine.generate(batch, head)

            behind = [len(job.ids) - past + (len(trie.tokens) or job.request.max_tokens) for job in some]
            most = most_rows(self._engine.module, past + max(behind), 1 + len(trie.tokens))
            for batch in by_length(behind, self._served.batch_tokens, most):
                yield from self._batch([some[i] for i in batch], answer, owed)

    def _batch(self, jobs: Sequence[Job], answer: Answers, owed: float) -> list[Answered]:
        """Answers jobs together; halves the batch while it does not fit in memory."""
        began = time.perf_counter()
        try:
            completions = answer(jobs)
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            self._engine.forget()
            if len(jobs) > 1:
                half = len(jobs) // 2
                return [*self._batch(jobs[:half], answer, owed), *self._batch(jobs[half:], answer, owed)]
            says = f"a prompt of {len(jobs[0].ids)} tokens does not fit in memory"
            failed = Failed(query_id=jobs[0].request.query_id or "", kind="out-of-memory", error=says)
            return [Answered(index=jobs[0].index, completion=failed)]
        tokens = [each.usage.input_tokens + each.usage.output_tokens for each in completions]
        by_token = (time.perf_counter() - began) / sum(tokens)
        return [
            Answered(index=job.index, completion=finished(job, each, by_token * n + owed * len(job.ids)))
            for job, each, n in zip(jobs, completions, tokens, strict=True)
        ]
