"""Each text is embedded once, whoever asks; everyone is charged, one pays, and the timed sample is asked anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.calls.budget import Budget
from harness.calls.cache import Cache
from harness.calls.calling import Calls
from harness.calls.ledger import entries
from harness.calls.metering import MeteredEmbedder
from harness.calls.pricing import Prices
from harness.suite import PriceBook
from tests.calls.trials import Owner

TEXTS = ["the parcel is late", "where is my parcel", "how do I change my password"]


class Counting:
    identity, window = "counting", 100

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        return [len(text.split()) for text in texts]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += texts
        return np.asarray([[len(text), 1.0] for text in texts], np.float32)


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[Calls]:
    budget = Budget(None, Prices(PriceBook()), tmp_path / "budget.jsonl", ())
    with Cache(tmp_path / "cache.sqlite") as cache:
        made = Calls(cache, budget, "here")
        yield made
        made.loop.close()
    budget.close()


def _booked(owner: Owner) -> list[tuple[str, bool]]:
    return [(entry.phase, entry.paid) for entry in entries(owner.path)]


def test_strategies_that_ask_at_once_have_a_text_embedded_once(tmp_path: Path, calls: Calls) -> None:
    model = Counting()
    owners = [Owner(tmp_path, calls, f"s{i}") for i in range(4)]
    at_once = Barrier(len(owners))

    def ask(owner: Owner) -> NDArray[np.float32]:
        at_once.wait()
        return MeteredEmbedder("small", model, calls, owner).embed([*TEXTS, TEXTS[0]])

    with ThreadPoolExecutor(len(owners)) as threads:
        found = list(threads.map(ask, owners))

    assert sorted(TEXTS) == sorted(model.embedded)
    assert all((found[0] == each).all() for each in found)
    assert [3] * 4 == [len(_booked(owner)) for owner in owners]
    assert 3 == sum(paid for owner in owners for _, paid in _booked(owner))


def test_the_timed_sample_is_embedded_anew_and_not_kept(tmp_path: Path, calls: Calls) -> None:
    model, owner = Counting(), Owner(tmp_path, calls)
    metered = MeteredEmbedder("small", model, calls, owner)
    metered.embed(TEXTS[:1])
    owner.meter.phase = "sample"
    metered.embed(TEXTS[:2])
    owner.meter.phase = "bulk"
    metered.embed(TEXTS[:2])

    assert [TEXTS[0], TEXTS[0], TEXTS[1], TEXTS[1]] == model.embedded
    expected = [("prepare", True), ("sample", True), ("sample", True), ("bulk", True), ("bulk", False)]
    assert expected == _booked(owner)


def test_no_text_stands_in_the_file_that_keeps_vectors(tmp_path: Path, calls: Calls) -> None:
    MeteredEmbedder("small", Counting(), calls, Owner(tmp_path, calls)).embed(TEXTS)

    with sqlite3.connect(tmp_path / "cache.sqlite") as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    held = b"".join(path.read_bytes() for path in tmp_path.glob("cache.sqlite*"))
    assert 3 == calls.cache.stats().vectors
    assert not any(word.encode() in held for text in TEXTS for word in text.split() if len(word) > 3)
