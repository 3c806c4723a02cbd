"""Texts beyond a limit: what is trained on.

A text in chunks is learnt as its chunks, each with the text's label and a weight of 1 / chunks. Its probabilities
are the mean of those of its chunks, and by Jensen's inequality the mean of the chunks' losses is never below the
loss of that mean: what is trained bounds what is answered with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from harness import Context
from harness.long import Count, Cut, Piece, pieces, surely_fits
from harness.records import Long

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

DONE: Mapping[Long | None, str] = {
    None: "what is beyond it was not seen",
    "fail": "they fail",
    "head": "their head alone was seen",
    "middle": "the middle of each was cut out",
    "chunks": "each was seen in chunks",
}


def counting(tokenizer: PreTrainedTokenizerBase) -> Count:
    """Tokens of a text with those that the tokenizer puts round it."""
    return lambda text: len(tokenizer(text, verbose=False)["input_ids"])


def texts_in_parts(texts: Sequence[str], how: Cut | None, limit: int, count: Count) -> list[Sequence[Piece]]:
    """The pieces of each text; one that fits, or that nothing is done with, is a piece itself."""
    found: list[Sequence[Piece]] = []
    for text in texts:
        long = how is not None and not surely_fits(text, limit)
        found.append((pieces(text, how, limit, count) if long and how else ()) or (Piece(text, 1),))
    return found


def say_shortened(shortened: int, rows: int, limit: int, how: Cut | None, context: Context) -> None:
    """Warns of training rows that are not seen as they are."""
    if shortened and how is not None:
        context.warn(f"{shortened} of {rows} training rows are longer than {limit} tokens: {DONE[how]}")
