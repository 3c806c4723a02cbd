"""Rows in the order in which a person should look at their labels: suspects, then where the models are least sure.

row   why                                              suggested   view
r17   its label looks wrong (confident learning)       negative    positive 0.02
v4    the models are unsure                            neutral     neutral 0.41, positive 0.39
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from harness.comparing.evidence import TaskEvidence
from harness.diagnosing.outoffold import out_of_fold
from harness.diagnosing.suspects import ROWS, suspects
from harness.records import Prediction

_SHOWN = 3


class Doubt(NamedTuple):
    """Why a row should be looked at.

    Attributes:
        query_id: The row.
        why: In words.
        suggested: The label that the models would give it.
        view: Their probabilities, the likeliest first, in words.
    """

    query_id: str
    why: str
    suggested: str
    view: str


def doubts(evidence: TaskEvidence, say: Callable[[str], None] = lambda note: None) -> list[Doubt]:
    """All rows of which a model tells probabilities: suspects first, then the most uncertain.

    Test rows are told by the strategies, as are validation rows where those were asked; other rows by tf-idf and
    logistic regression, out of fold.
    """
    seen: dict[str, Mapping[str, float]] = {}
    if evidence.brief.kind == "label":
        labelled = (*evidence.train, *evidence.validation)[:ROWS]
        folds = out_of_fold(labelled)
        if folds is not None:
            for example, row in zip(folds.examples, folds.table.tolist(), strict=True):
                seen[example.query.id] = dict(zip(folds.labels, row, strict=True))
    seen |= _told(evidence)
    found = []
    for suspect in suspects(evidence, say):
        view = _view(seen.get(suspect.query_id, {}), suspect.given)
        why = f"its label looks wrong: {suspect.how}"
        found.append(Doubt(suspect.query_id, why, suspect.suggested, view))
    named = {each.query_id for each in found}
    unsure = sorted((max(of.values()), query_id) for query_id, of in seen.items() if of and query_id not in named)
    for _, query_id in unsure:
        likeliest = max(seen[query_id], key=lambda label: (seen[query_id][label], label))
        found.append(Doubt(query_id, "the models are unsure", likeliest, _view(seen[query_id])))
    return found


def _told(evidence: TaskEvidence) -> dict[str, Mapping[str, float]]:
    """Mean probabilities by row, over the strategies that tell them."""
    sums: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for contender in evidence.contenders:
        for trial in contender.trials:
            told = {query_id: answer.probabilities for query_id, answer in trial.answers.items()}
            for outcome in trial.folder.validation():
                if isinstance(outcome.result, Prediction):
                    told[outcome.query_id] = outcome.result.probabilities
            for query_id, probabilities in told.items():
                for label, value in (probabilities or {}).items():
                    sums[query_id][label] += value
    totals = {query_id: sum(of.values()) for query_id, of in sums.items()}
    return {q: {label: v / totals[q] for label, v in of.items()} for q, of in sums.items() if totals[q]}


def _view(probabilities: Mapping[str, float], given: str | None = None) -> str:
    ranked = sorted(probabilities, key=lambda label: (-probabilities[label], label))[:_SHOWN]
    if given is not None and given in probabilities and given not in ranked:
        ranked.append(given)
    return ", ".join(f"{label} {probabilities[label]:.2f}" for label in ranked)
