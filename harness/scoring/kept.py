"""Scores of answers whose texts were forgotten: a token stands for each answer, and its scores were kept.

targets ("§3f0c9a7d21ee",)   answers ("§77f0a1d2b4c8",)   token_f1 0.4
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.records import Kind
from harness.scoring.tally import NO_ANSWER, Pair
from harness.stats import mean_interval

if TYPE_CHECKING:
    from harness.models import Scorer
    from harness.stats import Interval


@dataclass(frozen=True)
class KeptScorer:
    """Implements `harness.Scorer` over scores that were kept.

    A figure of a set is the mean of its rows' own scores here, which for some (BLEU, micro F1) is not the figure
    of the set: what was computed before the texts were forgotten is kept beside it.

    Attributes:
        scorer: Whose scores they are.
        scores: By an answer's token, its score of each figure; a row's targets have a token too.
    """

    scorer: Scorer
    scores: Mapping[str, Mapping[str, float]]

    @property
    def kinds(self) -> frozenset[Kind]:
        return self.scorer.kinds

    @property
    def figures(self) -> Sequence[str]:
        return self.scorer.figures

    def one(self, figure: str, targets: tuple[str, ...], answers: tuple[str, ...]) -> float:
        if not answers or answers == NO_ANSWER:
            return 0.0
        return self.scores.get(answers[0], {}).get(figure, 0.0)

    def whole(self, pairs: Sequence[Pair]) -> Mapping[str, float]:
        if not pairs:
            return {}
        return {
            figure: math.fsum(self.one(figure, *pair) for pair in pairs) / len(pairs) for figure in self.figures
        }

    def interval(self, figure: str, pairs: Sequence[Pair], *, seed: int = 0) -> Interval:
        return mean_interval([self.one(figure, *pair) for pair in pairs], seed=seed)
