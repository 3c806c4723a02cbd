"""Scores of tasks whose answer is a JSON object: is it valid, and which of its fields are right.

target {"name": "Ann", "amount": 5}   answer {"name": "Ann", "amount": 6}
    field_accuracy 0.5   field_f1 0.5   exact_object 0   schema_valid 1
    recall[name] 1   recall[amount] 0   missing[amount] 0

An answer that breaks the schema is an answer all the same, and its fields count; one that is no JSON has none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from harness.records import Brief, Kind
from harness.scoring import fieldrates, tally
from harness.scoring.fieldcounts import Judge, RowCounts
from harness.scoring.rowsums import RowSums
from harness.scoring.tally import NO_ANSWER, Pair
from harness.stats import Interval, Sums, bounded_sums, label_intervals, mean_interval, wilson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_OF_ROWS = ("field_accuracy", "exact_object", "schema_valid")


def _precision(counts: Floats) -> Floats:
    return tally.micro_share(counts, 2)


def _recall(counts: Floats) -> Floats:
    return tally.micro_share(counts, 1)


_OF_COUNTS = {"field_f1": tally.micro_f1, "field_precision": _precision, "field_recall": _recall}


class _OfField(NamedTuple):
    figure: str
    place: int


@dataclass(frozen=True)
class FieldsScorer:
    """Accuracy, precision, recall and F1 over all fields, whole objects, valid answers; each field's figures.

    `field_accuracy` is the share of fields that are right, one that is rightly empty too, and a mean over rows;
    the F1 of values (`field_f1`) leaves rightly empty fields out. See `fieldcounts` for what is counted, and
    `fieldrates` for missing, null and invented values.

    Attributes:
        judge: The task's; without it, as it is registered, the scorer cannot score.
    """

    judge: Judge | None = None
    kinds: frozenset[Kind] = frozenset({"fields"})
    figures: Sequence[str] = (*_OF_ROWS, *_OF_COUNTS)

    def of_task(self, brief: Brief) -> FieldsScorer:
        return FieldsScorer(Judge(brief.answer_schema or {}, brief.match))

    @property
    def of_parts(self) -> Sequence[str]:
        """Figures of single fields, such as ``recall[amount]``."""
        return tuple(f"{figure}[{name}]" for name in self.fields for figure in (*_BY_FIELD, *fieldrates.RATES))

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields that are compared."""
        return tuple(self.judge.fields) if self.judge is not None else ()

    def one(self, figure: str, targets: tuple[str, ...], answers: tuple[str, ...]) -> float:
        row = self._row((targets, answers))
        if figure == "schema_valid":
            return float(row.valid)
        if figure == "exact_object":
            return float(all(right == 1.0 for right in row.right))
        if figure in _OF_COUNTS:
            import numpy as np

            return float(_OF_COUNTS[figure](np.array(_counts(row))))
        return math.fsum(row.right) / len(row.right) if row.right else 1.0

    def whole(self, pairs: Sequence[Pair]) -> Mapping[str, float]:
        if not pairs:
            return {}
        found = {figure: math.fsum(self.one(figure, *pair) for pair in pairs) / len(pairs) for figure in _OF_ROWS}
        counts = self._parts(pairs).sum(axis=0)
        found |= {name: float(figure(counts)) for name, figure in _OF_COUNTS.items()}
        for name, (hits, wanted, given) in zip(self.fields, counts.T.tolist(), strict=True):
            told = {"precision": (hits, given), "recall": (hits, wanted), "f1": (2 * hits, wanted + given)}
            found |= {f"{each}[{name}]": above / below for each, (above, below) in told.items() if below}
        for rate in fieldrates.RATES:
            happened, could = (each.sum(axis=0).tolist() for each in self._events(rate, pairs))
            shares = zip(self.fields, happened, could, strict=True)
            found |= {f"{rate}[{name}]": count / of for name, count, of in shares if of}
        return found

    def interval(self, figure: str, pairs: Sequence[Pair], *, seed: int = 0) -> Interval:
        import numpy as np

        if figure in _OF_ROWS:
            return mean_interval([self.one(figure, *pair) for pair in pairs], seed=seed)
        one = self._of_field(figure)
        if one is not None and one.figure in fieldrates.RATES:
            happened, could = (int(each[:, one.place].sum()) for each in self._events(one.figure, pairs))
            return wilson(happened, could)
        parts = self._parts(pairs)
        if one is not None:
            hits, wanted, given = parts[:, :, one.place].sum(axis=0).tolist()
            if hits == round(hits):
                exact: Interval = getattr(label_intervals(int(hits), int(wanted), int(given)), one.figure)
                return exact
        sums = Sums(parts, np.ones(len(pairs), dtype=np.int64), self._figure(figure))
        return bounded_sums(sums, seed=seed)

    def rows(self, figure: str, pairs: Sequence[Pair]) -> int | None:
        one = self._of_field(figure)
        if one is None:
            return None
        if one.figure in fieldrates.RATES:
            return int(self._events(one.figure, pairs).could[:, one.place].sum())
        _, wanted, given = self._parts(pairs)[:, :, one.place].T > 0
        bears = {"precision": given, "recall": wanted, "f1": wanted | given}[one.figure]
        return int(bears.sum())

    def row_sums(self, figure: str, trials: Sequence[Sequence[Pair]]) -> RowSums | None:
        import numpy as np

        if figure in _OF_ROWS:
            return None
        one = self._of_field(figure)
        if one is None or one.figure not in fieldrates.RATES:
            parts = tuple(self._parts(pairs) for pairs in trials)
            return RowSums(parts, self._figure(figure), of_few=one is not None)
        found = [self._events(one.figure, pairs) for pairs in trials]
        shares = [np.stack([e.happened[:, one.place], e.could[:, one.place]], axis=1) for e in found]
        return RowSums(tuple(each.astype(np.float64) for each in shares), tally.share_of_sums, of_few=True)

    def _row(self, pair: Pair) -> RowCounts:
        assert self.judge is not None, "bind the scorer to its task first: scorer_for(scorer, brief)"
        targets, answers = pair
        return self.judge.judge(targets[0], "" if not answers or answers == NO_ANSWER else answers[0])

    def _parts(self, pairs: Sequence[Pair]) -> Floats:
        """What each row adds to credit, wanted and given, (rows, 3, fields)."""
        import numpy as np

        counts = [_counts(self._row(pair)) for pair in pairs]
        return np.array(counts, dtype=np.float64).reshape(len(pairs), 3, len(self.fields))

    def _events(self, rate: str, pairs: Sequence[Pair]) -> fieldrates.Events:
        return fieldrates.events([self._row(pair) for pair in pairs], rate)

    def _of_field(self, figure: str) -> _OfField | None:
        name, bracket, of = figure.removesuffix("]").partition("[")
        if not bracket or of not in self.fields or name not in (*_BY_FIELD, *fieldrates.RATES):
            return None
        return _OfField(name, self.fields.index(of))

    def _figure(self, figure: str) -> tally.Figure:
        return tally.figure(figure, _OF_COUNTS, self.fields)


_BY_FIELD = ("precision", "recall", "f1")


def _counts(row: RowCounts) -> tuple[tuple[float, ...], ...]:
    return row.credit, tuple(map(float, row.wanted)), tuple(map(float, row.given))
