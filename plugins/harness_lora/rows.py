r"""Rows as token ids, and their order within an epoch.

    prompt   <|im_start|>user … my flight was great<|im_end|>\n<|im_start|>assistant\n     no loss on these
    answer   positive<|im_end|>                                                           the loss is on these

For a classifier the prompt is the text and the answer the label's index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

# Batches are filled from so many times their size: enough to find rows of like length, and few enough that
# which rows meet still differs from epoch to epoch.
_POOL = 16


@dataclass(frozen=True)
class Row:
    """One training row.

    Attributes:
        prompt: Token ids that come before the answer.
        answer: Token ids to be learnt, with the end of the turn; for a classifier the label's index.
        tokens: Tokens that the model reads.
        earlier: Places in the prompt whose tokens are to be learnt too: what the assistant said before.
        turns_cut: Turns of the history that were left out so that the row fits.
        weight: Of its loss; of the chunks of one text they sum to 1.
        cut: Whether it is not all of its text.
    """

    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    tokens: int
    earlier: tuple[int, ...] = ()
    turns_cut: int = 0
    weight: float = 1.0
    cut: bool = False

    @property
    def learnt(self) -> int:
        """Tokens that the loss is on."""
        return len(self.earlier) + len(self.answer)


def batches(rows: Sequence[Row], size: int, rng: Random) -> list[list[Row]]:
    """All rows in a random order, in batches of `size` whose rows are of similar length."""
    shuffled = rng.sample(rows, len(rows))
    grouped: list[list[Row]] = []
    for start in range(0, len(shuffled), size * _POOL):
        pool = sorted(shuffled[start : start + size * _POOL], key=lambda row: row.tokens)
        grouped += [pool[i : i + size] for i in range(0, len(pool), size)]
    rng.shuffle(grouped)
    return grouped


def split(rows: Sequence[Row], budget: int) -> list[list[Row]]:
    """A batch in parts of at most `budget` tokens, so that long rows fit in memory; a part has at least a row.

    >>> [len(part) for part in split([Row((), (), n) for n in (30, 50, 40, 90, 20)], 100)]
    [2, 1, 1, 1]
    """
    parts: list[list[Row]] = []
    room = 0
    for row in rows:
        if not parts or row.tokens > room:
            parts.append([])
            room = budget
        parts[-1].append(row)
        room -= row.tokens
    return parts


def shared_prefix(rows: Sequence[Row]) -> int:
    """Tokens at the start that all prompts share; each keeps its last one and what is learnt for itself."""
    shortest = min(rows, key=lambda row: len(row.prompt)).prompt
    longest = max(min([len(shortest), *(row.earlier[0] for row in rows if row.earlier)]) - 1, 0)
    for place in range(longest):
        if any(row.prompt[place] != shortest[place] for row in rows):
            return place
    return longest
