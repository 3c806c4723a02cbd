"""Frozen embeddings and a linear classifier: the cheapest way to learn from labelled rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from harness import Brief, Context, EmbedderName, Example, Fitted, Kind, Strategy
from harness.exportable import ExportTarget
from harness.turns import all_turns
from harness_features.fitting import Fit, Fitter, Labelled, Recipe
from harness_features.keeping import keep_embeddings, read_embeddings
from harness_features.linear import Answering, Linear
from harness_features.needs import labelled_rows, say_never

Positive = Annotated[float, Field(gt=0)]
Grid = Annotated[tuple[Positive, ...], Field(min_length=1)]


class Features(Strategy):
    """Embed each text with a frozen encoder and classify the vector with scikit-learn.

    The encoder is never tuned; all that is learnt is a linear layer ("linear probe"; Alain & Bengio, 2016).
    A task of kind `labels` gets one classifier for each label, and all that are likelier than not are answered.
    A query's earlier turns are embedded with its text, the latest first.
    """

    kinds: ClassVar[frozenset[Kind]] = frozenset({"label", "labels"})

    embedder: EmbedderName = Field(description="Model that turns texts into vectors.")
    classifier: Literal["logistic", "linear-svm"] = Field(
        "logistic",
        description="logistic regression, which gives probabilities, or a linear support vector machine.",
    )
    C: Positive | Grid = Field(
        (1.0, 3.0, 10.0, 30.0),  # vectors of unit length are small numbers: they want weak regularisation
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
        labelled_rows("features", train)
        embedder = context.embedder(self.embedder)
        embedded = keep_embeddings(context, embedder, [all_turns(e.query) for e in (*train, *validation)])
        weights = context.folder / "linear.npz"
        recipe = Recipe(
            classifier=self.classifier,
            grid=self.C if isinstance(self.C, tuple) else (self.C,),
            balanced=self.class_weight == "balanced",
            seed=context.rng("solver").randrange(2**31),
        )

        def fit() -> Fit:
            vectors = read_embeddings(embedded)
            return Fitter(brief, recipe, context).fit(
                Labelled(train, vectors[: len(train)]), Labelled(validation, vectors[len(train) :]), weights
            )

        fit_made = context.step("fit", Fit, fit)
        embedded.unlink(missing_ok=True)  # answering needs the weights alone
        say(context, "features", fit_made)
        linear = Linear.load(weights, brief, fit_made.labels, probable=self.classifier == "logistic")
        yield Answering(linear, embedder.embed)

    def export(self, brief: Brief, fitted: Fitted, target: ExportTarget) -> None:
        from harness_features.exporting import export_features

        assert isinstance(fitted, Answering)
        export_features(brief, fitted, self.embedder, target)


def say(context: Context, name: str, fit: Fit) -> None:
    """Warns of what a reader of this fit's results must know."""
    say_never(context, name, fit.never)
    if not fit.converged:
        context.warn(f"{name}: the solver had not converged with C={fit.c:g}; a smaller C would")
