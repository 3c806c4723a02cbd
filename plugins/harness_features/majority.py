"""The yardstick that never looks at the text: what is most common in train."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from harness import Brief, Context, Example, Fitted, Kind, Prediction, Query, Record, Strategy
from harness.exportable import ExportTarget
from harness_features.needs import labelled_rows
from harness_features.usualfields import usual_object


class MostCommon(Record):
    """What train has most of.

    Attributes:
        answers: The label; for a task of kind `labels` the set of labels that most rows share; for `fields` the
            object of each field's most common value.
        rows: Training rows that have it.
        of: All training rows.
        shares: Label to the share of training rows that have it; empty without labels.
    """

    answers: tuple[str, ...]
    rows: int
    of: int
    shares: Mapping[str, float]


class Majority(Strategy):
    """Answer every query with the training rows' most common label, set of labels, or value of each field.

    What is not better than this has learnt nothing. Of equals the one that the task names first is answered.
    """

    kinds: ClassVar[frozenset[Kind]] = frozenset({"label", "labels", "fields"})

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        labelled_rows("majority", train)
        yield Always(context.step("majority", MostCommon, lambda: most_common(brief, train)))

    def export(self, brief: Brief, fitted: Fitted, target: ExportTarget) -> None:
        from harness_features.exporting import export_majority

        assert isinstance(fitted, Always)
        export_majority(fitted, target)


@dataclass(frozen=True)
class Always:
    """One answer to everything; how sure it is are the labels' shares of train."""

    common: MostCommon

    def answer(self, queries: Sequence[Query]) -> Iterator[Prediction]:
        for query in queries:
            yield Prediction(
                query_id=query.id, answers=self.common.answers, probabilities=self.common.shares or None
            )


def most_common(brief: Brief, train: Sequence[Example]) -> MostCommon:
    """Counts train, in the task's own order of labels."""
    if brief.kind == "fields":
        answer = usual_object(brief, train)
        same = sum(example.targets == (answer,) for example in train)
        return MostCommon(answers=(answer,), rows=same, of=len(train), shares={})
    place = {label: i for i, label in enumerate(brief.labels)}
    sets = Counter(tuple(sorted(set(e.targets), key=place.__getitem__)) for e in train)
    answers = min(sets, key=lambda labels: (-sets[labels], [place[label] for label in labels]))
    having = Counter(label for e in train for label in set(e.targets))
    return MostCommon(
        answers=answers,
        rows=sets[answers],
        of=len(train),
        shares={label: having[label] / len(train) for label in brief.labels},
    )
