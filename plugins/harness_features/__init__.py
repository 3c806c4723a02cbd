"""Frozen features and a small classifier: `features`, `knn`, and the yardsticks `majority` and `tf-idf`."""

from __future__ import annotations

from harness import hookimpl
from harness.hookspecs import RegisterStrategy


@hookimpl
def harness_register_strategies(register: RegisterStrategy) -> None:
    from harness_features.features import Features
    from harness_features.knn import NearestNeighbours
    from harness_features.majority import Majority
    from harness_features.tfidf import TfIdf

    register("features", Features)
    register("knn", NearestNeighbours)
    register("majority", Majority, yardstick=True)
    register("tf-idf", TfIdf, yardstick=True)
