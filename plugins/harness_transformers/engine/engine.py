"""A causal model at work on jobs: the fast way where it is right, else the plain way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness import Completion, Usage
from harness_transformers.engine.constraint import Grammars
from harness_transformers.engine.generation import Row, end_tokens, generate
from harness_transformers.engine.jobs import Job, closed
from harness_transformers.engine.likelihood import attends_fully, score, score_plainly
from harness_transformers.engine.rendering import Renderer
from harness_transformers.engine.states import EMPTY, SharedHead, States
from harness_transformers.engine.trie import Trie

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_EVERYWHERE = 1 << 30
_TRIAL_TEXT = "one two three four five six seven eight"


class Engine:
    """Answers batches of jobs of one kind.

    Args:
        module: The model, in eval mode on its device.
        renderer: Its tokenizer's.
        name: What prices go by.
    """

    def __init__(self, module: PreTrainedModel, renderer: Renderer, name: str) -> None:
        self.module = module
        self._renderer = renderer
        self._name = name
        self._kept = SharedHead(module)
        self._reach: int | None = None
        vocabulary = module.config.get_text_config().vocab_size
        self._grammars = Grammars(renderer.tokenizer, vocabulary, end_tokens(module, renderer))

    def try_out(self) -> None:
        """Finds out once how far the fast way is right; part of loading, and charged to no request."""
        import torch

        if self._reach is None:
            with torch.inference_mode():
                self._reach = attends_fully(self.module, self._renderer.bare(_TRIAL_TEXT))

    def head(self, jobs: Sequence[Job]) -> States | None:
        """States of what the jobs' prompts share; None where these jobs must go the plain way."""
        import torch

        with torch.inference_mode():
            if self._reach is None or max(job.most_tokens for job in jobs) > self._reach:
                return None
            return self._kept.of([job.ids for job in jobs])

    def forget(self) -> None:
        """Frees what is kept between calls."""
        self._kept.kept = EMPTY

    def score(self, jobs: Sequence[Job], head: States | None, trie: Trie) -> list[Completion]:
        """Answers closed questions with the same choices."""
        import torch

        with torch.inference_mode():
            if head is None:
                rows = [score_plainly(self.module, job.ids, trie) for job in jobs]
            else:
                rests = [job.ids[len(head.ids) :] for job in jobs]
                rows, cache = score(self.module, head, rests, trie)
                if len(jobs) == 1:
                    self._kept.kept = States.of(jobs[0].ids, cache)
        return [closed(job, self._name, row) for job, row in zip(jobs, rows, strict=True)]

    def generate(self, jobs: Sequence[Job], head: States | None) -> list[Completion]:
        """Answers open questions, each held to its schema where it has one that can be held to."""
        import torch

        # A window of attention is told from columns, which a head before the padding would shift.
        if self._reach != _EVERYWHERE:
            head = None
        past = len(head.ids) if head else 0
        rows = [
            Row(
                job.ids[past:],
                job.request.max_tokens,
                job.request.temperature,
                job.seed,
                held=self._grammars.held(job.request.answer_schema),
            )
            for job in jobs
        ]
        with torch.inference_mode():
            cache = generate(self.module, head, rows, self._renderer)
            if head is not None and len(jobs) == 1:
                self._kept.kept = States.of(jobs[0].ids, cache)
        return [
            Completion(
                text=self._renderer.text(row.ids),
                asked="schema" if row.held is not None and row.held.kept else "text",
                finish="stop" if row.stopped else "length",
                usage=Usage(model=self._name, input_tokens=len(job.ids), output_tokens=len(row.ids)),
            )
            for job, row in zip(jobs, rows, strict=True)
        ]
