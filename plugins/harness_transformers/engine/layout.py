"""A batch as one long sequence without padding, and who sees whom in it.

    tokens     the head's states      |  Where is  |  it ?  |  My card …  |
                       '------ span -----------------------------'            all of these see the head
    groups                               2 rows of 2 tokens     1 row of n

All layers but attention take tokens one by one, so that rows of any length lie one behind the other. Attention
goes group by group (rows of one length) over a row's own tokens, and once over each head for all rows that begin
with it; the two are merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from harness_transformers.engine.kernels import Attended, Kernels, hidden, merged
from harness_transformers.engine.states import States
from harness_transformers.engine.trie import Trie

if TYPE_CHECKING:
    import torch

    from harness_transformers.engine.slots import Slots

_NO_TRIE = Trie((), (), (), ())


@dataclass(frozen=True)
class Row:
    """What is computed of one prompt.

    Attributes:
        ids: Its tokens behind the head.
        head: States of the tokens before them.
        trie: What may follow, computed beside the prompt.
    """

    ids: Sequence[int]
    head: States
    trie: Trie = _NO_TRIE

    @property
    def length(self) -> int:
        return len(self.ids) + len(self.trie.tokens)


class Group(NamedTuple):
    """Rows of one length that see their own tokens in one way.

    Attributes:
        start: Of the first row in the long sequence.
        rows: How many.
        length: Of each.
        mask: What is added to scores, (length, length) or (rows, 1, length, keys); None for causal.
        slots: Where keys and values are kept, and attended to, token by token; None for nowhere.
    """

    start: int
    rows: int
    length: int
    mask: torch.Tensor | None = None
    slots: SlotView | None = None

    @property
    def stop(self) -> int:
        return self.start + self.rows * self.length


class SlotView(NamedTuple):
    """Which slots a group's rows have, and how much of them is filled before it.

    Attributes:
        slots: The memory.
        places: Each row's slot, (rows, 1).
        columns: Where each row's tokens go, (rows, length).
        first: Whether nothing stood there before.
        keys: Columns that are attended to.
    """

    slots: Slots
    places: torch.Tensor
    columns: torch.Tensor
    first: bool
    keys: int


class Span(NamedTuple):
    """Neighbouring tokens that see the same head."""

    start: int
    stop: int
    head: States


@dataclass
class Layout:
    """Who sees whom.

    Attributes:
        kernels: Computes attention.
        groups: All tokens, in order.
        spans: In order; tokens outside of them see no head.
        keep: Whether keys and values of every layer are kept in `kept`.
        kept: By layer, keys and values, each (tokens, key heads, width).
    """

    kernels: Kernels
    groups: Sequence[Group]
    spans: Sequence[Span]
    keep: bool = False
    kept: list[tuple[torch.Tensor, torch.Tensor]] = field(default_factory=list)

    def attend(self, layer: int, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, scale: float) -> torch.Tensor:
        """Attention of one layer.

        Args:
            layer: Its number.
            q: Rotated queries, (tokens, heads, width).
            k: Rotated keys, (tokens, key heads, width).
            v: Values, as the keys.
            scale: What scores are multiplied with.

        Returns:
            (tokens, heads, width).
        """
        import torch

        if self.keep:
            self.kept.append((k, v))
        parts = [self._own(layer, group, q, k, v, scale) for group in self.groups]
        flat = [_flat(part) for part in parts]
        values = torch.cat([f.values for f in flat]) if len(flat) > 1 else flat[0].values
        logsumexp = torch.cat([f.logsumexp for f in flat]) if len(flat) > 1 else flat[0].logsumexp
        for start, stop, head in self.spans:
            keys, held = head.keys[layer], head.values[layer]
            over = self.kernels(q[start:stop].transpose(0, 1)[None], keys, held, scale)
            own = Attended(values[start:stop].transpose(0, 1)[None], logsumexp[start:stop].transpose(0, 1)[None])
            both = merged(own, over)[0].transpose(0, 1)
            if stop - start == len(values):
                return both
            values[start:stop] = both
        return values

    def _own(
        self, layer: int, group: Group, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, scale: float
    ) -> Attended:
        here = slice(group.start, group.stop)
        q, k, v = (
            each[here].view(group.rows, group.length, *each.shape[1:]).transpose(1, 2) for each in (q, k, v)
        )
        if group.slots is not None:
            seen = group.slots.slots.put(layer, group.slots, k, v)
            if not group.slots.first:
                return self.kernels(q, *seen, scale, group.mask)
        return self.kernels(q, k, v, scale, group.mask, causal=group.mask is None)


def laid_out(rows: Sequence[Row], kernels: Kernels, device: torch.device, dtype: torch.dtype) -> Layout:
    """The layout of rows that stand in order: those of one head together, and among them those of one length."""
    groups: list[Group] = []
    spans: list[Span] = []
    at = 0
    for _, of_head in groupby(rows, key=lambda row: id(row.head)):
        begin = at
        for (length, _), alike in groupby(of_head, key=lambda row: (row.length, id(row.trie))):
            some = list(alike)
            mask = _tree_mask(some[0], device, dtype) if some[0].trie.tokens else None
            groups.append(Group(at, len(some), length, mask))
            at += length * len(some)
            head = some[0].head
        if head.ids:
            spans.append(Span(begin, at, head))
    return Layout(kernels, groups, spans)


def _flat(part: Attended) -> Attended:
    """(rows, heads, length, …) as (rows x length, heads, …)."""
    return Attended(part.values.transpose(1, 2).flatten(0, 1), part.logsumexp.transpose(1, 2).flatten(0, 1))


def _tree_mask(row: Row, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """The prompt sees what is before it, a node of the trie the prompt, its ancestors and itself."""
    import torch

    own = len(row.ids)
    seen = torch.ones(row.length, row.length, dtype=torch.bool).tril()
    seen[own:, own:] = torch.tensor(row.trie.sees)
    return hidden(~seen, dtype).to(device)
