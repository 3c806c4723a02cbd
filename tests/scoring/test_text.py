"""Scores of free text; ROUGE, BLEU and chrF against the libraries' own."""

from __future__ import annotations

import random

import pytest
import sacrebleu
from rouge_score.rouge_scorer import RougeScorer

from harness.scoring.tally import NO_ANSWER, Pair
from harness.scoring.text import TextScorer
from harness.stats import mean_interval, wilson

SCORER = TextScorer()
SENTENCE = "the cat sat on a mat, and 12 dogs lay beside it . quietly; they were not red but blue!"
WORDS = SENTENCE.split()


def drawn(n: int, seed: int, targets: int = 1) -> list[Pair]:
    rng = random.Random(seed)
    pairs: list[Pair] = []
    for _ in range(n):
        words = rng.choices(WORDS, k=rng.randint(3, 15))
        texts = [" ".join(w if rng.random() < 0.7 else rng.choice(WORDS) for w in words) for _ in range(targets)]
        pairs.append((tuple(texts), (" ".join(words),)))
    return pairs


def test_every_metric_is_among_the_figures_of_a_set() -> None:
    assert set(SCORER.figures) == SCORER.whole(drawn(10, seed=0)).keys()


@pytest.mark.parametrize(
    ("figure", "expected", "answer"),
    [
        ("exact_match", 1.0, " Forty-two "),
        ("exact_match", 0.0, "forty-two"),
        ("normalised_match", 1.0, "the forty-two."),
        ("normalised_match", 0.0, "forty three"),
        ("numeric_match", 1.0, "6 times 7 is 42.00"),
        ("numeric_match", 0.0, "42 is not 43"),
        ("numeric_match", 0.0, "Forty-two"),
        ("token_f1", 2 / 5, "so it is 42"),
        ("rouge_1", 2 * 2 / (2 + 3), "forty or two"),
        ("rouge_l", 2 * 1 / (2 + 2), "two forty"),
    ],
)
def test_the_best_of_several_targets_counts(figure: str, expected: float, answer: str) -> None:
    assert pytest.approx(expected) == SCORER.one(figure, ("42", "Forty-two"), (answer,))


def test_numbers_match_within_the_tolerance_only() -> None:
    assert 1.0 == SCORER.one("numeric_match", ("0.333333333",), ("0.3333333",))
    assert 0.0 == SCORER.one("numeric_match", ("0.3333",), ("0.3334",))
    assert 1.0 == TextScorer(tolerance=0.01).one("numeric_match", ("0.3333",), ("0.3334",))


def test_rouge_is_rouge_scores() -> None:
    theirs = RougeScorer(["rouge1", "rougeL"])
    for (target,), (answer,) in drawn(50, seed=1):
        expected = theirs.score(target, answer)
        assert expected["rouge1"].fmeasure == SCORER.one("rouge_1", (target,), (answer,))
        assert expected["rougeL"].fmeasure == SCORER.one("rouge_l", (target,), (answer,))


def test_rouge_sees_words_beyond_ascii() -> None:
    assert 1.0 == SCORER.one("rouge_l", ("Москва река",), ("Москва река",))
    assert pytest.approx(0.5) == SCORER.one("rouge_1", ("café noir",), ("cafe noir",))


@pytest.mark.parametrize("targets", [1, 3])
def test_bleu_and_chrf_of_a_row_are_sacrebleus(targets: int) -> None:
    for texts, (answer,) in drawn(50, seed=2, targets=targets):
        bleu = sacrebleu.sentence_bleu(answer, list(texts)).score / 100
        chrf = sacrebleu.sentence_chrf(answer, list(texts)).score / 100
        assert pytest.approx(bleu) == SCORER.one("bleu", texts, (answer,))
        assert pytest.approx(chrf) == SCORER.one("chrf", texts, (answer,))


