"""The vote of the nearest training rows.

query     "my flight was late again"
near      r17 0.81 negative · r90 0.74 negative · r3 0.72 neutral
answer    negative, 0.67
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from harness import Brief, Context, EmbedderName, Example, Fitted, Kind, Record, Strategy
from harness.exportable import ExportTarget
from harness.turns import all_turns
from harness_features.fitting import best
from harness_features.keeping import keep_embeddings, read_embeddings
from harness_features.needs import labelled_rows, say_never
from harness_features.voting import Voters

Count = Annotated[int, Field(ge=1)]


class ChosenK(Record):
    """How many neighbours vote.

    Attributes:
        k: The number taken.
        chosen_on: What it was chosen on; `train` means each row by all others, `given` that there was one k.
        scores: The task's metric there for each k tried.
        never: Labels without a training row: they are never answered.
    """

    k: int
    chosen_on: Literal["validation", "train", "given"]
    scores: Mapping[str, float] = {}
    never: tuple[str, ...] = ()


class NearestNeighbours(Strategy):
    """Embed each text with a frozen encoder and let the k nearest training rows vote (Cover & Hart, 1967).

    Nearness is cosine similarity. A query's own row, and any row of the same text, never votes. Probabilities
    are the shares of the vote; where votes are equal, the neighbours' similarities decide. A task of kind
    `labels` gets all labels with at least half of the vote.
    """

    kinds: ClassVar[frozenset[Kind]] = frozenset({"label", "labels"})

    embedder: EmbedderName = Field(description="Model that turns texts into vectors.")
    k: Count | Annotated[tuple[Count, ...], Field(min_length=1)] = Field(
        8,
        description="Neighbours that vote; of several numbers the best on validation is taken "
        "(on train, each row left out in turn, where there is no validation split).",
    )
    weights: Literal["uniform", "distance"] = Field(
        "uniform",
        description="uniform gives each neighbour one vote, distance the inverse of its cosine distance.",
    )

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        labelled_rows("knn", train)
        embedder = context.embedder(self.embedder)
        embedded = keep_embeddings(context, embedder, [all_turns(example.query) for example in train])
        voters = Voters(brief, train, read_embeddings(embedded), self.weights, embedder)

        def choose() -> ChosenK:
            present = {target for example in train for target in example.targets}
            never = tuple(label for label in brief.labels if label not in present)
            tried = sorted({self.k} if isinstance(self.k, int) else set(self.k))
            if len(tried) == 1:
                return ChosenK(k=tried[0], chosen_on="given", never=never)
            asked = validation or train
            near = voters.near([example.query for example in asked], tried[-1])
            scores = {
                float(k): context.score(
                    [voters.vote(e.query, hits[:k]) for e, hits in zip(asked, near, strict=True)], asked
                )
                for k in tried
            }
            return ChosenK(
                k=int(best(scores)),
                chosen_on="validation" if validation else "train",
                scores={f"{k:g}": score for k, score in scores.items()},
                never=never,
            )

        chosen = context.step("k", ChosenK, choose)
        say_never(context, "knn", chosen.never)
        yield voters.with_k(chosen.k)

    def export(self, brief: Brief, fitted: Fitted, target: ExportTarget) -> None:
        from harness_features.exporting import export_voters

        assert isinstance(fitted, Voters)
        export_voters(brief, fitted, self.embedder, target)
