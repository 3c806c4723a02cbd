"""MinHash signatures of many texts at once, and which texts share a band of theirs.

signatures(["the parcel is late", "the parcel is later"])    (2, 128) numbers, of which the two share most
shared_bands(signatures, rows=5)                             the pairs and larger groups worth comparing

The signatures are those that datasketch makes with its scheme affine32. It takes Python's time and memory for each
text and band, most of the work where texts are short, and its import brings SciPy: here each step hashes, permutes
or sorts thousands of texts.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHINGLE = 5  # characters; also what a text needs to have more than one shingle
PERMUTATIONS = 128
_SEED = 1
_BASE = 0x01000193
_AT_ONCE = 100_000  # characters whose hashes are permuted in one step: they stay in the processor's cache


def signatures(texts: Sequence[str]) -> NDArray[np.uint32]:
    """The signatures of texts, (texts, permutations): the least of each permutation over a text's shingles.

    Source: Broder, 1997, "On the resemblance and containment of documents".

    Args:
        texts: None of them empty.
    """
    import numpy as np

    found = np.empty((len(texts), PERMUTATIONS), dtype=np.uint32)
    start = size = 0
    for stop, text in enumerate(texts, 1):
        size += len(text)
        if size >= _AT_ONCE or stop == len(texts):
            _permute(texts[start:stop], found[start:stop])
            start, size = stop, 0
    return found


def shared_bands(found: NDArray[np.uint32], rows: int) -> Iterator[list[NDArray[np.intp]]]:
    """For each band of the signatures, which texts have the same numbers in it.

    Args:
        found: Signatures, (texts, permutations).
        rows: Numbers of a band.

    Yields:
        The numbers of such texts, ascending, each array two or more.
    """
    import numpy as np

    for first in range(0, PERMUTATIONS - rows + 1, rows):
        band = found[:, first : first + rows]
        order = np.lexsort(band.T)  # stable, so that numbers ascend where a band is the same
        ordered = band[order]
        ends = np.flatnonzero((ordered[1:] != ordered[:-1]).any(axis=1)) + 1
        starts, ends = np.r_[0, ends], np.r_[ends, len(order)]
        several = ends - starts > 1
        yield [order[a:b] for a, b in zip(starts[several], ends[several], strict=True)]


def _permute(texts: Sequence[str], into: NDArray[np.uint32]) -> None:
    import numpy as np

    hashes, starts = _hashes(texts)
    hashes = _mixed(hashes)
    # Odd multipliers permute the 32-bit numbers.
    drawn = np.random.RandomState(_SEED)
    multipliers = drawn.randint(0, 1 << 31, PERMUTATIONS, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    shifts = drawn.randint(0, 1 << 32, PERMUTATIONS, dtype=np.uint32)
    permuted = np.empty_like(hashes)
    for number in range(PERMUTATIONS):
        np.multiply(hashes, multipliers[number], out=permuted)
        permuted += shifts[number]
        into[:, number] = np.minimum.reduceat(permuted, starts)


def _hashes(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """A 32-bit number for each run of characters of all texts, and where each text's begin."""
    import numpy as np

    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    lengths = np.fromiter((len(text) for text in texts), dtype=np.intp, count=len(texts))
    starts = np.cumsum(lengths) - lengths
    runs = np.zeros(len(points), dtype=np.uint32)
    for place in range(SHINGLE):
        runs[: len(points) - place] = runs[: len(points) - place] * np.uint32(_BASE) + points[place:]
    # Runs that reach into the next text are none of either.
    counts = np.maximum(lengths - SHINGLE + 1, 1)
    ends = np.zeros(len(points) + 1, dtype=np.int8)
    np.add.at(ends, starts, 1)
    np.add.at(ends, starts + counts, -1)
    for number in np.flatnonzero(lengths <= SHINGLE):
        text = points[starts[number] : starts[number] + lengths[number]]
        runs[starts[number]] = zlib.crc32(text.tobytes())
    return runs[np.cumsum(ends[:-1], dtype=np.int8) > 0], np.cumsum(counts) - counts


def _mixed(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """MurmurHash3's finalizer, as datasketch has it: bits that differ anywhere differ everywhere."""
    import numpy as np

    for shift, multiplier in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        hashes = (hashes ^ (hashes >> np.uint32(shift))) * np.uint32(multiplier)
    mixed: NDArray[np.uint32] = hashes ^ (hashes >> np.uint32(16))
    return mixed
