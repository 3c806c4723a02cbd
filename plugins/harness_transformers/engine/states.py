"""Keys and values of a prompt's head, computed once and seen by every row of a batch.

What requests of one call share is found token by token; what the last call left is taken up as well, so that
questions asked one at a time, as in service, do not pay for their common head again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

# A pass over the weights costs about as much as this many tokens: a shorter shared head is not worth one.
WORTH_TOKENS = 32


@dataclass(frozen=True)
class States:
    """Attention states of some tokens, layer by layer; each tensor (1, heads, tokens, width)."""

    ids: tuple[int, ...]
    keys: tuple[torch.Tensor, ...] = ()
    values: tuple[torch.Tensor, ...] = ()

    def cut(self, length: int) -> States:
        keys = tuple(k[:, :, :length] for k in self.keys)
        return States(self.ids[:length], keys, tuple(v[:, :, :length] for v in self.values))


EMPTY = States(())


@dataclass(frozen=True)
class Node:
    """A head in a tree of them.

    Attributes:
        length: In tokens, those of its parents included; 0 for the root of prompts that share nothing.
        parent: The one that it goes on from, by its place in the list.
        sample: A prompt that begins with it.
        prompts: Those that go on from it by themselves.
    """

    length: int
    parent: int | None
    sample: int
    prompts: list[int]


def common_prefix(sequences: Sequence[Sequence[int]]) -> list[int]:
    """The longest head that all share.

    >>> common_prefix([[1, 2, 3], [1, 2, 4, 5]])
    [1, 2]
    """
    # Whatever lies between the smallest and the largest in dictionary order shares what those two share.
    low, high = min(map(list, sequences)), max(map(list, sequences))
    shared = 0
    for a, b in zip(low, high, strict=False):
        if a != b:
            break
        shared += 1
    return low[:shared]


def tree(prompts: Sequence[Sequence[int]]) -> list[Node]:
    """Heads that are worth computing once, each before those that go on from it.

    A head is worth it where the tokens that it saves outweigh a pass of its own. A prompt's last token is never
    part of one. One prompt that differs early (a demonstration left out for its own query) takes the head from
    nobody: it leaves at a shorter one.

    >>> [(n.length, sorted(n.prompts)) for n in tree([[7] * 50 + [1], [7] * 50 + [2], [7] * 50 + [3], [8, 8]])]
    [(0, [3]), (50, [0, 1, 2])]
    """
    order = sorted(range(len(prompts)), key=lambda i: list(prompts[i]))
    near = [
        min(len(common_prefix([prompts[a], prompts[b]])), len(prompts[a]) - 1, len(prompts[b]) - 1)
        for a, b in pairwise(order)
    ]
    found: list[Node] = []
    waiting: list[tuple[int, int, int | None]] = [(0, len(order), None)] if order else []
    while waiting:
        start, stop, parent = waiting.pop()
        shared = min(near[start : stop - 1], default=0)
        before = found[parent].length if parent is not None else 0
        if (stop - start - 1) * (shared - before) >= WORTH_TOKENS:
            found.append(Node(shared, parent, order[start], []))
            parent, before = len(found) - 1, shared
        elif parent is None:
            found.append(Node(0, None, order[start], []))
            parent = len(found) - 1
        cuts = [i + 1 for i in range(start, stop - 1) if near[i] <= shared]
        parts = list(pairwise([start, *cuts, stop]))
        for part in reversed(parts):
            if part[1] - part[0] == 1 or _worth(near, *part) - before < 1:
                found[parent].prompts.extend(order[part[0] : part[1]])
            else:
                waiting.append((*part, parent))
    return found


def _worth(near: Sequence[int], start: int, stop: int) -> int:
    """The longest head that two neighbours share."""
    return max(near[start : stop - 1], default=0)
