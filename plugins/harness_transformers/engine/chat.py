"""The local chat model: from a list of requests to answers, batch by batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from harness import Answered, Completion, Failed, Request
from harness_transformers.batches import first_within
from harness_transformers.engine.engine import Engine
from harness_transformers.engine.jobs import Job, finished, job_of
from harness_transformers.engine.memory import out_of_memory
from harness_transformers.engine.rendering import CannotRender, Renderer
from harness_transformers.engine.states import EMPTY, Node, States, common_prefix, tree

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


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


class Head(NamedTuple):
    """States of a head, and the seconds that each token of a prompt behind it owes for it."""

    states: States
    owed: float


class Asked(NamedTuple):
    """A job behind its head."""

    job: Job
    head: States
    owed: float

    @property
    def tokens(self) -> int:
        """What is computed for it; labels by their longest."""
        return len(self.job.ids) - len(self.head.ids) + max(map(len, self.job.answers), default=0)


Answers = Callable[[Sequence[Asked]], list[Completion]]


class LocalChat:
    """Answers with a causal model in this process, held to an `answer_schema` where llguidance can hold it.

    Heads that requests share are computed once, as a tree; behind them stand batches of a number of tokens.
    Seconds are shared out by tokens, so that those of a call's requests sum to the time that it took.

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
        fast = [job for job in jobs if self._engine.serves(job)]
        nodes = tree([job.ids for job in fast])
        owed = (time.perf_counter() - began) / max(1, sum(len(job.ids) for job in jobs))
        for index, job in enumerate(made):
            if isinstance(job, Failed):
                yield Answered(index=index, completion=job)
            elif not self._engine.serves(job):
                yield from self._answer(
                    [Asked(job, EMPTY, owed)], lambda some: [self._engine.plainly(some[0].job)]
                )
        yield from self._by_head(fast, nodes, owed)

    def _by_head(self, jobs: Sequence[Job], nodes: Sequence[Node], owed: float) -> Iterator[Answered]:
        """Goes through the tree of heads; closed questions of neighbouring heads share batches.

        Args:
            jobs: What is asked.
            nodes: The heads of their prompts.
            owed: Seconds by prompt token that were spent on them before.
        """
        shares = _tokens_below(jobs, nodes)
        last_child = {node.parent: n for n, node in enumerate(nodes)}
        heads: dict[int, Head] = {}
        waiting: list[Asked] = []
        for number, node in enumerate(nodes):
            parent = heads[node.parent] if node.parent is not None else Head(EMPTY, owed)
            head = self._head(jobs, node, parent, shares[number])
            heads[number] = head
            if number == 0 and node.length:
                self._engine.keep(head.states)
            some = [Asked(jobs[i], head.states, head.owed) for i in node.prompts]
            waiting += sorted((each for each in some if each.job.answers), key=lambda each: -each.tokens)
            while sum(each.tokens for each in waiting) >= self._served.batch_tokens:
                batch = first_within([each.tokens for each in waiting], self._served.batch_tokens)
                yield from self._answer(waiting[:batch], self._score)
                waiting = waiting[batch:]
            yield from self._generate([each for each in some if not each.job.answers], head)
            for done in [n for n in heads if last_child.get(n, n) <= number]:
                del heads[done]
        if waiting:
            yield from self._answer(waiting, self._score)

    def _head(self, jobs: Sequence[Job], node: Node, parent: Head, below: int) -> Head:
        began = time.perf_counter()
        ids = jobs[node.sample].ids
        if node.length:
            shared = ids[: node.length]
        else:
            shared = common_prefix([jobs[i].ids for i in node.prompts] or [ids])
            shared = shared[: min((len(jobs[i].ids) for i in node.prompts), default=1) - 1]
        try:
            states = self._engine.head(shared, parent.states, worth=node.length > 0)
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            self._engine.forget()
            states = parent.states  # each prompt then computes what it would have shared
        return Head(states, parent.owed + (time.perf_counter() - began) / max(1, below))

    def _score(self, asked: Sequence[Asked]) -> list[Completion]:
        return self._engine.score([each.job for each in asked], [each.head for each in asked])

    def _generate(self, asked: Sequence[Asked], head: Head) -> Iterator[Answered]:
        """Answers open questions of one head as they are over."""
        if not asked:
            return
        answers = self._engine.generate([each.job for each in asked], head.states, self._served.batch_tokens)
        for job, completion in answers:
            done: Completion | Failed
            if completion is None:
                done = _too_large(job)
            else:
                seconds = completion.usage.device_seconds + head.owed * len(job.ids)
                done = finished(job, completion, seconds)
            yield Answered(index=job.index, completion=done)

    def _answer(self, asked: Sequence[Asked], answer: Answers) -> list[Answered]:
        """Answers jobs together; halves the batch while it does not fit in memory."""
        began = time.perf_counter()
        try:
            completions = answer(asked)
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            self._engine.forget()
            if len(asked) > 1:
                half = len(asked) // 2
                return [*self._answer(asked[:half], answer), *self._answer(asked[half:], answer)]
            return [Answered(index=asked[0].job.index, completion=_too_large(asked[0].job))]
        tokens = [each.usage.input_tokens + each.usage.output_tokens for each in completions]
        by_token = (time.perf_counter() - began) / sum(tokens)
        return [
            Answered(
                index=one.job.index,
                completion=finished(one.job, each, by_token * n + one.owed * len(one.job.ids)),
            )
            for one, each, n in zip(asked, completions, tokens, strict=True)
        ]


def _tokens_below(jobs: Sequence[Job], nodes: Sequence[Node]) -> list[int]:
    """For each head, the tokens of all prompts that begin with it."""
    below = [sum(len(jobs[i].ids) for i in node.prompts) for node in nodes]
    for number in reversed(range(len(nodes))):
        parent = nodes[number].parent
        if parent is not None:
            below[parent] += below[number]
    return below


def _too_large(job: Job) -> Failed:
    says = f"a prompt of {len(job.ids)} tokens does not fit in memory"
    return Failed(query_id=job.request.query_id or "", kind="out-of-memory", error=says)
