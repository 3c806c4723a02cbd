"""A strategy now and one of a baseline, brought together row by row.

row             now       then
5b0f1c9a7d21    positive  positive
0c119a3e55d0    negative  -         <- failed then: counted as right, or as wrong
77ab0f1c9a7d    neutral             <- only now: not compared

Targets are today's: a row whose target changed has another hash, and is not compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from harness.gating.baseline import Kept, KeptTask
from harness.gating.packing import FAILED, labels_of, score_of, score_token, unpack
from harness.scoring.rowsums import RowSums, row_sums
from harness.scoring.tally import NO_ANSWER, Pair

if TYPE_CHECKING:
    from harness.comparing.evidence import TaskEvidence, Trial


class PairedRows(NamedTuple):
    """Rows that both were asked: where they stand in the run, and in the baseline."""

    now: list[int]
    then: list[int]


def paired(now: Sequence[str], then: Sequence[str]) -> PairedRows:
    places = {row: place for place, row in enumerate(then)}
    both = [(place, places[row]) for place, row in enumerate(now) if row in places]
    return PairedRows([place for place, _ in both], [place for _, place in both])


@dataclass(frozen=True)
class Sides:
    """Both strategies on the rows that both were asked.

    Attributes:
        evidence: The task now.
        trials: Of the strategy now.
        old: The task then.
        against: The strategy then.
        rows: Which rows.
    """

    evidence: TaskEvidence
    trials: Sequence[Trial]
    old: KeptTask
    against: Kept
    rows: PairedRows

    @property
    def any_failed(self) -> bool:
        then = any(FAILED in tokens for tokens in self.then)
        ids = [self.evidence.ids[place] for place in self.rows.now]
        now = (trial.answers.get(query_id) for trial in self.trials for query_id in ids)
        return then or any(answer is None or answer.answers is None for answer in now)

    @cached_property
    def then(self) -> list[list[str]]:
        """The baseline's tokens, for each trial in the order of `rows`."""
        kept = [unpack(answers, len(self.old.hashes)) for answers in self.against.answers]
        return [[tokens[place] for place in self.rows.then] for tokens in kept]

    def sums(self, now_failed: str, then_failed: str) -> RowSums:
        """The metric of all trials, those of now first.

        Args:
            now_failed: `wrong` or `right`: what stands for a row that failed now.
            then_failed: The same for the baseline.
        """
        if self.old.packed == "scores":
            return self._of_scores(float(now_failed == "right"), float(then_failed == "right"))
        targets = [self.evidence.test[place].targets for place in self.rows.now]
        now = [self.evidence.pairs(trial, now_failed) for trial in self.trials]
        trials: list[Sequence[Pair]] = [[pairs[place] for place in self.rows.now] for pairs in now]
        for tokens in self.then:
            given = [labels_of(token, self.old.labels) for token in tokens]
            trials.append([
                (target, answer if answer is not None else target if then_failed == "right" else NO_ANSWER)
                for target, answer in zip(targets, given, strict=True)
            ])  # fmt: skip
        return row_sums(self.evidence.scorer, self.evidence.metric, trials)

    def _of_scores(self, now_failed: float, then_failed: float) -> RowSums:
        import numpy as np

        one, metric = self.evidence.scorer.one, self.evidence.metric
        parts = []
        for trial in self.trials:
            answers = [trial.answers.get(self.evidence.ids[place]) for place in self.rows.now]
            scores = [
                None
                if answer is None or answer.answers is None
                # As the baseline's are written, so that what did not change is no difference.
                else score_of(score_token(one(metric, self.evidence.test[place].targets, answer.answers)))
                for place, answer in zip(self.rows.now, answers, strict=True)
            ]
            parts.append([now_failed if score is None else score for score in scores])
        for tokens in self.then:
            kept = [score_of(token) for token in tokens]
            parts.append([then_failed if score is None else score for score in kept])
        tables = tuple(np.column_stack([each, np.ones(len(each))]) for each in parts)
        return RowSums(tables, lambda sums: sums[..., 0] / sums[..., 1], is_mean=True)
