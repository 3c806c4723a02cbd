"""The label whose training texts lie nearest on average."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from pydantic import Field

from harness import Brief, Context, EmbedderName, Example, Failed, Fitted, Prediction, Query, Strategy


class NearestCentroid(Strategy):
    """Answers with the label whose mean embedding is nearest."""

    kinds = frozenset({"label"})

    embedder: EmbedderName = Field(description="Who embeds the texts.")

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        embedder = context.embedder(self.embedder)
        vectors = embedder.embed([example.query.text for example in train])
        labels = sorted({example.targets[0] for example in train})
        of = np.array([labels.index(example.targets[0]) for example in train])
        centroids = np.stack([vectors[of == index].mean(axis=0) for index in range(len(labels))])
        yield _Fitted(embedder, labels, centroids)


class _Fitted:
    def __init__(self, embedder, labels, centroids) -> None:  # type: ignore[no-untyped-def]
        self.embedder, self.labels, self.centroids = embedder, labels, centroids

    def answer(self, queries: Sequence[Query]) -> Iterator[Prediction | Failed]:
        nearest = (self.embedder.embed([query.text for query in queries]) @ self.centroids.T).argmax(axis=1)
        for query, index in zip(queries, nearest, strict=True):
            yield Prediction(query_id=query.id, answers=(self.labels[index],))
