"""From what was found for each piece of a long text to what holds for the text: means, weighted by tokens.

    pieces of 250, 250 and 100 tokens    positive 0.9, 0.6, 0.3    -> positive 0.675
    their vectors                                                  -> their mean, of unit length

It imports nothing of the harness: exports copy it as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness.long import Piece


def mean_vectors(vectors: NDArray[np.float32], asked: Sequence[Sequence[Piece]]) -> NDArray[np.float32]:
    """One vector of unit length for each text, (texts, width): the mean of its pieces', weighted by tokens.

    Args:
        vectors: Of all pieces, (pieces, width).
        asked: The pieces of each text, in the same order.
    """
    import numpy as np

    found, at = [], 0
    for parts in asked:
        own = vectors[at : at + len(parts)]
        at += len(parts)
        if len(parts) == 1:
            found.append(own[0])
            continue
        mean = np.average(own.astype(np.float64), axis=0, weights=[part.tokens for part in parts])
        length = float(np.linalg.norm(mean))
        # Pieces that cancel each other out say nothing; the first stands for them.
        found.append((mean / length).astype(np.float32) if length > 0 else own[0])
    return np.stack(found)


def mean_shares(found: Sequence[Mapping[str, float]], parts: Sequence[Piece]) -> Mapping[str, float]:
    """Probability of each label: the mean of the pieces', weighted by tokens."""
    if len(found) == 1:
        return found[0]
    total = sum(part.tokens for part in parts)
    return {
        label: sum(each[label] * part.tokens for each, part in zip(found, parts, strict=True)) / total
        for label in found[0]
    }
