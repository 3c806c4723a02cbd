"""Simulates what every statistical routine claims, and writes the table into docs/statistics.md.

python -m benchmarks.statistics         (three to four minutes on one core; the same numbers each time)
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

# Run as a script, this folder stands before the standard library, whose `statistics` has this file's name.
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent]

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from benchmarks.claims import Row, average, called, covered, inside, rate, tied  # noqa: E402
from benchmarks.few import rare_labels, repeats, timed_again  # noqa: E402
from benchmarks.leaving import left_to_people  # noqa: E402
from benchmarks.seeds import over_seeds, pairs_over_seeds  # noqa: E402
from harness import stats  # noqa: E402
from harness.scoring import tally  # noqa: E402

Floats = NDArray[np.float64]
PAGE = Path(__file__).parent.parent / "docs" / "statistics.md"
MARKS = ("<!-- simulated: begin -->", "<!-- simulated: end -->")
MARGIN = 0.02
DRAWS = 600


def mean(sums: Floats) -> Floats:
    return sums[..., 0] / sums[..., 1]


def scored(values: Floats) -> Floats:
    return np.column_stack([values, np.ones(len(values))])


def grouped(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    kinds, times = np.unique(rows, axis=0, return_counts=True)
    return kinds, times.astype(np.int64)


def answered(targets: NDArray[np.int64], answers: NDArray[np.int64], labels: int) -> Floats:
    parts, row = np.zeros((len(targets), 3, labels)), np.arange(len(targets))
    parts[row, 0, targets] = targets == answers
    parts[row, 1, targets] = 1
    parts[row, 2, answers] = 1
    return parts


def one_figure() -> Iterator[Row]:
    rng = np.random.default_rng(0)
    for n, share in ((40, 0.9), (300, 0.9)):
        hits = [inside(stats.wilson(int(k), n), share) for k in rng.binomial(n, share, 20_000)]
        yield Row("`wilson`", f"share {share}, n = {n}", "Wilson 1927", "covers 0.95", rate(hits))
    hits = []
    for hit, missed, false, _ in rng.multinomial(120, [0.16, 0.04, 0.06, 0.74], 10_000).tolist():
        hits.append(inside(stats.label_intervals(hit, hit + missed, hit + false).f1, 0.32 / 0.42))
    yield Row("`label_intervals`, F1", "20 % of 120 rows", "Wilson 1927, by Jaccard", "covers 0.95", rate(hits))
    hits = [
        inside(stats.bootstrap(rng.beta(4, 0.6, 80).tolist(), resamples=DRAWS, seed=s), 4 / 4.6)
        for s in range(600)
    ]
    yield Row("`bootstrap`", "skewed scores, n = 80", "Efron 1987", "covers 0.95", rate(hits))
    chances = np.array([[0.44, 0.06, 0.02], [0.05, 0.25, 0.03], [0.02, 0.03, 0.10]])
    true = float(np.mean(2 * chances.diagonal() / (chances.sum(axis=0) + chances.sum(axis=1))))
    hits = []
    for seed in range(800):
        counts = rng.multinomial(250, chances.ravel()).reshape(3, 3)
        hits.append(inside(stats.bootstrap_confusion(counts, tally.macro_f1, resamples=DRAWS, seed=seed), true))
    yield Row("`bootstrap_confusion`", "macro-F1, n = 250", "Efron 1987", "covers 0.95", rate(hits))
    hits = []
    for _ in range(2000):
        found = stats.percentile_interval(rng.exponential(size=150).tolist(), 0.95)
        hits.append(inside((found.low, np.inf if found.high is None else found.high), -np.log(0.05)))
    yield Row("`percentile_interval`", "p95, n = 150", "Hahn and Meeker 1991", "covers at least 0.95", rate(hits))


@cache
def mcnemar(a_only: int, b_only: int, n: int) -> stats.Difference:
    return stats.mcnemar(a_only, b_only, n, MARGIN)


def right_and_wrong() -> Iterator[Row]:
    rng = np.random.default_rng(1)
    for n, share in ((100, 0.1), (300, 0.1), (300, 0.02)):
        found = [
            mcnemar(a, b, n) for a, b, _ in rng.multinomial(n, [share / 2, share / 2, 1 - share], 6000).tolist()
        ]
        case = f"equal, {share:.0%} discordant, n = {n}"
        yield called("`mcnemar`, test", case, "McNemar 1947, exact", found)
        yield Row(
            "`mcnemar`, interval", case, "Tango 1998", "covers 0.95", rate([inside(f[1:3], 0) for f in found])
        )
    for n, share in ((300, 0.02), (300, 0.05), (2000, 0.03)):
        up, down = (share + MARGIN) / 2, (share - MARGIN) / 2
        found = [mcnemar(a, b, n) for a, b, _ in rng.multinomial(n, [up, down, 1 - share], 6000).tolist()]
        case = f"0.02 apart, {share:.0%} discordant, n = {n}"
        yield tied("`mcnemar`", case, "Tango 1998, corrected", found)
        yield covered("`mcnemar`", case, "Tango 1998", found, MARGIN)


def families() -> Iterator[Row]:
    """Six equal strategies: how often any of 15 pairs is called, alone and after Holm."""
    rng, n = np.random.default_rng(2), 300
    alone, after = [], []
    for _ in range(400):
        hard = rng.random(n) < 0.4
        right = rng.random((6, n)) < np.where(hard, 0.6, 0.95)
        ps = [
            mcnemar(int((right[i] & ~right[j]).sum()), int((right[j] & ~right[i]).sum()), n).p_value
            for i in range(6)
            for j in range(i)
        ]
        alone.append(min(ps) < 0.05)
        after.append(min(stats.holm(ps)) < 0.05)
    yield Row("no correction", "6 equal strategies, any of 15 pairs", "-", "none", rate(alone))
    yield Row("`holm`", "6 equal strategies, any of 15 pairs", "Holm 1979", "false at most 0.05", rate(after))


def labelled_pair(rng: np.random.Generator, n: int, error: float) -> stats.Paired:
    targets = rng.choice(3, n, p=[0.6, 0.25, 0.15])
    wrong = rng.random((2, n)) < error
    a, b = ((targets + wrong[side] * rng.integers(1, 3, n)) % 3 for side in (0, 1))
    kinds, times = grouped(np.column_stack([targets, a, b]))
    sides = [answered(kinds[:, 0], kinds[:, side], 3) for side in (1, 2)]
    return stats.Paired(sides[0], sides[1], times, tally.macro_f1)


def failing_pair(rng: np.random.Generator, n: int) -> stats.Paired:
    a, b = np.where(rng.random(n) < 0.1, 0.0, 1.0), rng.uniform(0.85, 0.95, n)
    return stats.Paired(scored(a), scored(b), np.ones(n, dtype=np.int64), mean)


def sparse_pair(rng: np.random.Generator, n: int) -> stats.Paired:
    a = rng.beta(4, 0.6, n)
    b = np.where(rng.random(n) < 0.1, rng.beta(4, 0.6, n), a)
    return stats.Paired(scored(a), scored(b), np.ones(n, dtype=np.int64), mean)


def apart_pair(rng: np.random.Generator, n: int) -> stats.Paired:
    b = rng.beta(8, 2, n)
    return stats.Paired(
        scored(np.where(rng.random(n) < 0.1, b + 0.2, b)), scored(b), np.ones(n, dtype=np.int64), mean
    )


def any_figure() -> Iterator[Row]:
    rng = np.random.default_rng(3)
    cases: list[tuple[str, Callable[[int], stats.Paired], tuple[int, ...]]] = [
        ("macro-F1, 25 % errors", lambda n: labelled_pair(rng, n, 0.25), (50, 100, 300)),
        ("macro-F1, 3 % errors", lambda n: labelled_pair(rng, n, 0.03), (100, 300)),
        ("mean, rare failures against mediocre", lambda n: failing_pair(rng, n), (50, 100)),
        ("mean, skewed scores, a tenth differ", lambda n: sparse_pair(rng, n), (50, 100, 300)),
    ]
    for name, make, sizes in cases:
        simulations = 1000 if "macro" in name else 400
        for n in sizes:
            found = [stats.paired_bootstrap(make(n), MARGIN, resamples=DRAWS, seed=s) for s in range(simulations)]
            case = f"equal {name}, n = {n}"
            yield called("`paired_bootstrap`, test", case, "Efron 1987, wider", found)
            yield covered("`paired_bootstrap`", case, "Efron 1987, wider", found, 0.0)
    found = [stats.paired_bootstrap(apart_pair(rng, 150), MARGIN, resamples=DRAWS, seed=s) for s in range(400)]
    case = "mean, 0.02 apart, all on a tenth, n = 150"
    yield tied("`paired_bootstrap`", case, "Schuirmann 1987", found)


def gaps() -> Iterator[Row]:
    rng = np.random.default_rng(5)
    for n_a, n_b, share in ((20, 60, 0.85), (50, 250, 0.9)):
        pairs = np.column_stack([rng.binomial(n_a, share, 6000), rng.binomial(n_b, share, 6000)]).tolist()
        found = [stats.independent_difference(a, n_a, b, n_b) for a, b in pairs]
        case = f"equal groups of {n_a} and {n_b}, share {share}"
        yield called("`independent_difference`, test", case, "Campbell 2007, Fisher", found)
        yield covered("`independent_difference`", case, "Newcombe 1998, 10", found, 0.0)
    found = [stats.mean_gap(rng.beta(4, 1, 30).tolist(), rng.beta(4, 1, 90).tolist()) for _ in range(2000)]
    yield called("`mean_gap`", "equal skewed scores, 30 and 90 rows", "Welch 1947", found)


def the_best() -> Iterator[Row]:
    rng = np.random.default_rng(6)
    for n in (100, 300):
        for name, shares in (("10 equal", [0.8] * 10), ("1 better by 0.05 of 10", [0.85] + [0.8] * 9)):
            before, after, within = [], [], []
            for seed in range(200):
                hard = rng.random((n, 1)) < 0.3
                right = rng.random((n, 10)) < np.array(shares) + np.where(hard, -0.35, 0.15)
                kinds, times = grouped(right.astype(np.int64))
                trials = [[kind[:, None] / n] for kind in kinds.T.astype(np.float64)]
                found = stats.best_of(trials, times, lambda s: s[..., 0], seed=seed, resamples=400)
                true = shares[found.index]
                before.append(found.value - true)
                after.append(found.corrected - true)
                within.append(inside((found.low, found.high), true))
            case = f"{name}, n = {n}"
            yield Row("the best figure, bias", case, "-", "none", average(before))
            yield Row("`best_of`, bias", case, "Efron and Tibshirani 1993", "near 0", average(after))
            yield Row("`best_of`, interval", case, "the same", "covers 0.95", rate(within))


def main() -> None:
    parts = (
        one_figure,
        right_and_wrong,
        families,
        any_figure,
        over_seeds,
        pairs_over_seeds,
        repeats,
        rare_labels,
        timed_again,
        gaps,
        the_best,
        left_to_people,
    )
    lines = ["| routine | case | reference | claimed | measured |", "|---|---|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for part in parts for row in part()]
    table = "\n".join(lines)
    print(table)
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(MARKS[0])
    PAGE.write_text(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{rest.split(MARKS[1])[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
