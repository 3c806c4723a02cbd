"""Which answers were given for which targets, and how well each label is found.

              positive  negative  failed
positive            87        11       2
negative             8        92       0        recall[negative] 0.920 (0.850 to 0.959, n = 100)
"""

from __future__ import annotations

from harness.comparing.evidence import Contender, TaskEvidence
from harness.comparing.figures import scored
from harness.comparing.records import Estimate
from harness.diagnosing.records import Confusion
from harness.diagnosing.sureness import settled
from harness.scoring.label import confusion
from harness.stats import label_intervals, wilson


def confusions(evidence: TaskEvidence) -> tuple[Confusion, ...]:
    """A table for each strategy of a task of kind label; none for other kinds.

    Counts are sums over seeds. A label's figures are of those sums; their intervals are of as many rows as the
    task has, since rows asked with three seeds are not three times as many rows. What seeds vary by is not in
    them. Failed rows count among a label's rows and among nobody's answers.
    """
    if evidence.brief.kind != "label":
        return ()
    return tuple(_confusion(evidence, contender) for contender in settled(evidence))


def _confusion(evidence: TaskEvidence, contender: Contender) -> Confusion:
    trials = scored(contender)
    found = confusion([pair for trial in trials for pair in evidence.pairs(trial)], evidence.brief.labels)
    per_label: dict[str, Estimate] = {}
    for i, label in enumerate(found.labels):
        hits, wanted, given = (
            int(n) for n in (found.counts[i, i], found.counts[i].sum(), found.counts[:, i].sum())
        )
        per_label |= {
            f"{name}[{label}]": estimate for name, estimate in _figures(hits, wanted, given, len(trials)).items()
        }
    counts = tuple(tuple(int(n) for n in row) for row in found.counts)
    told = Confusion(strategy=contender.name, labels=found.labels, counts=counts, per_label=per_label)
    return told.model_copy(update=_steps(told, len(trials))) if evidence.brief.ordered else told


def _steps(found: Confusion, trials: int) -> dict[str, Estimate]:
    """Of a scale: how many rows are one step off, and how many more; those that failed are farther off."""
    rows = sum(map(sum, found.counts))
    labels = range(len(found.labels))
    near = sum(found.counts[i][j] for i in labels for j in labels if abs(i - j) == 1)
    right = sum(found.counts[i][i] for i in labels)
    told = {"off_by_one": near, "farther_off": rows - near - right}
    return {name: _share(n, rows, trials) for name, n in told.items()} if rows else {}


def _share(count: int, rows: int, trials: int) -> Estimate:
    n = max(1, round(rows / trials))
    ends = wilson(min(round(count / trials), n), n)
    value = count / rows
    return Estimate(value=value, low=min(ends.low, value), high=max(ends.high, value), n=n)


def _figures(hits: int, wanted: int, given: int, trials: int) -> dict[str, Estimate]:
    """Recall, precision and F1 of one label; those that no row bears on are left out."""
    rows = [round(count / trials) for count in (hits, wanted, given)]
    ends = label_intervals(min(rows), rows[1], rows[2])
    told = {
        "recall": (hits, wanted, ends.recall, wanted),
        "precision": (hits, given, ends.precision, given),
        "f1": (2 * hits, wanted + given, ends.f1, wanted + given - hits),
    }
    return {
        name: Estimate(
            value=above / below,
            low=min(low, above / below),
            high=max(high, above / below),
            n=max(1, round(n / trials)),
        )
        for name, (above, below, (low, high), n) in told.items()
        if below
    }
