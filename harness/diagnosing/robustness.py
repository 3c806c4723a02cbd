"""How often an answer changes when only something changes that should not matter.

probe                   variant   flipped                       accuracy before, after
typos                             12 of 100, 0.120 (…)          0.91, 0.86
counterfactual:gender             3 of 40, 0.075 (…)            0.93, 0.93
counterfactual:gender   he->she   2 of 22, 0.091 (…)            0.95, 0.95

Original and changed text are asked of the same trial; a row counts once however many seeds and variants it was
asked with: its share is a mean, and the interval is that of as many rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from harness.comparing.evidence import Contender, TaskEvidence
from harness.comparing.records import Estimate
from harness.diagnosing.records import Flips
from harness.diagnosing.sureness import settled
from harness.records import Failed, Probed
from harness.stats import wilson


class _Asked(NamedTuple):
    """A query asked both ways; None for what was changed and then failed."""

    query_id: str
    variant: str
    flipped: bool | None
    before: float
    after: float


def flips(evidence: TaskEvidence) -> tuple[Flips, ...]:
    """Each strategy's probes: all variants of a probe together, and each variant where there are several.

    Rows whose original failed are not compared. Answers are compared as they are: a free text that is worded anew
    has changed, and how much that matters is what the metric before and after says.
    """
    found: list[Flips] = []
    for contender in settled(evidence):
        by_probe: dict[str, list[_Asked]] = {}
        for probe, asked in _asked(evidence, contender):
            by_probe.setdefault(probe, []).append(asked)
        for probe, every in by_probe.items():
            variants = dict.fromkeys(asked.variant for asked in every)
            parts = [("", every)]
            if len(variants) > 1 or probe.startswith("counterfactual:"):
                parts += [(name, [asked for asked in every if asked.variant == name]) for name in variants]
            found.extend(
                made for variant, of in parts if (made := _flips(contender.name, probe, variant, of)) is not None
            )
    return tuple(found)


def _asked(evidence: TaskEvidence, contender: Contender) -> Iterator[tuple[str, _Asked]]:
    one = evidence.scorer.one
    for trial in contender.answered:
        for probed in _last(trial.folder.probed()):
            targets = evidence.targets.get(probed.query_id)
            answer = trial.answers.get(probed.query_id)
            if targets is None or answer is None or answer.answers is None:
                continue
            before = one(evidence.metric, targets, answer.answers)
            if isinstance(probed.result, Failed):
                yield probed.probe, _Asked(probed.query_id, probed.variant, None, before, 0.0)
                continue
            given = probed.result.answers
            flipped = _said(evidence, given) != _said(evidence, answer.answers)
            after = one(evidence.metric, targets, given)
            yield probed.probe, _Asked(probed.query_id, probed.variant, flipped, before, after)


def _last(lines: Iterable[Probed]) -> Iterable[Probed]:
    """Of lines about the same question, as after a kill, the last counts."""
    return {(each.probe, each.variant, each.query_id): each for each in lines}.values()


def _said(evidence: TaskEvidence, answers: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(answers))) if evidence.brief.kind == "labels" else answers[:1]


def _flips(strategy: str, probe: str, variant: str, every: Sequence[_Asked]) -> Flips | None:
    known = [asked for asked in every if asked.flipped is not None]
    if not known:
        return None
    return Flips(
        strategy=strategy,
        probe=probe,
        variant=variant,
        share=_mean(known, [float(bool(asked.flipped)) for asked in known]),
        accuracy_before=_mean(known, [asked.before for asked in known]),
        accuracy_after=_mean(known, [asked.after for asked in known]),
        failed=len(every) - len(known),
    )


def _mean(known: Sequence[_Asked], values: Sequence[float]) -> Estimate:
    """Of each row's own mean: Wilson's interval, or the bootstrap's where rows are not all 0 or 1."""
    from statistics import fmean

    from harness.stats import mean_interval

    by_row: dict[str, list[float]] = {}
    for asked, value in zip(known, values, strict=True):
        by_row.setdefault(asked.query_id, []).append(value)
    rows = [fmean(each) for each in by_row.values()]
    value = fmean(rows)
    low, high = mean_interval(rows)
    if low == high and 0 <= value <= 1:  # a bootstrap of rows that are all alike sees no spread
        low, high = wilson(round(value * len(rows)), len(rows))
    return Estimate(value=value, low=min(low, value), high=max(high, value), n=len(rows))
