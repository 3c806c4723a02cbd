"""How much of a reference stands in an answer: ROUGE, BLEU and chrF.

    rouge("rougeL", ("the cat sat",), "the cat lay")   0.667

All are scaled to 0 to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal, Protocol

from harness.scoring.tally import NO_ANSWER, Pair
from harness.scoring.words import words
from harness.stats import Sums

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rouge_score.rouge_scorer import RougeScorer

Corpus = Literal["bleu", "chrf"]
CORPUS: tuple[Corpus, ...] = ("bleu", "chrf")


class _Score(Protocol):
    score: float  # 0 to 100


class _Metric(Protocol):
    """What is used of sacrebleu's metrics: counts of a segment add up to those of a corpus."""

    def _extract_corpus_statistics(
        self, hypotheses: Sequence[str], references: Sequence[Sequence[str | None]]
    ) -> list[list[int]]: ...

    def _compute_score_from_stats(self, stats: list[int]) -> _Score: ...


def rouge(figure: Literal["rouge1", "rougeL"], targets: Sequence[str], answer: str) -> float:
    """F-measure of ROUGE against the nearest target (Lin, 2004, "ROUGE: a package for automatic evaluation").

    Without stemming; words of every script count (see `words`).
    """
    return max((float(_rouge(figure).score(target, answer)[figure].fmeasure) for target in targets), default=0.0)


def sentence(figure: Corpus, targets: Sequence[str], answer: str) -> float:
    """One answer's BLEU or chrF; BLEU counts only the n-gram orders that the answer is long enough for.

    Sources: Papineni et al., 2002, "BLEU: a method for automatic evaluation of machine translation"; Popović,
    2015, "chrF: character n-gram F-score for automatic MT evaluation"; both as sacrebleu has them (Post, 2018).
    Several targets are the references of one answer: BLEU counts the n-grams of all, chrF takes the nearest.
    """
    if not targets:
        return 0.0
    metric = _metric(figure, short=True)
    stats = metric._extract_corpus_statistics([answer], [[target] for target in targets])
    return _within(metric._compute_score_from_stats(stats[0]).score)


def corpus(figure: Corpus, pairs: Sequence[Pair]) -> float:
    """BLEU or chrF of a whole set with sacrebleu's defaults, 0 to 1: comparable to what papers print, over 100."""
    counts = segments(figure, pairs)
    return float(_from_counts(figure, counts.sum(axis=0, keepdims=True))[0])


def sums(figure: Corpus, pairs: Sequence[Pair]) -> Sums:
    """The same as a function of sums over rows, for its interval."""
    import numpy as np

    counts = segments(figure, pairs)
    return Sums(counts, np.ones(len(counts), dtype=np.int64), lambda drawn: _from_counts(figure, drawn))


def segments(figure: Corpus, pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """The counts that sacrebleu sums up, row by row, (rows, counts)."""
    import numpy as np

    most = max(len(targets) for targets, _ in pairs)
    # sacrebleu wants the first reference of all rows, then the second of all, None where a row has no more
    streams = [[targets[i] if i < len(targets) else None for targets, _ in pairs] for i in range(most)]
    answers = ["" if answers in ((), NO_ANSWER) else answers[0] for _, answers in pairs]
    return np.array(_metric(figure, short=False)._extract_corpus_statistics(answers, streams), dtype=np.float64)


def _from_counts(figure: Corpus, counts: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    metric = _metric(figure, short=False)
    rows = counts.astype(np.int64).tolist()
    return np.array([_within(metric._compute_score_from_stats(row).score) for row in rows])


def _within(score: float) -> float:
    return min(1.0, max(0.0, score / 100))  # 100.00000000000004 is sacrebleu's for two equal texts


@cache
def _metric(figure: Corpus, *, short: bool) -> _Metric:
    from sacrebleu.metrics import BLEU, CHRF

    # force: answers that end in " ." are the model's own, not a preprocessing error to warn of
    metric: _Metric = CHRF() if figure == "chrf" else BLEU(effective_order=short, force=True)
    return metric


@cache
def _rouge(figure: str) -> RougeScorer:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer([figure], tokenizer=_Words())


class _Words:
    """rouge_score's interface to a tokenizer."""

    def tokenize(self, text: str) -> list[str]:
        return words(text)
