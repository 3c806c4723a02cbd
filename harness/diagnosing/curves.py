"""Learning curves: each strategy against the number of labelled rows, and what more of them would bring.

          16     32     64     128    256 labels would bring
lora      0.61   0.74   0.83   0.87   +0.021 (0.006 to 0.043): still worth labelling
knn       0.78   0.80   0.80   0.81   +0.003 (0.000 to 0.012): flat
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from harness.comparing.evidence import Contender, TaskEvidence
from harness.comparing.figures import estimate, scored
from harness.comparing.groups import grouped
from harness.comparing.records import Estimate
from harness.diagnosing.powerlaw import LEAST_SIZES, gain
from harness.diagnosing.records import Curve, CurvePoint, Forecast
from harness.numbers import count, dollars, proportion
from harness.scoring.rowsums import row_sums
from harness.stats.crossed import stacked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DRAWS = 1000


def curves(evidence: TaskEvidence) -> tuple[Curve, ...]:
    """The curve of every strategy that ran with several training sizes.

    A point is the mean over seeds, its interval over rows and seeds together (as everywhere, see
    `harness.stats.crossed_interval`). The forecast is a power law through the points, drawn again with other rows,
    the same for all sizes, and with each size's mean over seeds moved by what it varies; with one seed only
    rows vary, and the interval is too narrow by what seeds would add.
    """
    return tuple(_curve(evidence, name, by_size) for name, by_size in by_strategy(evidence).items())


def by_strategy(evidence: TaskEvidence) -> dict[str, dict[int, Contender]]:
    """Contenders by curve and size, for those that have answers at two sizes at least; sizes rise."""
    found: dict[str, dict[int, Contender]] = {}
    for each in evidence.contenders:
        if each.train_size is not None and each.answered:
            name = each.name.replace(f" n={each.train_size}", "", 1)
            found.setdefault(name, {})[each.train_size] = each
    return {name: dict(sorted(sizes.items())) for name, sizes in found.items() if len(sizes) > 1}


def _curve(evidence: TaskEvidence, name: str, by_size: Mapping[int, Contender]) -> Curve:
    points = []
    for size, contender in by_size.items():
        trials = scored(contender)
        value = estimate(evidence, trials, evidence.metric)
        if value is not None:
            points.append(CurvePoint(size=size, value=value, trials=len(trials)))
    return Curve(
        strategy=name,
        metric=evidence.metric,
        points=tuple(points),
        forecast=_forecast(evidence, name, [by_size[p.size] for p in points], points) if points else None,
    )


def _forecast(
    evidence: TaskEvidence, name: str, contenders: Sequence[Contender], points: Sequence[CurvePoint]
) -> Forecast:
    sizes = [point.size for point in points]
    more = 2 * sizes[-1]
    if len(sizes) < LEAST_SIZES:
        words = (
            f"What more labels would bring cannot be said from {len(sizes)} sizes; it takes {LEAST_SIZES}, such as"
            f" {', '.join(count(sizes[-1] // 2**i) for i in reversed(range(LEAST_SIZES)))}."
        )
        return Forecast(strategy=name, size=more, gain=None, words=words)
    found = gain(sizes, [point.value.value for point in points], _drawn(evidence, contenders))
    told = Estimate(value=found.value, low=found.low, high=found.high, n=points[-1].value.n)
    words = _words(evidence, told, sizes[-1])
    if min(point.trials for point in points) == 1:
        words += " One seed: what another would bring is not in the interval."
    return Forecast(strategy=name, size=more, gain=told, words=words)


def _drawn(evidence: TaskEvidence, contenders: Sequence[Contender]) -> Floats:
    """The figure of each size in draws of rows and seeds, (draws, sizes)."""
    import numpy as np

    trials = [scored(contender) for contender in contenders]
    sums = row_sums(
        evidence.scorer, evidence.metric, [evidence.pairs(trial) for of_size in trials for trial in of_size]
    )
    by_group = grouped(sums.parts)
    side = stacked(by_group.parts, by_group.times, sums.figure)
    splits = np.cumsum([len(of_size) for of_size in trials])[:-1]
    rows = np.stack([part.mean(axis=1) for part in np.split(side.of_draws(DRAWS, 0), splits, axis=1)], axis=1)
    of_seeds = np.split(side.of_all(), splits)
    scale = np.array([part.std(ddof=1) / len(part) ** 0.5 if len(part) > 1 else 0.0 for part in of_seeds])
    # Each size has few seeds; all sizes together tell how far to trust their spread.
    known = max(1, sum(len(part) - 1 for part in of_seeds))
    moved: Floats = rows + scale * np.random.default_rng(1).standard_t(known, size=rows.shape)
    return moved


def _words(evidence: TaskEvidence, found: Estimate, largest: int) -> str:
    low, high = found.low or 0.0, found.high or 0.0
    margin, price = evidence.decide.margin, evidence.decide.label_price
    more = f"{count(largest)} more labels"
    if price is not None:
        more += f" (for {dollars(price * largest)})"
    words = f"{more} would bring about +{proportion(found.value)} ({proportion(low)} to {proportion(high)})"
    if high < margin:
        return f"Flat: {words}, less than the {proportion(margin)} that matter."
    if low >= margin:
        return f"{words}: still worth labelling."
    nothing = "nothing" if low < 0.0005 else f"less than the {proportion(margin)} that matter"
    if found.value >= margin:
        return f"{words}: likely still worth labelling, but it may be {nothing}."
    return f"{words}: likely less than the {proportion(margin)} that matter, but that is not sure."
