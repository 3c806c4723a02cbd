"""Training rows that are too long lose the oldest turns of their history, as they do when they are asked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from harness import Example
from harness.trimming import without_oldest
from harness_lora.rows import Row

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from harness_lora.head import Head


def fitting(head: Head, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example], limit: int) -> list[Row]:
    """Examples as rows, without those that are longer than `limit` tokens even without any earlier turn."""
    rows = []
    for row, example in zip(head.rows(tokenizer, examples), examples, strict=True):
        fits = row if row.tokens <= limit else _shortened(head, tokenizer, example, limit)
        if fits is not None:
            rows.append(fits)
    return rows


def _shortened(head: Head, tokenizer: PreTrainedTokenizerBase, example: Example, limit: int) -> Row | None:
    turns = sum(turn.role != "system" for turn in example.query.history)

    def row(cut: int) -> Row:
        query = without_oldest(example.query, cut)
        (made,) = head.rows(tokenizer, [example.model_copy(update={"query": query})])
        return replace(made, cut=cut)

    cut = bisect_left(range(turns + 1), True, lo=1, key=lambda cut: row(cut).tokens <= limit) if turns else 1
    return row(cut) if cut <= turns else None
