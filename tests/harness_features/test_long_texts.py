"""Embedders and texts longer than their window, through the strategies that use them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from harness import Brief, Example, Failed, Prediction, Query, Strategy
from harness.records import Long
from harness.testing import HashEmbedder, ScriptedModel, Tried, try_strategy
from harness_features.features import Features
from harness_features.knn import NearestNeighbours
from harness_retrieval.retrieval import Retrieval

WINDOW = 24
WORDS = {"positive": "superb lovely", "negative": "awful rude"}
STRATEGIES = (Features(embedder="e"), NearestNeighbours(embedder="e", k=3))


def brief(long: Long | None) -> Brief:
    labels = {"positive": "", "negative": ""}
    return Brief(name="t", instructions="How was it?", kind="label", labels=labels, long=long)


def row(number: int, label: str, *, words: int) -> Example:
    """A review of so many words whose last two decide."""
    filler = " ".join(f"w{(number * 7 + i) % 40}" for i in range(words - 2))
    return Example(query=Query(id=f"{label}-{number}-{words}", text=f"{filler} {WORDS[label]}"), targets=(label,))


def rows(numbers: Sequence[int], words: int) -> list[Example]:
    return [row(number, label, words=words) for number in numbers for label in WORDS]


TRAIN = rows(range(20), 10)
LONG = rows(range(100, 112), 40)
SHORT = rows(range(200, 206), 10)


def tried(
    folder: Path,
    long: Long | None,
    strategy: Strategy,
    test: Sequence[Example] = (*LONG, *SHORT),
    train: Sequence[Example] = TRAIN,
) -> Tried:
    return try_strategy(
        strategy,
        folder=folder,
        brief=brief(long),
        train=train,
        validation=(),
        queries=test,
        models={"e": HashEmbedder(window=WINDOW, width=512), "m": ScriptedModel()},
        latency_sample=2,
    )


def right(result: Tried, of: Sequence[Example]) -> float:
    outcomes = [(result.outcomes[e.query.id], e.targets) for e in of]
    return float(np.mean([isinstance(o, Prediction) and o.answers == targets for o, targets in outcomes]))


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: type(s).__name__)
def test_a_verdict_at_the_end_is_missed_by_the_head_and_found_otherwise(
    strategy: Strategy, tmp_path: Path
) -> None:
    by_way = {how: right(tried(tmp_path / how, how, strategy), LONG) for how in ("head", "middle", "chunks")}
    assert by_way["head"] <= 0.75
    assert 1.0 == by_way["middle"]
    assert by_way["chunks"] >= 0.9


@pytest.mark.parametrize("long", [None, "head", "middle", "chunks"])
def test_answers_of_long_rows_say_what_was_done_and_short_ones_nothing(long: Long | None, tmp_path: Path) -> None:
    result = tried(tmp_path, long, STRATEGIES[0])
    for example in LONG:
        outcome = result.outcomes[example.query.id]
        assert isinstance(outcome, Prediction)
        assert {"long": long or "head"} == outcome.notes
    for example in SHORT:
        outcome = result.outcomes[example.query.id]
        assert isinstance(outcome, Prediction)
        assert {} == outcome.notes
    assert [True] == ["24 texts are longer than e's window of 24 tokens" in w for w in result.warnings]


@pytest.mark.parametrize(
    "strategy", [*STRATEGIES, Retrieval(model="m", embedder="e", k=2)], ids=lambda s: type(s).__name__
)
def test_fail_fails_the_long_rows_singly_and_leaves_them_out_of_train(strategy: Strategy, tmp_path: Path) -> None:
    result = tried(tmp_path, "fail", strategy, train=(*TRAIN, *rows([50], 40)))
    failed = {i for i, outcome in result.outcomes.items() if isinstance(outcome, Failed)}
    assert {e.query.id for e in LONG} == failed
    first = result.outcomes[LONG[0].query.id]
    assert isinstance(first, Failed)
    assert "too-long" == first.kind
    assert "its text has 40 tokens, and e's window is 24" in first.error
    assert "2 train rows of 42 left out: longer than e's window (`long: fail`)" in result.warnings


def test_texts_of_training_and_of_queries_are_counted_in_one_warning(tmp_path: Path) -> None:
    result = tried(tmp_path, "chunks", STRATEGIES[0], train=(*TRAIN, *LONG[:2]))
    [warning] = [w for w in result.warnings if "texts are longer" in w]
    assert warning.startswith("24 texts are longer than e's window of 24 tokens: each was embedded in chunks")


def test_texts_that_fit_are_answered_the_same_in_every_way(tmp_path: Path) -> None:
    plain = tried(tmp_path / "plain", None, STRATEGIES[0], SHORT)
    for long in ("fail", "head", "middle", "chunks"):
        assert plain.outcomes == tried(tmp_path / long, long, STRATEGIES[0], SHORT).outcomes


def test_vectors_kept_in_one_way_are_never_taken_in_another(tmp_path: Path) -> None:
    for long in ("head", "chunks", "middle"):
        fresh = tried(tmp_path / f"fresh-{long}", long, STRATEGIES[0])
        shared = tmp_path / "shared" / long
        shared.mkdir(parents=True)
        if (kept := tmp_path / "cache.sqlite").exists():
            (shared / "cache.sqlite").write_bytes(kept.read_bytes())
        again = tried(shared, long, STRATEGIES[0])
        kept.write_bytes((shared / "cache.sqlite").read_bytes())
        assert fresh.outcomes == again.outcomes


def test_a_chunked_text_is_embedded_as_the_mean_of_its_chunks_by_tokens() -> None:
    from harness.calls.long_embedding import LongEmbedder, LongTexts
    from harness.long import pieces

    said: dict[str, str] = {}
    text = LONG[0].query.text
    with HashEmbedder(window=WINDOW).open() as model:
        assert model.embedder is not None
        long = LongEmbedder("e", model.embedder, LongTexts("chunks", said.__setitem__))
        whole, short = long.embed([text, "fine"])
        parts = pieces(text, "chunks", WINDOW, lambda each: len(each.split()))
        assert len(parts) == 2
        mean = sum(v * p.tokens for v, p in zip(model.embedder.embed([p.text for p in parts]), parts, strict=True))
        assert mean / np.linalg.norm(mean) == pytest.approx(whole, abs=1e-6)
        assert model.embedder.embed(["fine"])[0] == pytest.approx(short)
        assert "hashed-64-24/chunks" == long.identity
    assert ["e"] == list(said)


@pytest.mark.models
def test_a_packaged_embedder_finds_a_late_verdict_in_the_chunks(tmp_path: Path) -> None:
    from harness_transformers.embedder import SentenceTransformersModel

    said = {"positive": "It was superb, the best stay ever.", "negative": "It was awful, dirty and rude."}
    story = "On Monday we took the bus to the old mill and had soup by the harbour. "
    train = [
        Example(query=Query(id=f"{label}{i}", text=f"Visit {i}. {text}"), targets=(label,))
        for i in range(6)
        for label, text in said.items()
    ]
    test = [
        Example(query=Query(id=f"late-{label}", text=f"{story * 22}{text} {text}"), targets=(label,))
        for label, text in said.items()
    ]
    figures = {}
    for long in ("head", "middle"):
        result = try_strategy(
            Features(embedder="e"),
            folder=tmp_path / long,
            brief=brief(long),
            train=train,
            validation=(),
            queries=test,
            models={"e": SentenceTransformersModel(weights="all-minilm-l6-v2")},
        )
        shares = [getattr(result.outcomes[e.query.id], "probabilities", {})["positive"] for e in test]
        figures[long] = abs(shares[0] - shares[1])
    assert 0 == pytest.approx(figures["head"], abs=1e-4)
    assert figures["middle"] > 0.01
