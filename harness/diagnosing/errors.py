"""What wrong answers have in common.

positive answered as neutral        23 of 100   0.230 (0.158 to 0.322)
text length: 97 to 140 characters   31 of 75    0.413, otherwise 0.222   p = 0.011
wrong by all 9 strategies (majority left out, always answering the same)   12 of 300

A failed row is no wrong answer and is left out. Over several seeds a row's usual answer counts, once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from harness.comparing.evidence import Contender, TaskEvidence
from harness.comparing.records import Estimate
from harness.diagnosing.columns import of_length, of_metadata
from harness.diagnosing.confusing import confusions
from harness.diagnosing.records import ErrorGroup
from harness.diagnosing.sureness import settled
from harness.diagnosing.usual import Usual, is_constant, usual
from harness.stats import holm, wilson

__all__ = ["confusions", "error_groups", "share"]

PAIRS = 3  # confused pairs of a strategy that are named
EXAMPLES = 5
FEWEST = 5  # rows of a group that is compared with the rest
SURE = 0.05


def error_groups(evidence: TaskEvidence) -> tuple[ErrorGroup, ...]:
    """Errors of each strategy by what they have in common, and the rows that every strategy gets wrong.

    The shortest and the longest quarter of the texts are always told; values of metadata only where a strategy
    errs more on them than on the rest: Fisher's exact test, two-sided, after Holm over all groups of that
    strategy. Strategies that answer the same whatever they are asked have no groups. Where rows are not right or
    wrong (`text`, `fields`) the lowest scores are told.
    """
    contenders = settled(evidence)
    if evidence.brief.kind not in ("label", "labels"):
        return tuple(group for each in contenders if (group := _lowest(evidence, each)) is not None)
    known = {each.name: usual(evidence, each) for each in contenders}
    telling = {name: rows for name, rows in known.items() if rows and not is_constant(rows)}
    groups = _groups(evidence)
    found: list[ErrorGroup] = []
    for name, rows in telling.items():
        found.extend(_confused(name, rows) if evidence.brief.kind == "label" else _missed(name, rows))
        found.extend(_compared(name, rows, groups))
    return (*found, *_by_all(telling, [name for name, rows in known.items() if rows and name not in telling]))


def share(n: int, of: int) -> Estimate:
    low, high = wilson(n, of)
    return Estimate(value=n / of, low=low, high=high, n=of)


def _group(strategy: str, what: str, rows: Sequence[str], of: int) -> ErrorGroup:
    return ErrorGroup(
        strategy=strategy,
        what=what,
        n=len(rows),
        of=of,
        share=share(len(rows), of),
        examples=tuple(rows[:EXAMPLES]),
    )


def _confused(strategy: str, rows: Mapping[str, Usual]) -> Iterator[ErrorGroup]:
    """The labels that are confused most often; of a target's rows."""
    of = Counter(each.targets for each in rows.values())
    pairs = Counter((each.targets, each.answers) for each in rows.values() if each.wrong)
    for (targets, answers), _ in pairs.most_common(PAIRS):
        wrong = [row for row, each in rows.items() if (each.targets, each.answers) == (targets, answers)]
        told = f"answered as {answers[0]}" if answers else "given no label"
        yield _group(strategy, f"{targets[0]} {told}", wrong, of[targets])


def _missed(strategy: str, rows: Mapping[str, Usual]) -> Iterator[ErrorGroup]:
    """The labels that are left out, or given where they are not due, most often."""
    found: list[tuple[str, list[str], int]] = []
    for label in sorted({label for each in rows.values() for label in (*each.targets, *each.answers)}):
        due = [row for row, each in rows.items() if label in each.targets]
        missed = [row for row in due if label not in rows[row].answers]
        extra = [row for row, each in rows.items() if label in each.answers and label not in each.targets]
        found += [(f"{label} missed", missed, len(due)), (f"{label} not due", extra, len(rows) - len(due))]
    found.sort(key=lambda each: -len(each[1]))
    for what, wrong, of in found[:PAIRS]:
        if wrong:
            yield _group(strategy, what, wrong, of)


def _groups(evidence: TaskEvidence) -> dict[str, tuple[tuple[str, ...], bool]]:
    """What to compare with the rest: ids, and whether it is told whatever the test says."""
    found: dict[str, tuple[tuple[str, ...], bool]] = {}
    for column, values in of_metadata(evidence).items():
        found |= {f"{column}={value}": (ids, False) for value, ids in values.items() if len(ids) >= FEWEST}
    ranges = list(of_length(evidence).items())
    for which, (value, ids) in zip(("shortest", "longest"), (*ranges[:1], *ranges[-1:]), strict=False):
        found[f"{which} texts, {value}"] = (ids, True)
    return found


def _compared(
    strategy: str, rows: Mapping[str, Usual], groups: Mapping[str, tuple[tuple[str, ...], bool]]
) -> Iterator[ErrorGroup]:
    from scipy.stats import fisher_exact

    total = sum(each.wrong for each in rows.values())
    tested = []
    for what, (ids, always) in groups.items():
        inside = [row for row in ids if row in rows]
        wrong = [row for row in inside if rows[row].wrong]
        rest = len(rows) - len(inside)
        if len(inside) < FEWEST or rest < FEWEST:
            continue
        others = total - len(wrong)
        table = [[len(wrong), len(inside) - len(wrong)], [others, rest - others]]
        p_value = min(1.0, float(fisher_exact(table).pvalue))
        tested.append((_group(strategy, what, wrong, len(inside)), share(others, rest), p_value, always))
    corrected = holm([p for _, _, p, _ in tested])
    for (group, otherwise, _, always), p_value in zip(tested, corrected, strict=True):
        more = group.share.value > otherwise.value and p_value <= SURE
        if group.n and (always or more):
            yield group.model_copy(update={"otherwise": otherwise, "p_value": p_value})


def _by_all(known: Mapping[str, Mapping[str, Usual]], left: Sequence[str]) -> Iterator[ErrorGroup]:
    """Rows that no strategy gets right, those first on which all give the same answer.

    Args:
        known: Strategy to its usual answers.
        left: Strategies that are no evidence, for they always answer the same.
    """
    if len(known) < 2:
        return
    common = [row for row in next(iter(known.values())) if all(row in rows for rows in known.values())]
    wrong = [row for row in common if all(rows[row].wrong for rows in known.values())]
    if not wrong:
        return
    agreed = {row for row in wrong if len({rows[row].answers for rows in known.values()}) == 1}
    wrong.sort(key=lambda row: row not in agreed)
    told = f"wrong by all {len(known)} strategies"
    if left:
        told += f" ({', '.join(left)} left out, always answering the same)"
    if agreed:
        told += f", {len(agreed)} of them with the same answer from all"
    yield _group("all", told, wrong, len(common))


def _lowest(evidence: TaskEvidence, contender: Contender) -> ErrorGroup | None:
    """Rows that score nothing at all; where there are none, the lowest."""
    import numpy as np

    scores = evidence.scores(contender)
    answered = np.asarray(~np.isnan(scores).all(axis=0))
    if not answered.any():
        return None
    ids = [row for row, known in zip(evidence.ids, answered.tolist(), strict=True) if known]
    means = np.nanmean(scores[:, answered], axis=0)
    order = np.argsort(means, kind="stable")
    nothing = int((means == 0).sum())
    n = nothing or min(EXAMPLES, len(ids))
    worst = [ids[i] for i in order[:n]]
    top = float(means[order[n - 1]])
    what = f"{evidence.metric} of 0" if nothing else f"lowest {evidence.metric}, at most {top:.3f}"
    return _group(contender.name, what, worst, len(ids))
