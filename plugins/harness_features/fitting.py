"""Fits linear classifiers with scikit-learn, and chooses how strongly they are regularised.

C=0.1 scores 0.86 on validation, C=1 0.91, C=10 0.91: C=1 is taken, as ties go to the smaller (simpler) one.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from harness import Brief, Context, Example, Prediction, Record
from harness_features.linear import Linear

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness_features.linear import Matrix

SURE = 50.0  # log-odds that stand for always and never: probabilities of 1 and 2e-22
STEPS = 2000  # of the solver; what has not converged by then is said, not hidden


ChosenOn = Literal["validation", "cross-validation", "given"]


class Fit(Record):
    """What the step that fits says.

    Attributes:
        classifier: Which one.
        c: The inverse strength of regularisation that was taken.
        chosen_on: What it was chosen on; `given` where there was nothing to choose.
        scores: The task's metric there for each C tried.
        labels: Those that the classifier can answer.
        never: Labels without a training row: they are never answered.
        converged: Whether the solver finished.
    """

    classifier: str
    c: float
    chosen_on: ChosenOn
    scores: Mapping[str, float] = {}
    labels: tuple[str, ...]
    never: tuple[str, ...] = ()
    converged: bool = True


@dataclass(frozen=True)
class Recipe:
    """What to fit.

    Attributes:
        classifier: logistic or linear-svm.
        grid: Values of C to choose among.
        balanced: Whether rare labels weigh as much as frequent ones.
        seed: Of the solver and of the folds.
    """

    classifier: Literal["logistic", "linear-svm"]
    grid: tuple[float, ...]
    balanced: bool
    seed: int


@dataclass(frozen=True)
class Labelled:
    """Examples and their features, row by row."""

    examples: Sequence[Example]
    x: Matrix

    def rows(self, numbers: Sequence[int]) -> Labelled:
        return Labelled([self.examples[i] for i in numbers], self.x[numbers])


class Solved(NamedTuple):
    """What a solver found: weights (rows, width), bias (rows,), and whether it finished."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    converged: bool


class Choice(NamedTuple):
    """Which C, what it was chosen on, and the metric of each C tried."""

    c: float
    chosen_on: ChosenOn
    scores: Mapping[float, float]


@dataclass(frozen=True)
class Fitter:
    """Fits one task's classifiers after one recipe."""

    brief: Brief
    recipe: Recipe
    context: Context

    def fit(self, train: Labelled, validation: Labelled, path: Path) -> Fit:
        """Chooses C, fits on train and saves the weights to `path`."""
        c, chosen_on, scores = self._choose(train, validation)
        linear, converged = self.linear(train, c)
        linear.save(path)
        present = {target for example in train.examples for target in example.targets}
        return Fit(
            classifier=self.recipe.classifier,
            c=c,
            chosen_on=chosen_on,
            scores={f"{c:g}": score for c, score in scores.items()},
            labels=linear.labels,
            never=tuple(label for label in self.brief.labels if label not in present),
            converged=converged,
        )

    def linear(self, train: Labelled, c: float) -> tuple[Linear, bool]:
        """The classifier with that C, and whether its solver finished."""
        import numpy as np

        if self.brief.kind == "labels":
            fits = [
                self._solve(train.x, [int(label in e.targets) for e in train.examples], c)
                for label in self.brief.labels
            ]
            labels = tuple(self.brief.labels)
            weights, bias = np.vstack([f.weights for f in fits]), np.concatenate([f.bias for f in fits])
            return self._linear(labels, weights, bias), all(f.converged for f in fits)
        firsts = [example.targets[0] for example in train.examples]
        labels = tuple(label for label in self.brief.labels if label in set(firsts))
        if len(labels) == 1:
            return self._linear(labels, np.zeros((1, train.x.shape[1])), np.zeros(1)), True
        fit = self._solve(train.x, [labels.index(first) for first in firsts], c)
        if len(labels) > 2:
            return self._linear(labels, fit.weights, fit.bias), fit.converged
        # Of two labels scikit-learn keeps one row, the second label's; softmax over (0, s) is sigmoid(s).
        weights, bias = np.vstack([0 * fit.weights, fit.weights]), np.append(0, fit.bias)
        return self._linear(labels, weights, bias), fit.converged

    def _linear(self, labels: tuple[str, ...], weights: NDArray[np.float64], bias: NDArray[np.float64]) -> Linear:
        return Linear(self.brief, labels, weights, bias, probable=self.recipe.classifier == "logistic")

    def _solve(self, x: Matrix, y: list[int], c: float) -> Solved:
        import numpy as np
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression
        from sklearn.svm import LinearSVC

        if len(set(y)) == 1:
            return Solved(np.zeros((1, x.shape[1])), np.array([SURE if y[0] else -SURE]), True)
        make = LogisticRegression if self.recipe.classifier == "logistic" else LinearSVC
        weight = "balanced" if self.recipe.balanced else None
        model = make(C=c, class_weight=weight, max_iter=STEPS, random_state=self.recipe.seed)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.fit(x.astype(np.float64), np.array(y))
        unfinished = [w for w in caught if issubclass(w.category, ConvergenceWarning)]
        for other in caught:
            if other not in unfinished:
                self.context.warn(f"scikit-learn, fitting {self.recipe.classifier}: {other.message}")
        return Solved(np.asarray(model.coef_), np.asarray(model.intercept_), not unfinished)

    def _choose(self, train: Labelled, validation: Labelled) -> Choice:
        grid = sorted(set(self.recipe.grid))
        if len(grid) == 1:
            return Choice(grid[0], "given", {})
        if validation.examples:
            asked = [example.query for example in validation.examples]
            scores = {
                c: self.context.score(
                    list(self.linear(train, c)[0].predictions(asked, validation.x)), validation.examples
                )
                for c in grid
            }
            return Choice(best(scores), "validation", scores)
        folds = self._folds(train.examples)
        if not folds:
            middle = grid[len(grid) // 2]
            self.context.warn(f"too few rows to choose C on: {middle:g} was taken")
            return Choice(middle, "given", {})
        scores = {c: self._cross_validated(train, folds, c) for c in grid}
        return Choice(best(scores), "cross-validation", scores)

    def _cross_validated(self, train: Labelled, folds: Sequence[Sequence[int]], c: float) -> float:
        """The metric over all of train, each row answered by a classifier that did not see it."""
        answers: dict[int, Prediction] = {}
        for out in folds:
            rest = sorted(set(range(len(train.examples))).difference(out))
            held_out = train.rows(out)
            linear, _ = self.linear(train.rows(rest), c)
            queries = [example.query for example in held_out.examples]
            answers.update(zip(out, linear.predictions(queries, held_out.x), strict=True))
        return self.context.score([answers[i] for i in range(len(train.examples))], train.examples)

    def _folds(self, examples: Sequence[Example]) -> list[list[int]]:
        """Five parts with the labels spread evenly; none where nothing would be left to fit on."""
        if len(examples) < 2:
            return []
        order = list(range(len(examples)))
        self.context.rng("folds").shuffle(order)
        order.sort(key=lambda i: examples[i].targets)  # stable: still shuffled within a label
        parts = min(5, len(examples))
        return [sorted(order[part::parts]) for part in range(parts)]


def best(scores: Mapping[float, float]) -> float:
    """The setting that scores highest; of equals the smallest, which is the simplest."""
    return min(scores, key=lambda setting: (-scores[setting], setting))
