"""Training rows that are too long lose the oldest turns of their history first, as they do when they are asked.

What is too long even without any earlier turn is shortened as the task says (`long`), or left out.
"""

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
    """Examples as rows of at most `limit` tokens; of a text in chunks each chunk is one."""
    if not any(example.query.history for example in examples):
        return [row for row in head.rows(tokenizer, examples, limit) if row.tokens <= limit]
    rows = []
    for example in examples:
        cut = _turns_to_cut(head, tokenizer, example, limit)
        made = head.rows(tokenizer, [_without(example, cut)], limit)
        rows += [replace(row, turns_cut=cut) for row in made if row.tokens <= limit]
    return rows


def _turns_to_cut(head: Head, tokenizer: PreTrainedTokenizerBase, example: Example, limit: int) -> int:
    """The fewest oldest turns without which a row fits; all of them where it never does."""
    turns = sum(turn.role != "system" for turn in example.query.history)

    def fits(cut: int) -> bool:
        (row,) = head.rows(tokenizer, [_without(example, cut)], None)
        return row.tokens <= limit

    return bisect_left(range(turns), True, key=fits)


def _without(example: Example, turns: int) -> Example:
    return example.model_copy(update={"query": without_oldest(example.query, turns)}) if turns else example
