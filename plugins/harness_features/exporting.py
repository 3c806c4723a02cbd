"""What these strategies write for an export: weights and vectors as numpy's plain arrays, the rest as JSON."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from harness import Brief
from harness.exportable import ExportTarget
from harness.exportable.texts import export_embedder, export_turns
from harness.turns import key_of
from harness_features.linear import Answering
from harness_features.majority import Always
from harness_features.voting import Voters

if TYPE_CHECKING:
    from harness_features.tfidf import WordCounts

_STANDALONE = Path(__file__).parent / "templates"


def export_features(brief: Brief, fitted: Answering, embedder: str, target: ExportTarget) -> None:
    """A linear classifier on an encoder's vectors."""
    _linear(brief, fitted, target)
    target.code("features.py", _STANDALONE / "embedded.py")
    export_embedder(brief, target, embedder)


def export_counts(brief: Brief, fitted: Answering, counts: WordCounts, target: ExportTarget) -> None:
    """A linear classifier on counts of words."""
    _linear(brief, fitted, target)
    vectorizer = counts.vectorizer
    target.json(
        "words.json",
        {
            "analyzer": vectorizer.analyzer,
            "ngram_range": list(vectorizer.ngram_range),
            "token_pattern": vectorizer.token_pattern,
            "vocabulary": [str(word) for word in vectorizer.get_feature_names_out()],
            "idf": [float(weight) for weight in vectorizer.idf_],
        }
        if vectorizer is not None
        else {"vocabulary": []},
    )
    target.code("features.py", _STANDALONE / "counted.py")
    target.require("scikit-learn", "scipy")
    target.note("words.json lists the words of the training texts.")


def export_voters(brief: Brief, fitted: Voters, embedder: str, target: ExportTarget) -> None:
    """Nearest neighbours: vectors, labels, and hashes of the texts, which never vote on themselves."""
    import numpy as np

    with target.file("vectors.npy").open("wb") as file:
        np.save(file, np.asarray(fitted.vectors, dtype=np.float32), allow_pickle=False)
    target.lines(
        "voters.jsonl",
        [
            {
                "text_sha256": hashlib.sha256(key_of(e.query).encode()).hexdigest(),
                "labels": [*sorted(set(e.targets))],
            }
            for e in fitted.train
        ],
    )
    target.json(
        "strategy.json",
        {"kind": brief.kind, "labels": list(brief.labels), "k": fitted.k, "weights": fitted.weights},
    )
    target.code("strategy.py", _STANDALONE / "knn.py")
    target.require("numpy")
    target.note(
        "vectors.npy holds the training rows' vectors, not their texts; a vector still tells much of a text."
    )
    export_embedder(brief, target, embedder)


def export_majority(fitted: Always, target: ExportTarget) -> None:
    """One answer to everything."""
    common = fitted.common
    target.json("strategy.json", {"answers": list(common.answers), "probabilities": dict(common.shares)})
    target.code("strategy.py", _STANDALONE / "majority.py")


def _linear(brief: Brief, fitted: Answering, target: ExportTarget) -> None:
    linear = fitted.linear
    linear.save(target.file("linear.npz"))
    target.json(
        "strategy.json",
        {
            "kind": brief.kind,
            "labels": list(brief.labels),
            "known": list(linear.labels),
            "probable": linear.probable,
        },
    )
    target.code("strategy.py", _STANDALONE / "linear.py")
    export_turns(target)
    target.require("numpy")
