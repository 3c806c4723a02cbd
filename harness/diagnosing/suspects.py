"""Rows whose label may be wrong, by confident learning: a list to look at, not a verdict.

row   split   given      suggested   probability of the label given
r17   train   positive   negative    0.02     tf-idf and logistic regression, out of fold
t4    test    negative   positive    0.05     mean of 6 strategies

A model that never learnt from a row, is sure of another label, and surer than it usually is of that one: that is
evidence against the label, or a row that is merely hard. Nothing that is learnt here reaches a strategy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Literal

from harness.comparing.evidence import Contender, TaskEvidence
from harness.comparing.figures import scored
from harness.diagnosing.outoffold import Probabilities, out_of_fold
from harness.diagnosing.records import Suspect
from harness.diagnosing.sureness import settled
from harness.diagnosing.usual import usual
from harness.numbers import plural
from harness.stats import wilson

Say = Callable[[str], None]
MOST = 50
ROWS = 5000  # labelled rows that are looked through; more would take minutes


def suspects(evidence: TaskEvidence, say: Say = lambda note: None) -> tuple[Suspect, ...]:
    """The 50 rows whose label is least likely, the surest first; only of tasks of kind label.

    Source: Northcutt, Jiang and Chuang, 2021, "Confident learning: estimating uncertainty in dataset labels", by
    cleanlab: of each pair of labels as many rows as the confident joint counts, those with the largest margin
    first ("prune by noise rate"), ordered by the probability of the given label.

    Args:
        evidence: The task.
        say: Takes notes: what it rests on, and why there is none.
    """
    if evidence.brief.kind != "label":
        return ()
    if find_spec("cleanlab") is None:
        say("label-noise suspects need the package cleanlab: pip install cleanlab")
        return ()
    found = [*_of_test(evidence, say), *_of_labelled(evidence, say)]
    found.sort(key=lambda each: each.probability)
    if found:
        say(
            f"{plural(len(found), 'label')} may be wrong by confident learning"
            " (Northcutt et al., 2021)"
            + (f", of which the {MOST} surest are listed" if len(found) > MOST else "")
            + ": a list to look at, not a verdict, and hard rows are in it too"
        )
    return tuple(found[:MOST])


def _of_test(evidence: TaskEvidence, say: Say) -> list[Suspect]:
    telling = [each for each in settled(evidence) if _tells(evidence, each)]
    given = _mean(evidence, telling)
    if given is None:
        say("labels of the test rows are not looked through: no strategy that is better than always giving the "
            "commonest label tells probabilities")  # fmt: skip
        return []
    names = ", ".join(each.name for each in telling)
    how = f"mean of {len(telling)} strategies, which never saw test rows" if len(telling) > 1 else names
    return _issues(given, dict.fromkeys((e.query.id for e in given.examples), "test"), how)


def _of_labelled(evidence: TaskEvidence, say: Say) -> list[Suspect]:
    if evidence.forgotten:
        say("labels of train and validation are not looked through: their texts were forgotten")
        return []
    split: dict[str, Literal["train", "validation", "test"]] = {}
    split |= dict.fromkeys((e.query.id for e in evidence.train), "train")
    split |= dict.fromkeys((e.query.id for e in evidence.validation), "validation")
    rows = (*evidence.train, *evidence.validation)
    if len(rows) > ROWS:
        say(f"labels of the first {ROWS:,} of {len(rows):,} labelled rows are looked through")
    found = out_of_fold(rows[:ROWS])
    if found is None:
        say("labels of train and validation are not looked through: they have too few rows of two labels")
        return []
    most = max((found.given == i).mean() for i in range(len(found.labels)))
    low, _ = wilson(round(found.accuracy * len(found.examples)), len(found.examples))
    if low <= most:
        say(
            "labels of train and validation are not looked through: tf-idf and logistic regression, out of fold, "
            f"get {found.accuracy:.2f} of {len(found.examples)} right where always giving the commonest label "
            f"gets {most:.2f}"
        )
        return []
    how = f"tf-idf and logistic regression, out of fold (accuracy {found.accuracy:.2f}, n = {len(found.examples)})"
    return _issues(found, split, how)


def _tells(evidence: TaskEvidence, contender: Contender) -> bool:
    """Whether it tells probabilities and is better than always giving the commonest label, beyond chance."""
    from collections import Counter

    if not any(answer.probabilities for trial in scored(contender) for answer in trial.answers.values()):
        return False
    rows = usual(evidence, contender)
    if not rows:  # of several runs it may have answered none of the rows that all were asked
        return False
    (_, most), *_ = Counter(each.targets for each in rows.values()).most_common()
    low, _ = wilson(sum(not each.wrong for each in rows.values()), len(rows))
    return low > most / len(rows)


def _mean(evidence: TaskEvidence, telling: list[Contender]) -> Probabilities | None:
    """Mean probabilities of the test rows that every one of them tells; a strategy's seeds count as one."""
    import numpy as np

    labels = tuple(sorted({e.targets[0] for e in evidence.test}))
    place = {label: i for i, label in enumerate(labels)}
    if not telling or len(labels) < 2:
        return None
    total = np.zeros((len(evidence.test), len(labels)))
    for contender in telling:
        each = np.zeros_like(total)
        trials = scored(contender)
        for trial in trials:
            for row, query_id in enumerate(evidence.ids):
                answer = trial.answers.get(query_id)
                known = answer.probabilities if answer is not None and answer.probabilities else {}
                for label, value in known.items():
                    if label in place:
                        each[row, place[label]] += value
        sums = each.sum(axis=1, keepdims=True)
        total += np.divide(each, sums, out=np.full_like(each, np.nan), where=sums > 0)
    whole = np.asarray(~np.isnan(total).any(axis=1))
    if not whole.any():
        return None
    rows = tuple(e for e, known in zip(evidence.test, whole.tolist(), strict=True) if known)
    return Probabilities(rows, labels, total[whole] / len(telling))


def _issues(
    found: Probabilities, split: Mapping[str, Literal["train", "validation", "test"]], how: str
) -> list[Suspect]:
    from cleanlab.filter import find_label_issues

    given, columns = found.given, found.table.shape[1]
    if len(set(given.tolist())) < columns:
        return []
    order = find_label_issues(
        given, found.table, filter_by="prune_by_noise_rate", return_indices_ranked_by="self_confidence", n_jobs=1
    )
    made = []
    for row in order.tolist():
        best = int(found.table[row].argmax())
        if best != given[row]:
            query_id = found.examples[row].query.id
            made.append(
                Suspect(
                    query_id=query_id,
                    split=split[query_id],
                    given=found.labels[given[row]],
                    suggested=found.labels[best],
                    probability=float(found.table[row, given[row]]),
                    how=how,
                )
            )
    return made
