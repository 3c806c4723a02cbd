"""Scores of tasks whose answer is free text, against one or several acceptable texts.

    targets ("42", "forty-two")   answers ("So it is 42.",)   exact_match 0, numeric_match 1, token_f1 0.4

The acceptable text that the answer is nearest to counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.records import Kind
from harness.scoring import overlap
from harness.scoring.rowsums import RowSums
from harness.scoring.tally import NO_ANSWER, Pair
from harness.scoring.words import last_number, normalised, token_f1
from harness.stats import Interval, bounded_sums, mean_interval

_OF_ROWS = ("exact_match", "normalised_match", "numeric_match", "token_f1", "rouge_1", "rouge_l")


@dataclass(frozen=True)
class TextScorer:
    """Exact, normalised and numeric match, token F1, ROUGE-1, ROUGE-L, BLEU and chrF, all 0 to 1.

    All but the last two are means of the rows' scores; BLEU and chrF of a set are sacrebleu's corpus scores, of
    a row its sentence scores. `numeric_match` compares the last number of the answer with the target's last.

    Attributes:
        tolerance: By how much of the larger two numbers may differ and still match.
    """

    tolerance: float = 1e-6
    kinds: frozenset[Kind] = frozenset({"text"})
    figures: Sequence[str] = (*_OF_ROWS, *overlap.CORPUS)

    def one(self, figure: str, targets: tuple[str, ...], answers: tuple[str, ...]) -> float:
        if not answers or answers == NO_ANSWER:
            return 0.0
        answer = answers[0]
        if figure == "exact_match":
            return float(any(answer.strip() == target.strip() for target in targets))
        if figure == "normalised_match":
            given = normalised(answer)
            return float(any(given == normalised(target) for target in targets))
        if figure == "numeric_match":
            return float(self._same_number(targets, answer))
        if figure == "token_f1":
            return max((token_f1(target, answer) for target in targets), default=0.0)
        if figure == "rouge_1":
            return overlap.rouge("rouge1", targets, answer)
        if figure == "rouge_l":
            return overlap.rouge("rougeL", targets, answer)
        return overlap.sentence("bleu" if figure == "bleu" else "chrf", targets, answer)

    def whole(self, pairs: Sequence[Pair]) -> Mapping[str, float]:
        if not pairs:
            return {}
        of_rows = {
            figure: math.fsum(self.one(figure, *pair) for pair in pairs) / len(pairs) for figure in _OF_ROWS
        }
        return of_rows | {figure: overlap.corpus(figure, pairs) for figure in overlap.CORPUS}

    def interval(self, figure: str, pairs: Sequence[Pair], *, seed: int = 0) -> Interval:
        for each in overlap.CORPUS:
            if figure == each:
                return bounded_sums(overlap.sums(each, pairs), seed=seed)
        return mean_interval([self.one(figure, *pair) for pair in pairs], seed=seed)

    def row_sums(self, figure: str, trials: Sequence[Sequence[Pair]]) -> RowSums | None:
        for each in overlap.CORPUS:
            if figure == each:
                sums = [overlap.sums(each, pairs) for pairs in trials]
                return RowSums(tuple(one.parts for one in sums), sums[0].figure)
        return None

    def _same_number(self, targets: tuple[str, ...], answer: str) -> bool:
        given = last_number(answer)
        if given is None:
            return False
        wanted = [number for number in map(last_number, targets) if number is not None]
        return any(math.isclose(given, each, rel_tol=self.tolerance, abs_tol=1e-12) for each in wanted)
