"""The yardstick that needs no model: weighted word counts and logistic regression."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from harness import Brief, Context, Example, Fitted, Kind, Strategy
from harness.exportable import ExportTarget
from harness.turns import all_turns
from harness_features.features import Grid, Positive, say
from harness_features.fitting import Fit, Fitter, Labelled, Recipe
from harness_features.linear import Answering, Linear
from harness_features.needs import labelled_rows

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer


@dataclass(frozen=True)
class WordCounts:
    """Texts to weighted counts, (texts, words).

    Attributes:
        vectorizer: scikit-learn's, fitted; None where no training text had a word.
    """

    vectorizer: TfidfVectorizer | None

    def __call__(self, texts: Sequence[str]) -> csr_matrix:
        from scipy.sparse import csr_matrix

        return csr_matrix((len(texts), 1)) if self.vectorizer is None else self.vectorizer.transform(texts)


class TfIdf(Strategy):
    """Count words and pairs of words, weigh them by how rare they are, and classify with logistic regression.

    tf-idf is Spärck Jones's (1972), as scikit-learn has it. Words that no training text has are not counted.
    """

    kinds: ClassVar[frozenset[Kind]] = frozenset({"label", "labels"})

    units: Literal["words", "characters"] = Field(
        "words", description="What is counted; characters suit languages without spaces and noisy spelling."
    )
    longest: int | None = Field(
        None,
        ge=1,
        le=10,
        description="Longest run of units that is counted; 2 words or 5 characters if not given.",
    )
    C: Positive | Grid = Field(
        (0.1, 1.0, 10.0, 100.0),
        description="Inverse strength of regularisation; of several the best on validation is taken "
        "(by cross-validation of train where there is no validation split).",
    )
    class_weight: Literal["none", "balanced"] = Field(
        "none", description="balanced lets rare labels weigh as much as frequent ones."
    )

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        labelled_rows("tf-idf", train)
        # Counting words is quick and always comes out the same: only what is slower is kept.
        features = self._counter([all_turns(example.query) for example in train], context)
        weights = context.folder / "linear.npz"
        recipe = Recipe(
            classifier="logistic",
            grid=self.C if isinstance(self.C, tuple) else (self.C,),
            balanced=self.class_weight == "balanced",
            seed=context.rng("solver").randrange(2**31),
        )

        def fit() -> Fit:
            parts = [
                Labelled(part, features([all_turns(e.query) for e in part]))
                for part in (train, validation)
                if part
            ]
            none = Labelled((), parts[0].x[:0])
            return Fitter(brief, recipe, context).fit(parts[0], parts[1] if validation else none, weights)

        fit_made = context.step("fit", Fit, fit)
        say(context, "tf-idf", fit_made)
        yield Answering(Linear.load(weights, brief, fit_made.labels, probable=True), features)

    def export(self, brief: Brief, fitted: Fitted, target: ExportTarget) -> None:
        from harness_features.exporting import export_counts

        assert isinstance(fitted, Answering)
        assert isinstance(fitted.features, WordCounts)
        export_counts(brief, fitted, fitted.features, target)

    def _counter(self, texts: Sequence[str], context: Context) -> WordCounts:
        from sklearn.feature_extraction.text import TfidfVectorizer

        words = self.units == "words"
        longest = self.longest or (2 if words else 5)
        vectorizer = TfidfVectorizer(
            analyzer="word" if words else "char_wb",
            ngram_range=(1 if words else min(2, longest), longest),
            # Punctuation, emoji and one-letter words count too: they carry tone.
            token_pattern=r"\w+|[^\w\s]" if words else None,
            sublinear_tf=True,
        )
        try:
            vectorizer.fit(texts)
        except ValueError:  # its word for texts without a single unit
            context.warn("tf-idf: no training text has a word in it; every query gets the same answer")
            return WordCounts(None)
        return WordCounts(vectorizer)
