"""The choices of a closed question as a tree of tokens, so that what they share is computed once.

    choices   refund<end>   refund status<end>          tokens   refund  status
    nodes     0: refund     1: status                   parents  -1      0

A node needs the model's forward pass because its successors are read from it; the last token of a choice is
only ever read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


class Read(NamedTuple):
    """A log-probability to read: of `token`, at `column` (0 is the prompt's last token, 1 + i is node i)."""

    column: int
    token: int


@dataclass(frozen=True)
class Trie:
    """A tree of tokens behind a prompt.

    Attributes:
        tokens: Each node's token.
        parents: Each node's parent; -1 for the prompt. A parent stands before its children.
        depths: Each node's distance from the prompt's last token, at least 1.
        reads: For each choice, what to read: its log-likelihood is their sum.
    """

    tokens: tuple[int, ...]
    parents: tuple[int, ...]
    depths: tuple[int, ...]
    reads: tuple[tuple[Read, ...], ...]

    @classmethod
    def of(cls, sequences: Sequence[Sequence[int]]) -> Trie:
        """From the tokens of each choice."""
        places: dict[tuple[int, ...], int] = {(): -1}
        tokens: list[int] = []
        parents: list[int] = []
        depths: list[int] = []
        reads = []
        for sequence in sequences:
            path = []
            for depth, token in enumerate(sequence):
                parent = places[tuple(sequence[:depth])]
                path.append(Read(parent + 1, token))
                here = tuple(sequence[: depth + 1])
                if here not in places and depth + 1 < len(sequence):
                    places[here] = len(tokens)
                    tokens.append(token)
                    parents.append(parent)
                    depths.append(depth + 1)
            reads.append(tuple(path))
        return cls(tuple(tokens), tuple(parents), tuple(depths), tuple(reads))

    @cached_property
    def sees(self) -> list[list[bool]]:
        """Which node attends to which: itself and its ancestors, (nodes, nodes)."""
        rows: list[list[bool]] = []
        for i, parent in enumerate(self.parents):
            row = list(rows[parent]) if parent >= 0 else [False] * len(self.tokens)
            row[i] = True
            rows.append(row)
        return rows
