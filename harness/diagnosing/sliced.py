"""One strategy's figure on many parts of the test rows, each with its interval; rows are scored once for all."""

from __future__ import annotations

from collections.abc import Sequence

from harness.comparing.evidence import Contender, TaskEvidence
from harness.comparing.figures import drawn, estimate, scored, seeds_of
from harness.comparing.records import Estimate
from harness.diagnosing.subset import narrowed
from harness.scoring.rowsums import row_sums

DRAWS = 1000  # a slice's interval is wide: a few draws more move it by less than it is wide by far


class Sliced:
    """A strategy's answers, ready to be looked at in parts.

    Args:
        evidence: The task.
        contender: Whose answers.
    """

    def __init__(self, evidence: TaskEvidence, contender: Contender) -> None:
        self._evidence = evidence
        self._trials = scored(contender)
        self._place = {row: i for i, row in enumerate(evidence.ids)}
        self._failed = {
            row
            for row in evidence.ids
            if any((found := trial.answers.get(row)) is None or found.answers is None for trial in self._trials)
        }
        self._sums = (
            row_sums(evidence.scorer, evidence.metric, [evidence.pairs(trial) for trial in self._trials])
            if len(self._trials) > 1
            else None
        )

    def estimate(self, ids: Sequence[str]) -> Estimate | None:
        """The task's metric on some rows, the mean over seeds, as `comparing.figures.estimate` has it.

        None where a seed answered none of them.
        """
        import numpy as np

        if self._sums is None or not self._failed.isdisjoint(ids):
            return estimate(narrowed(self._evidence, ids), self._trials, self._evidence.metric)
        rows = [self._place[row] for row in ids]
        sums = self._sums._replace(parts=tuple(part[rows] for part in self._sums.parts))
        found = drawn(sums, self._evidence.metric, seeds_of(self._trials), DRAWS)
        if found is None:
            return estimate(narrowed(self._evidence, ids), self._trials, self._evidence.metric)
        value = float(np.mean([sums.figure(part.sum(axis=0)[None])[0] for part in sums.parts]))
        return Estimate(value=value, low=min(found.low, value), high=max(found.high, value), n=len(rows))
