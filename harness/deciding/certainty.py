"""How sure a recommendation is: how often the same rule picks the same strategy when the rows are drawn again.

features 0.81   lora 0.17   lora-encoder 0.02    of 1,000 resamples

Rows are drawn with replacement, the same for every strategy; the mean of several seeds varies as Student's t.
In each draw the figures, the ends of their intervals, the equivalence tests and the price of errors are those of
the draw, and the rule is followed as it stands. An interval keeps the width, and a difference the standard error,
that they have on all rows. Latency and dollars stay as measured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.comparing.evidence import Contender, TaskEvidence
from harness.comparing.figures import scored, seeds_of
from harness.comparing.records import Pair, StrategyFigures
from harness.deciding.mistakes import costs
from harness.deciding.rule import Option, pick
from harness.deciding.spend import Served
from harness.scoring.rowsums import row_sums
from harness.scoring.tally import NO_ANSWER
from harness.stats import wobble
from harness.suite import Decide

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RESAMPLES = 1000
_Z = 1.959964  # of a 95 % interval's half width


@dataclass(frozen=True)
class Drawn:
    """Figures of every draw.

    Attributes:
        figures: Figure to values, (draws, strategies).
        errors: Dollars of an answer's error, (draws, strategies); None without a price.
    """

    figures: Mapping[str, Floats]
    errors: Floats | None


def shares(
    evidence: TaskEvidence,
    strategies: Sequence[StrategyFigures],
    pairs: Sequence[Pair],
    fixed: Mapping[str, bool],
    *,
    resamples: int = RESAMPLES,
) -> dict[str, float]:
    """Share of draws in which the rule picks each strategy; the empty name for none.

    Args:
        evidence: The task.
        strategies: Those that can be recommended.
        pairs: The tests between them.
        fixed: Whether each meets the limits that do not depend on the rows drawn.
        resamples: How many draws.
    """
    decide = evidence.decide
    named = dict.fromkeys((evidence.metric, *decide.minimum, *decide.maximum))
    names = [name for name in named if all(name in each.figures for each in strategies)]
    drawn = _draw(evidence, [evidence.contender(each.name) for each in strategies], names, resamples)
    meets = _meets(strategies, decide, drawn.figures, fixed)
    tied = _Ties(strategies, pairs, drawn.figures[evidence.metric], decide.margin)
    serve = [
        Served.of(each, decide).whole_month(decide.answers_per_month, decide.horizon_months) for each in strategies
    ]
    traffic = decide.answers_per_month
    counts: dict[str, int] = {}
    for i, values in enumerate(drawn.figures[evidence.metric]):
        options = [
            Option(
                each.name,
                float(values[k]),
                bool(meets[i, k]),
                serve[k],
                _whole(serve[k], traffic, None if drawn.errors is None else float(drawn.errors[i, k])),
            )
            for k, each in enumerate(strategies)
        ]
        name = pick(options, tied.of(i), decide.worth_per_month).name or ""
        counts[name] = counts.get(name, 0) + 1
    return {name: count / resamples for name, count in sorted(counts.items(), key=lambda item: -item[1])}


def _whole(serve: float | None, traffic: int | None, error: float | None) -> float | None:
    """Dollars a month with the price of errors; None where any part of it is not known."""
    return None if serve is None or traffic is None or error is None else serve + traffic * error


def _draw(evidence: TaskEvidence, contenders: Sequence[Contender], names: Sequence[str], resamples: int) -> Drawn:
    import numpy as np

    rng = np.random.default_rng(0)
    n = len(evidence.test)
    owners = np.repeat(np.arange(len(contenders)), [len(scored(c)) for c in contenders])
    rows = list(zip(*(evidence.pairs(t) for contender in contenders for t in scored(contender)), strict=True))
    # Rows that every trial answered alike are drawn as one: a million rows cost what their patterns cost.
    first = {pattern: i for i, pattern in reversed(list(enumerate(rows)))}
    times = np.array([each for _, each in sorted((first[p], count) for p, count in Counter(rows).items())])
    places = sorted(first.values())
    weights = rng.multinomial(n, times / n, size=resamples).astype(np.float64)  # (draws, patterns)
    trials = [list(each) for each in zip(*(rows[i] for i in places), strict=True)]
    answered = [np.array([given != NO_ANSWER for _, given in each]) for each in trials]
    figures = {}
    for name in names:
        sums = row_sums(evidence.scorer, name, trials)
        shape = sums.parts[0].shape[1:]
        # A row that failed adds nothing: the rule goes by the figure of what was answered.
        parts = [
            np.where(of_answered.reshape(-1, *(1 for _ in shape)), part, 0.0)
            for part, of_answered in zip(sums.parts, answered, strict=True)
        ]
        by_trial = np.stack(
            [
                sums.figure(_summed(weights, part.reshape(len(times), -1), times, some).reshape(resamples, *shape))
                for part, some in zip(parts, answered, strict=True)
            ],
            axis=1,
        )
        whole = np.array([float(sums.figure(np.tensordot(times, part, axes=1)[None])[0]) for part in parts])
        figures[name] = np.stack(
            [
                by_trial[:, owners == k].mean(axis=1)
                + _of_seeds(whole[owners == k], seeds_of(scored(each)), rng, resamples)
                for k, each in enumerate(contenders)
            ],
            axis=1,
        )
    prices = [costs(evidence, contender) for contender in contenders]
    known = [price[places] for price in prices if price is not None]
    errors = np.stack([weights @ price / n for price in known], axis=1) if known else None
    return Drawn(figures, errors)


def _summed(weights: Floats, part: Floats, times: NDArray[np.int64], answered: NDArray[np.bool_]) -> Floats:
    """Sums of every draw, (draws, numbers); where it drew nothing but failures, those of all rows."""
    found: Floats = weights @ part
    found[weights @ answered == 0] = times @ part
    return found


def _of_seeds(figures: Floats, seeds: Sequence[int], rng: np.random.Generator, resamples: int) -> Floats:
    """What the mean over seeds varies by, (draws,)."""
    moved = wobble(figures, seeds)
    varied: Floats = moved.scale * rng.standard_t(moved.df, size=resamples)
    return varied


def _meets(
    strategies: Sequence[StrategyFigures], decide: Decide, drawn: Mapping[str, Floats], fixed: Mapping[str, bool]
) -> NDArray[np.bool_]:
    import numpy as np

    draws = len(next(iter(drawn.values())))
    met = np.tile(np.array([fixed[each.name] for each in strategies]), (draws, 1))
    for limits, sign in ((decide.minimum, 1), (decide.maximum, -1)):
        for name, limit in limits.items():
            if name in drawn:
                ends = [each.figures[name].low if sign > 0 else each.figures[name].high for each in strategies]
                whole = np.array([each.figures[name].value for each in strategies])
                width = np.array(
                    [0.0 if end is None else abs(v - end) for v, end in zip(whole, ends, strict=True)]
                )
                met &= sign * (drawn[name] - sign * width - limit) >= 0
    return met


class _Ties:
    """The equivalence tests of every draw, after Holm."""

    def __init__(
        self, strategies: Sequence[StrategyFigures], pairs: Sequence[Pair], drawn: Floats, margin: float
    ) -> None:
        import numpy as np
        from scipy.special import ndtr

        place = {each.name: k for k, each in enumerate(strategies)}
        known = [pair for pair in pairs if pair.a in place and pair.b in place and pair.verdict != "no verdict"]
        self._place = {frozenset((pair.a, pair.b)): i for i, pair in enumerate(known)}
        gaps = np.stack([drawn[:, place[p.a]] - drawn[:, place[p.b]] for p in known], axis=1) if known else None
        if gaps is None:
            self._tied = np.zeros((len(drawn), 0), dtype=bool)
            return
        error = np.array([max((pair.high - pair.low) / (2 * _Z), 1e-9) for pair in known])
        p_values = 1 - ndtr((margin - np.abs(gaps)) / error)
        self._tied = _holm(p_values, len(pairs)) < 0.05

    def of(self, draw: int) -> _TiesOf:
        return _TiesOf(self._place, self._tied[draw])


@dataclass(frozen=True)
class _TiesOf:
    place: Mapping[frozenset[str], int]
    tied: NDArray[np.bool_]

    def __call__(self, a: str, b: str) -> bool:
        at = self.place.get(frozenset((a, b)))
        return at is not None and bool(self.tied[at])


def _holm(p_values: Floats, family: int) -> Floats:
    """Holm's correction of every line, (draws, pairs), in a family of at least as many tests."""
    import numpy as np

    order = np.argsort(p_values, axis=1)
    ranked = np.take_along_axis(p_values, order, axis=1) * (family - np.arange(p_values.shape[1]))
    stepped = np.minimum(np.maximum.accumulate(ranked, axis=1), 1.0)
    corrected: Floats = np.empty_like(stepped)
    np.put_along_axis(corrected, order, stepped, axis=1)
    return corrected
