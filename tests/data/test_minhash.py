"""Signatures of many texts at once are those that datasketch makes of each."""

from __future__ import annotations

import zlib

import numpy as np
from datasketch import MinHash

from harness.data.minhash import PERMUTATIONS, SHINGLE, shared_bands, signatures

TEXTS = (
    "The parcel is late",
    "parcel",
    "late",
    "é",
    "😀 ok",
    "The parcel is later",
    "x" * 120_000,
    "five5",
    "sixsix",
)


def _hash(run: str) -> int:
    number = 0
    for character in run:
        number = (number * 0x01000193 + ord(character)) % 2**32
    return number


def _alone(text: str) -> list[int]:
    if len(text) <= SHINGLE:
        hashes = [zlib.crc32(text.encode("utf-32-le"))]
    else:
        hashes = [_hash(text[i : i + SHINGLE]) for i in range(len(text) - SHINGLE + 1)]
    sketch = MinHash(num_perm=PERMUTATIONS, seed=1, hashfunc=int)
    sketch.update_batch(hashes)
    found: list[int] = sketch.hashvalues.tolist()
    return found


def test_the_signatures_of_texts_together_are_datasketch_s_of_each_alone() -> None:
    assert [_alone(text) for text in TEXTS] == signatures(TEXTS).tolist()


def test_texts_share_a_band_where_all_its_numbers_are_the_same() -> None:
    found = np.tile(np.arange(4, dtype=np.uint32)[:, None], (1, PERMUTATIONS))
    found[3, :5] = found[1, :5]
    found[3, 5:9] = found[1, 5:9]  # one short of the second band

    first, *others = ([each.tolist() for each in buckets] for buckets in shared_bands(found, 5))

    assert [[1, 3]] == first
    assert [[]] * (PERMUTATIONS // 5 - 1) == others
