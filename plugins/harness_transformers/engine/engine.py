"""A causal model at work on jobs: the fast way where it is right, else the plain way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from harness import Completion, Usage
from harness_transformers.engine.adopted import Adopted
from harness_transformers.engine.body import Body
from harness_transformers.engine.constraint import Grammars
from harness_transformers.engine.decoder import Decoder
from harness_transformers.engine.decoding import Decoding, Limits
from harness_transformers.engine.generation import Row, end_tokens, generate_plainly
from harness_transformers.engine.jobs import Job, closed
from harness_transformers.engine.kernels import Kernels
from harness_transformers.engine.layout import Row as Scored
from harness_transformers.engine.likelihood import agrees, score, score_plainly
from harness_transformers.engine.memory import most_slots
from harness_transformers.engine.passing import extend, grown
from harness_transformers.engine.rendering import Renderer
from harness_transformers.engine.states import EMPTY, States, common_prefix
from harness_transformers.engine.trie import Trie
from harness_transformers.sharing import sharing

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_EVERYWHERE = 1 << 30
_TRIAL_TEXT = "one two three four five six seven eight"
_TRIES = 1024  # that are kept; choices may differ from question to question
_FEW = 8  # tokens that are sooner computed again than attended to apart


class Engine:
    """Answers batches of jobs.

    Args:
        module: The model, in eval mode on its device.
        renderer: Its tokenizer's.
        name: What prices go by.
    """

    def __init__(self, module: PreTrainedModel, renderer: Renderer, name: str) -> None:
        self.module = module
        self._renderer = renderer
        self._name = name
        self._kept = EMPTY
        self._body: Body | None = None
        self._reach: int | None = None
        self._tries: dict[tuple[tuple[int, ...], ...], Trie] = {}
        self._ends = end_tokens(module, renderer)
        vocabulary = module.config.get_text_config().vocab_size
        self._grammars = Grammars(renderer.tokenizer, vocabulary, self._ends)

    def try_out(self) -> None:
        """Finds out once which way is right, and how far; part of loading, and charged to no request."""
        import torch

        if self._reach is not None:
            return
        with torch.inference_mode():
            ids = self._renderer.bare(_TRIAL_TEXT)
            reach = _reach(self.module)
            bodies = _bodies(self.module) if reach else iter(())
            self._body = next((body for body in bodies if agrees(body, self.module, ids)), None)
        self._reach = reach if self._body is not None else 0

    def serves(self, job: Job) -> bool:
        """Whether the job may go the fast way."""
        return self._reach is not None and job.most_tokens <= self._reach

    def head(self, shared: Sequence[int], parent: States, *, worth: bool) -> States:
        """States of what prompts share.

        Args:
            shared: It, as tokens.
            parent: States of tokens that it begins with.
            worth: Whether it is computed where it is not known; else as far as it is known.
        """
        import torch

        kept = self._kept
        known = len(common_prefix([kept.ids, shared]))
        if known > len(parent.ids) and known >= _FEW:
            parent = kept.cut(known)
        if not worth or len(parent.ids) == len(shared):
            return parent
        with torch.inference_mode():
            return extend(self._fast, parent, shared, self.module.device)

    def keep(self, states: States) -> None:
        """Keeps states for calls to come."""
        self._kept = states

    def forget(self) -> None:
        """Frees what is kept between calls."""
        self._kept = EMPTY

    def score(self, jobs: Sequence[Job], heads: Sequence[States]) -> list[Completion]:
        """Answers closed questions the fast way.

        Args:
            jobs: The questions.
            heads: What each prompt begins with.
        """
        import torch

        rows = [
            Scored(job.ids[len(head.ids) :], head, self._trie(job)) for job, head in zip(jobs, heads, strict=True)
        ]
        with torch.inference_mode():
            news = len(jobs) == 1 and self._is_news(jobs[0], heads[0])
            scores, kept = score(self._fast, rows, self.module.device, keep=news)
            if news:
                self._kept = grown(heads[0], jobs[0].ids, kept)
        return [closed(job, self._name, row) for job, row in zip(jobs, scores, strict=True)]

    def generate(self, jobs: Sequence[Job], head: States, tokens: int) -> Iterator[tuple[Job, Completion | None]]:
        """Answers open questions whose prompts share a head, the fast way; None for one that does not fit.

        Args:
            jobs: The questions.
            head: What each prompt begins with.
            tokens: Of new prompts at once.
        """
        import torch

        with torch.inference_mode():
            rows = {id(row): (job, row) for job in jobs for row in [self._row(job, len(head.ids))]}
        decoding = Decoding(self._fast, head, self._renderer, self._ends, self.module.device)
        longest = max(row.longest for _, row in rows.values())
        limits = Limits(most_slots(self.module, longest), tokens)
        answers = decoding.answer([row for _, row in rows.values()], limits)
        while True:
            with torch.inference_mode():  # entered anew for each: what asks runs between two of them
                row = next(answers, None)
            if row is None:
                return
            job = rows[id(row)][0]
            if len(jobs) == 1 and row.filled and self._is_news(job, head):
                self._kept = grown(head, [*job.ids, *row.ids][: len(head.ids) + row.filled], decoding.states(row))
            yield job, self._said(job, row) if row.filled else None

    def plainly(self, job: Job) -> Completion:
        """Answers one question the way that is right for every model."""
        import torch

        with torch.inference_mode():
            if job.answers:
                return closed(job, self._name, score_plainly(self.module, job.ids, self._trie(job)))
            row = self._row(job, 0)
            generate_plainly(self.module, row, self._renderer)
            return self._said(job, row)

    @property
    def _fast(self) -> Body:
        if self._body is None:
            raise RuntimeError("this model is answered the plain way")
        return self._body

    def _trie(self, job: Job) -> Trie:
        if job.answers not in self._tries:
            if len(self._tries) >= _TRIES:
                self._tries = {}
            self._tries[job.answers] = Trie.of(job.answers)
        return self._tries[job.answers]

    def _is_news(self, job: Job, head: States) -> bool:
        """Whether the next question is likelier to go on from this prompt than from what is kept."""
        return len(head.ids) in (len(self._kept.ids), 0) or len(job.ids) > 3 * len(head.ids)

    def _row(self, job: Job, past: int) -> Row:
        held = self._grammars.held(job.request.answer_schema)
        return Row(job.ids[past:], job.request.max_tokens, job.request.temperature, job.seed, held=held)

    def _said(self, job: Job, row: Row) -> Completion:
        return Completion(
            text=self._renderer.text(row.ids),
            asked="schema" if row.held is not None and row.held.kept else "text",
            finish="stop" if row.stopped else "length",
            usage=Usage(
                model=self._name, input_tokens=len(job.ids), output_tokens=len(row.ids), device_seconds=row.seconds
            ),
        )


def _bodies(module: PreTrainedModel) -> Iterator[Body]:
    """Ways to compute the model, the quickest first."""
    for fast in (True, False):
        if Decoder.fits(module):
            yield Decoder(module, Kernels(fast=fast))
    yield Adopted(sharing(module), Kernels())


def _reach(module: PreTrainedModel) -> int:
    """Up to how many tokens every position sees all before it; 0 where some layer is not attention."""
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

    layers = DynamicCache(config=module.config).layers
    if any(type(layer) not in (DynamicLayer, DynamicSlidingWindowLayer) for layer in layers):
        return 0
    return min((layer.sliding_window for layer in layers if layer.is_sliding), default=_EVERYWHERE)
