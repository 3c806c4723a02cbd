"""How many rows would settle a difference that matters.

    rows_needed_proportions(discordant_share=0.09, margin=0.02)     -> 1764
    rows_needed_mean(sd_of_differences=0.21, margin=0.02)           -> 866
    rows_needed_unchanged(margin=0.02)                              -> 189

Always of the margin, never of the difference observed. A power worked out from the observed difference is the
p-value in other words (Hoenig and Heisey, 2001, "The abuse of power"): it calls every test that failed too
small, and asks for endless rows where the two are as good as equal.
"""

from __future__ import annotations

from math import ceil, log, sqrt

from harness.stats.intervals import LEVEL, normal_quantile
from harness.stats.paired import check_margin

POWER = 0.8


def rows_needed_proportions(
    discordant_share: float, margin: float, level: float = LEVEL, power: float = POWER
) -> int:
    """Rows for McNemar's test to find a difference of the margin.

    Source: Connor, 1987, "Sample size for testing differences in proportions for the paired-sample design",
    after Miettinen, 1968. A difference of the margin takes at least that share of discordant rows, so fewer
    seen are taken as that many.

    Args:
        discordant_share: Share of rows on which just one of the two is right, 0 to 1: what was seen.
        margin: The difference that matters, never the one observed.
        level: 1 minus the level of the two-sided test.
        power: The chance to find it.
    """
    check_margin(margin)
    if not 0 <= discordant_share <= 1:
        raise ValueError(f"discordant_share must be 0 to 1, not {discordant_share!r}")
    if margin > 1:
        raise ValueError(f"two shares differ by at most 1, not by margin={margin!r}")
    share = max(discordant_share, margin)
    spread = normal_quantile(level) * sqrt(share) + _power_quantile(power) * sqrt(share - margin * margin)
    return ceil(spread * spread / (margin * margin))


def rows_needed_unchanged(margin: float, level: float = LEVEL) -> int:
    """The fewest rows on which Tango's interval lies within the margin where no row is discordant.

    Source: his score, with no discordant row n * margin / (1 - margin), put equal to the normal quantile squared.

    Args:
        margin: The difference that matters.
        level: Confidence of the interval.
    """
    check_margin(margin)
    return int(normal_quantile(level) ** 2 * max(0.0, 1 - margin) / margin) + 1


def rows_needed_mean(sd_of_differences: float, margin: float, level: float = LEVEL, power: float = POWER) -> int:
    """Rows for a paired test of means to find a difference of the margin.

    Source: the normal formula, ((z_level + z_power) * sd / margin)**2; for a figure without scores by row, such as
    macro-F1, give the standard error of the difference times the root of the rows. At least as many as could
    show a tie if no row differed, (1 - margin)**n at most 1 - level.

    Args:
        sd_of_differences: Standard deviation of a row's difference between the two, seen.
        margin: The difference that matters, never the one observed.
        level: 1 minus the level of the two-sided test.
        power: The chance to find it.
    """
    check_margin(margin)
    if not sd_of_differences >= 0:
        raise ValueError(f"sd_of_differences must be at least 0, not {sd_of_differences!r}")
    root = (normal_quantile(level) + _power_quantile(power)) * sd_of_differences / margin
    least = log(1 - level) / log(1 - margin) if margin < 1 else 1
    return ceil(max(root * root, least))


def _power_quantile(power: float) -> float:
    from statistics import NormalDist

    if not 0 < power < 1:
        raise ValueError(f"power must be between 0 and 1, such as 0.8, not {power!r}")
    return NormalDist().inv_cdf(power)
