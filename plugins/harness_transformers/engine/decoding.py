"""Open answers side by side: every step is one pass over a token of each answer and whole prompts of new ones.

    slot   step 1           step 2        step 3
    0      the prompt of a  a's 2nd token a's 3rd token
    1      the prompt of b  b's 2nd: end  the prompt of c

A row that is over leaves its slot at once, and the last one moves there, so that what is attended to lies in one
piece (continuous batching as in Orca, Yu et al., 2022).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness_transformers.engine.body import Body
from harness_transformers.engine.generation import Row, take
from harness_transformers.engine.kernels import hidden
from harness_transformers.engine.layout import Group, Layout, SlotView, Span
from harness_transformers.engine.memory import logits_at_once, out_of_memory
from harness_transformers.engine.rendering import Renderer
from harness_transformers.engine.slots import Slots
from harness_transformers.engine.states import States

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Limits:
    """How much is done at once.

    Attributes:
        slots: Answers side by side.
        tokens: Of new prompts in a step; one prompt always fits.
    """

    slots: int
    tokens: int


class Decoding:
    """Answers rows that share a head.

    Args:
        body: The model.
        head: States of what all prompts begin with.
        renderer: Knows how an answer ends.
        ends: Tokens that end an answer.
        device: Where the model is.
    """

    def __init__(
        self, body: Body, head: States, renderer: Renderer, ends: frozenset[int], device: torch.device
    ) -> None:
        self._body = body
        self._head = head
        self._renderer = renderer
        self._ends = ends
        self._device = device
        self._slots = Slots(0, 0)

    def answer(self, rows: Sequence[Row], limits: Limits) -> Iterator[Row]:
        """Rows as they are over; one that does not fit in memory even alone comes with `filled` 0.

        Raises:
            RuntimeError: What torch raises but for a full memory.
        """
        waiting = sorted(rows, key=lambda row: row.longest)  # the longest is popped first
        active: list[Row] = []
        most = min(limits.slots, len(rows))
        while waiting or active:
            if self._slots.rows != most:
                self._slots = Slots(most, max(row.longest for row in [*waiting, *active]))
            began = time.perf_counter()
            new = self._admit(waiting, most - len(active), limits.tokens)
            try:
                fed = self._step(active, new)
            except RuntimeError as error:
                if not out_of_memory(error):
                    raise
                waiting += sorted([*new, *active], key=lambda row: row.longest)
                for row in waiting:
                    row.filled = 0
                active, self._slots = [], Slots(0, 0)
                if most == 1:
                    yield waiting.pop()
                most = max(1, most // 2)
                continue
            active += new
            seconds = time.perf_counter() - began
            for row, tokens in zip(active, fed, strict=True):
                row.seconds += seconds * tokens / sum(fed)
            yield from self._leave(active)

    def states(self, row: Row) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """By layer, keys and values (tokens, key heads, width) of the only row, as far as it was computed."""
        return [(k[0].transpose(0, 1), v[0].transpose(0, 1)) for k, v in self._slots.of(0, row.filled)]

    @staticmethod
    def _admit(waiting: list[Row], room: int, budget: int) -> list[Row]:
        """The next rows, those of one length together."""
        new: list[Row] = []
        while waiting and len(new) < room:
            tokens = waiting[-1].known
            if new and tokens > budget:
                break
            budget -= tokens
            new.append(waiting.pop())
        return sorted(new, key=lambda row: row.known)

    def _step(self, active: Sequence[Row], new: Sequence[Row]) -> list[int]:
        """Computes and takes the next token of every row; gives how many tokens each was passed."""
        import torch

        more = min((row.forced() for row in active), default=0)
        for row in active:
            row.ids += row.pop(more)
        rows = [*active, *new]
        fed = [row.unfed() for row in rows]
        starts = [row.filled for row in rows]
        layout = self._layout(starts, [len(tokens) for tokens in fed], len(active))
        past = len(self._head.ids)
        positions = [
            past + start + i for start, tokens in zip(starts, fed, strict=True) for i in range(len(tokens))
        ]
        ends, at = [], -1
        for tokens in fed:
            at += len(tokens)
            ends.append(at)
        given = [[token for tokens in fed for token in tokens], positions, ends]
        ids, places, wanted = (torch.tensor(each, dtype=torch.long, device=self._device) for each in given)
        found = self._body.run(ids, places, layout, wanted)
        for row, tokens in zip(rows, fed, strict=True):
            row.filled += len(tokens)
        at_once = logits_at_once(self._device)
        for begin in range(0, len(rows), at_once):
            logits = self._body.logits(found[begin : begin + at_once])
            likeliest = logits.argmax(-1).tolist()
            for row, scores, token in zip(rows[begin : begin + at_once], logits, likeliest, strict=True):
                take(row, scores, self._ends, self._renderer, token)
        return [len(tokens) for tokens in fed]

    def _layout(self, starts: Sequence[int], lengths: Sequence[int], active: int) -> Layout:
        """Of the rows of the first slots, which go on, and of new ones behind them."""
        import torch

        groups: list[Group] = []
        at = slot = 0
        while slot < len(starts):
            length = lengths[slot]
            stop = active if slot < active else slot + 1
            while active <= stop < len(starts) and slot >= active and lengths[stop] == length:
                stop += 1
            filled = torch.tensor(starts[slot:stop], device=self._device)[:, None]
            columns = filled + torch.arange(length, device=self._device)
            index = torch.arange(slot, stop, device=self._device)[:, None]
            keys, mask = max(starts[slot:stop]) + length, None
            if slot < active and (length > 1 or min(starts[:stop]) != max(starts[:stop])):
                blocked = torch.arange(keys, device=self._device) > columns[:, None, :, None]
                mask = hidden(blocked, self._body.dtype)
            view = SlotView(self._slots, index, columns, slot >= active, keys)
            groups.append(Group(at, stop - slot, length, mask, view))
            at, slot = groups[-1].stop, stop
        spans = [Span(0, at, self._head)] if self._head.ids else []
        return Layout(self._body.kernels, groups, spans)

    def _leave(self, active: list[Row]) -> Iterator[Row]:
        """Takes out rows that are over; the last row moves to where one was."""
        for slot in reversed(range(len(active))):
            if active[slot].over():
                row, last = active[slot], active.pop()
                if last is not row:
                    active[slot] = last
                    self._slots.move(len(active), slot, last.filled)
                yield row
