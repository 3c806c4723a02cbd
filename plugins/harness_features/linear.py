"""A linear classifier as plain arrays: scikit-learn fits it, numpy alone answers from it.

    linear.npz   weights (labels, width), bias (labels,)
    step "fit"   the labels, in the order of the rows

So a kept fit needs no pickle, answers the same after every resume, and costs no scikit-learn import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from harness import Brief, Prediction, Query
from harness.turns import all_turns
from harness_features.keeping import reading, write

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Matrix: TypeAlias = NDArray[np.float32] | csr_matrix


@dataclass(frozen=True)
class Linear:
    """A fitted classifier.

    Attributes:
        brief: The task; its kind says whether one label is answered or all that apply.
        labels: What each row of the weights is for; labels without a training row may be missing.
        weights: (labels, width).
        bias: (labels,).
        probable: Whether the scores are log-odds, so that probabilities can be told.
    """

    brief: Brief
    labels: tuple[str, ...]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    probable: bool

    def scores(self, x: Matrix) -> NDArray[np.float64]:
        """Distance to each label's decision boundary, (texts, labels)."""
        import numpy as np

        return np.asarray(x @ self.weights.T) + self.bias

    def probabilities(self, x: Matrix) -> NDArray[np.float64]:
        """(texts, labels): they sum to 1 where one label is answered, each on its own where several are."""
        import numpy as np

        scores = self.scores(x)
        if self.brief.kind == "labels":
            # By tanh, which does not overflow however sure the classifier is.
            return np.asarray((1 + np.tanh(scores / 2)) / 2)
        shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))

    def predictions(self, queries: Sequence[Query], x: Matrix) -> Iterator[Prediction]:
        """One answer for each query; `x` holds their features, row by row."""
        scores = self.scores(x)
        probabilities = self.probabilities(x) if self.probable else None
        for i, query in enumerate(queries):
            if self.brief.kind == "labels":
                answers = tuple(label for label, s in zip(self.labels, scores[i], strict=True) if s >= 0)
            else:
                answers = (self.labels[int(scores[i].argmax())],)
            shares = None
            if probabilities is not None:
                told = dict(zip(self.labels, probabilities[i].tolist(), strict=True))
                shares = {label: told.get(label, 0.0) for label in self.brief.labels}
            yield Prediction(query_id=query.id, answers=answers, probabilities=shares)

    def save(self, path: Path) -> None:
        import numpy as np

        write(path, lambda file: np.savez(file, weights=self.weights, bias=self.bias))

    @staticmethod
    def load(path: Path, brief: Brief, labels: tuple[str, ...], probable: bool) -> Linear:
        import numpy as np

        with reading(path), np.load(path, allow_pickle=False) as kept:
            return Linear(brief, labels, kept["weights"], kept["bias"], probable)


@dataclass(frozen=True)
class Answering:
    """A linear classifier over whatever turns texts into features; all texts of a call at once."""

    linear: Linear
    features: Callable[[Sequence[str]], Matrix]

    def answer(self, queries: Sequence[Query]) -> Iterator[Prediction]:
        if queries:
            yield from self.linear.predictions(queries, self.features([all_turns(q) for q in queries]))
