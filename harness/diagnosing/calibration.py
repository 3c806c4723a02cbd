"""Whether a strategy is as often right as it is sure.

confidence  right
0.55        0.52 (0.34 to 0.69, n = 30)
0.93        0.71 (0.53 to 0.84, n = 30)     <- surer than it may be
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness.comparing.evidence import Contender, TaskEvidence, Trial
from harness.comparing.records import Estimate
from harness.diagnosing.records import Bin, Calibration
from harness.diagnosing.sureness import of_test, settled
from harness.stats import wilson
from harness.stats.bootstrap import blocks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BINS = 10
ROWS_A_BIN = 15  # fewer say next to nothing of how often they are right
DRAWS = 2000
_TAILS = (0.025, 0.975)


class Told(NamedTuple):
    """All answers with probabilities of one contender, (trials, rows); nan where there is none.

    Attributes:
        name: The contender's.
        confidence: In the answer given.
        right: 1 or 0.
        brier: Each row's Brier score over all labels, 0 to 2.
    """

    name: str
    confidence: Floats
    right: Floats
    brier: Floats


def calibrations(evidence: TaskEvidence) -> tuple[Calibration, ...]:
    """Calibration of every contender whose answers carry probabilities; only for tasks of kind `label`.

    ECE (Guo et al., 2017, "On calibration of modern neural networks") is the mean gap between confidence and share
    right over bins of equally many answers; answers of one confidence share a bin. Few rows make it too large: a
    perfectly calibrated strategy shows about 0.05 on 300 rows in 10 bins, since each bin's share right misses its
    mark by chance and the gap is taken without sign. What chance adds is therefore taken off (Kumar et al., 2019,
    "Verified uncertainty calibration", for this gap: the mean of each bin's folded normal), which leaves 0.03 in
    that case. The interval's low end is the reflected bootstrap's, and 0 where gaps as large as these are no
    surprise in a calibrated strategy (of redrawn gaps about their own mean, the 97.5th percentile); its high end
    is the percentile bootstrap's, which errs on the high side. In simulations of 100 to 1,000 rows the true value
    lay under the interval in at most 8 % and above it in at most 2 %: read an interval that begins at 0 as "may
    well be calibrated".

    Brier (Brier, 1950, "Verification of forecasts expressed in terms of probability") with a percentile bootstrap.
    Rows are drawn, with the answers of all seeds for a row together; what another seed would do is not in the
    intervals.
    """
    if evidence.brief.kind != "label":
        return ()
    told = [found for each in settled(evidence) if (found := _told(evidence, each)) is not None]
    if not told:
        return ()
    binned = [_bins(each.confidence) for each in told]
    drawn = resampled([_parts(each, bins) for each, bins in zip(told, binned, strict=True)])
    return tuple(_calibration(each, bins, sums) for each, bins, sums in zip(told, binned, drawn, strict=True))


def ece(gaps: Floats, answers: Floats | float) -> Floats:
    """Plain expected calibration error.

    Args:
        gaps: Sums over each bin of confidence minus right, (..., bins).
        answers: How many answers there are in all bins, (...).
    """
    import numpy as np

    found: Floats = np.abs(gaps).sum(axis=-1) / answers
    return found


def resampled(parts: Sequence[Floats], draws: int = DRAWS, seed: int = 0) -> list[Floats]:
    """Sums over the same draws of rows for several tables.

    Args:
        parts: What each row adds, (rows, columns); the same rows in each.
        draws: How often rows are drawn with replacement.
        seed: Of the draws.

    Returns:
        For each table (draws, columns).
    """
    import numpy as np

    table = np.concatenate(parts, axis=1)
    rows = len(table)
    rng = np.random.default_rng(seed)
    found = [
        rng.multinomial(rows, np.full(rows, 1 / rows), size=size).astype(np.float64) @ table
        for size in blocks(draws, rows)
    ]
    return np.split(np.concatenate(found), np.cumsum([part.shape[1] for part in parts])[:-1], axis=1)


def _told(evidence: TaskEvidence, contender: Contender) -> Told | None:
    import numpy as np

    found = [of_test(evidence, trial) for trial in contender.answered]
    confidence = np.array([each.confidence for each in found])
    if np.isnan(confidence).all():
        return None
    right = np.where(np.isnan(confidence), np.nan, np.array([each.right for each in found]))
    brier = np.array([_brier(evidence, trial) for trial in contender.answered])
    return Told(contender.name, confidence, right, np.where(np.isnan(confidence), np.nan, brier))


def _brier(evidence: TaskEvidence, trial: Trial) -> Floats:
    """Squared distance of the probabilities from the target's, summed over all labels, (rows,)."""
    import numpy as np

    found = np.full(len(evidence.test), np.nan)
    for i, (query_id, targets) in enumerate(evidence.targets.items()):
        answer = trial.answers.get(query_id)
        if answer is not None and answer.probabilities:
            given = answer.probabilities
            of_target = given.get(targets[0], 0.0)
            found[i] = sum(p * p for p in given.values()) - of_target * of_target + (1 - of_target) ** 2
    return found


def _bins(confidence: Floats) -> NDArray[np.int64]:
    """Each answer's bin, (trials, rows), -1 for none; as many answers in each as ties allow."""
    import numpy as np

    there = ~np.isnan(confidence)
    values, place, times = np.unique(confidence[there], return_inverse=True, return_counts=True)
    rows = int(there.any(axis=0).sum())
    wanted = min(BINS, max(1, rows // ROWS_A_BIN))
    middle = np.cumsum(times) - times / 2
    of_value = np.floor(middle / times.sum() * wanted).astype(np.int64)
    _, of_value = np.unique(of_value, return_inverse=True)  # bins that ties left empty are no bins
    assert len(of_value) == len(values)
    found = np.full(confidence.shape, -1, dtype=np.int64)
    found[there] = of_value[place]
    return found


def _parts(told: Told, bins: NDArray[np.int64]) -> Floats:
    """What each row adds, (rows, bins + 2): its gaps by bin, its Brier scores, its answers."""
    import numpy as np

    count = int(bins.max()) + 1
    gap = np.nan_to_num(told.confidence - told.right)
    by_bin = np.stack([np.where(bins == b, gap, 0.0).sum(axis=0) for b in range(count)], axis=1)
    answers = (bins >= 0).sum(axis=0).astype(np.float64)
    return np.column_stack([by_bin, np.nansum(told.brier, axis=0), answers])


def _calibration(told: Told, bins: NDArray[np.int64], drawn: Floats) -> Calibration:
    import numpy as np

    answers = int((bins >= 0).sum())
    rows = int((bins >= 0).any(axis=0).sum())
    drawn = drawn[drawn[:, -1] > 0]
    brier = float(np.nansum(told.brier) / answers)
    low, high = np.quantile(drawn[:, -2] / drawn[:, -1], _TAILS)
    return Calibration(
        strategy=told.name,
        n=answers,
        ece=_ece(_parts(told, bins).sum(axis=0), drawn, rows),
        brier=Estimate(value=brier, low=min(float(low), brier), high=max(float(high), brier), n=rows),
        bins=tuple(_bin(told, bins == b) for b in range(int(bins.max()) + 1)),
    )


def _ece(sums: Floats, drawn: Floats, rows: int) -> Estimate:
    import numpy as np
    from scipy.special import ndtr

    gaps, plain = sums[:-2] / sums[-1], float(ece(sums[:-2], sums[-1]))
    errors = np.std(drawn[:, :-2] / drawn[:, -1:], axis=0)
    z = np.abs(gaps) / np.maximum(errors, 1e-12)
    # the mean size of a normal with this mean and error, which is what a bin would show on average
    folded = errors * np.sqrt(2 / np.pi) * np.exp(-z * z / 2) + np.abs(gaps) * (1 - 2 * ndtr(-z))
    value = max(0.0, 2 * plain - float(folded.sum()))
    drawn_plain = ece(drawn[:, :-2], drawn[:, -1])
    high = float(np.quantile(drawn_plain, _TAILS[1]))
    calibrated = float(np.quantile(ece(drawn[:, :-2] - sums[:-2], sums[-1]), _TAILS[1]))
    low = 0.0 if plain <= calibrated else max(0.0, 2 * plain - high)
    return Estimate(value=value, low=min(low, value), high=min(1.0, max(high, value)), n=rows)


def _bin(told: Told, mine: NDArray[np.bool_]) -> Bin:
    """Of several seeds a row counts once: they are wrong on the same rows."""
    rows = int(mine.any(axis=0).sum())
    share = float(told.right[mine].mean())
    low, high = wilson(round(share * rows), rows)
    accuracy = Estimate(value=share, low=min(low, share), high=max(high, share), n=rows)
    return Bin(confidence=float(told.confidence[mine].mean()), accuracy=accuracy)
