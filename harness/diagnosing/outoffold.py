"""Probabilities of labels from a model that never saw the row: tf-idf and logistic regression, fold by fold.

row      given      positive  negative
r17      positive       0.08      0.92     <- learnt from the other four fifths

Nothing that is learnt here reaches a strategy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness.records import Example
from harness.turns import all_turns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDS = 5


class Probabilities(NamedTuple):
    """Of labels, by row.

    Attributes:
        examples: The rows.
        labels: In the order of the columns.
        table: (rows, labels), each row sums to 1.
    """

    examples: tuple[Example, ...]
    labels: tuple[str, ...]
    table: NDArray[np.float64]

    @property
    def given(self) -> NDArray[np.int64]:
        """The column of each row's own label, (rows,)."""
        import numpy as np

        return np.array([self.labels.index(e.targets[0]) for e in self.examples], dtype=np.int64)

    @property
    def accuracy(self) -> float:
        return float((self.table.argmax(axis=1) == self.given).mean())


def out_of_fold(examples: Sequence[Example], seed: int = 0) -> Probabilities | None:
    """Each row's probabilities by a model of the other folds; None where there are too few rows of two labels.

    Rows of one text and turns, whatever case and white space, are in one fold, else a copy would vouch for its
    twin.
    Labels with fewer than 5 rows are left out.
    """
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold
    from sklearn.pipeline import make_pipeline

    counts: dict[str, int] = {}
    for example in examples:
        counts[example.targets[0]] = counts.get(example.targets[0], 0) + 1
    labels = tuple(sorted(label for label, n in counts.items() if n >= FOLDS))
    rows = tuple(example for example in examples if example.targets[0] in labels)
    alike = [" ".join(all_turns(example.query).casefold().split()) for example in rows]
    first = {text: example.targets[0] for text, example in reversed(list(zip(alike, rows, strict=True)))}
    texts, strata = list(first), list(first.values())
    if len(labels) < 2 or any(strata.count(label) < FOLDS for label in labels):
        return None
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(texts, strata)
    fold_of = {texts[i]: number for number, (_, held) in enumerate(folds) for i in held}
    place = np.array([fold_of[text] for text in alike])
    table = np.zeros((len(rows), len(labels)))
    for fold in range(FOLDS):
        held = np.flatnonzero(place == fold)
        seen = np.flatnonzero(place != fold)
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+|[^\w\s]")
        model = make_pipeline(words, LogisticRegression(C=10.0, max_iter=500))
        try:
            model.fit([alike[i] for i in seen], [rows[i].targets[0] for i in seen])
        except ValueError:  # its word for texts without a single word
            return None
        columns = np.array([labels.index(label) for label in model.classes_])
        table[np.ix_(held, columns)] = model.predict_proba([alike[i] for i in held])
    return Probabilities(rows, labels, table)