@pytest.mark.parametrize("targets", [1, 3])
def test_bleu_and_chrf_of_a_set_are_sacrebleus(targets: int) -> None:
    pairs = drawn(80, seed=3, targets=targets)
    answers = [answer for _, (answer,) in pairs]
    streams = [list(stream) for stream in zip(*(texts for texts, _ in pairs), strict=True)]
    found = SCORER.whole(pairs)
    assert pytest.approx(sacrebleu.corpus_bleu(answers, streams).score / 100) == found["bleu"]
    assert pytest.approx(sacrebleu.corpus_chrf(answers, streams).score / 100) == found["chrf"]


def test_rows_may_have_different_numbers_of_targets() -> None:
    pairs = [*drawn(20, seed=4), *drawn(20, seed=5, targets=3)]
    answers = [answer for _, (answer,) in pairs]
    streams = [[texts[i] if i < len(texts) else None for texts, _ in pairs] for i in range(3)]
    assert pytest.approx(sacrebleu.corpus_bleu(answers, streams).score / 100) == SCORER.whole(pairs)["bleu"]


def test_other_figures_of_a_set_are_means_of_its_rows() -> None:
    pairs = drawn(30, seed=6)
    whole = SCORER.whole(pairs)
    for figure in ("exact_match", "normalised_match", "numeric_match", "token_f1", "rouge_1", "rouge_l"):
        assert pytest.approx(sum(SCORER.one(figure, *pair) for pair in pairs) / 30) == whole[figure]


@pytest.mark.parametrize("nothing", [(), NO_ANSWER])
def test_no_answer_scores_zero_for_every_figure(nothing: tuple[str, ...]) -> None:
    """Even where the target has the words of the mark that stands for a failure."""
    targets = ("no answer",)
    assert dict.fromkeys(SCORER.figures, 0.0) == {f: SCORER.one(f, targets, nothing) for f in SCORER.figures}
    assert dict.fromkeys(SCORER.figures, 0.0) == SCORER.whole([(targets, nothing)])


@pytest.mark.parametrize("text", ["", " ", "...", "\x00", "\ud800", "🙂" * 50, "a" * 5000])
def test_any_text_has_a_score_between_zero_and_one(text: str) -> None:
    for figure in SCORER.figures:
        assert 0.0 <= SCORER.one(figure, ("the cat",), (text,)) <= 1.0
        assert 0.0 <= SCORER.one(figure, (text,), ("the cat",)) <= 1.0
        assert 0.0 <= SCORER.one(figure, (text,), (text,)) <= 1.0
    assert all(
        0.0 <= value <= 1.0 for value in SCORER.whole([((text,), (text,)), (("a b c d",), (text,))]).values()
    )


def test_equal_texts_score_one() -> None:
    text = "the cat sat on 12 mats"
    assert dict.fromkeys(SCORER.figures, 1.0) == SCORER.whole([((text,), (text,))] * 3)


def test_no_rows_have_no_figures() -> None:
    assert {} == SCORER.whole([])


def test_intervals_fit_the_figure() -> None:
    pairs = drawn(100, seed=7)
    whole = SCORER.whole(pairs)
    assert wilson(round(100 * whole["numeric_match"]), 100) == SCORER.interval("numeric_match", pairs)
    scores = [SCORER.one("token_f1", *pair) for pair in pairs]
    assert mean_interval(scores) == SCORER.interval("token_f1", pairs)


@pytest.mark.parametrize("figure", ["bleu", "chrf"])
def test_the_interval_of_a_corpus_score_is_nearly_sacrebleus_bootstrap(figure: str) -> None:
    pairs = drawn(100, seed=8)
    metric = sacrebleu.BLEU() if figure == "bleu" else sacrebleu.CHRF()
    theirs = metric.corpus_score([a for _, (a,) in pairs], [[t for (t,), _ in pairs]], n_bootstrap=2000)
    found = SCORER.interval(figure, pairs)
    assert pytest.approx(2 * theirs._ci / 100, rel=0.15) == found.high - found.low
    assert found.low < SCORER.whole(pairs)[figure] < found.high
