"""Whether groups are given the labels alike: demographic parity and equalized odds, by fairlearn.

"; positive is given to 0.31 to 0.62 of a group's rows (demographic parity difference 0.31, equalized odds
difference 0.28)"

Both are differences between the highest and the lowest group: of the share that is given a label (Dwork et al.,
2012, "Fairness through awareness"), and of its true or its false positive rate, whichever differs more (Hardt,
Price and Srebro, 2016, "Equality of opportunity in supervised learning"). They say nothing of chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec

from harness.comparing.evidence import Contender, TaskEvidence
from harness.diagnosing.usual import usual


def parity(evidence: TaskEvidence, contender: Contender, groups: Mapping[str, Sequence[str]]) -> str:
    """Words for the label that is given most unequally; nothing without fairlearn.

    Args:
        evidence: The task, of kind label.
        contender: Whose usual answers.
        groups: Ids of rows by group.
    """
    if find_spec("fairlearn") is None:
        return ""
    import numpy as np
    from fairlearn.metrics import (
        MetricFrame,
        demographic_parity_difference,
        equalized_odds_difference,
        selection_rate,
    )

    known = usual(evidence, contender)
    rows = [(known[row], group) for group, ids in groups.items() for row in ids if row in known]
    wanted = np.array([each.targets[0] for each, _ in rows])
    given = np.array([each.answers[0] if each.answers else "" for each, _ in rows])
    place = np.array([group for _, group in rows])
    labels = [label for label in sorted(set(given.tolist())) if label]
    if len(labels) < 2:
        return ""
    label = max(labels, key=lambda each: np.ptp([(given[place == group] == each).mean() for group in groups]))
    true, said = (wanted == label).astype(int), (given == label).astype(int)
    frame = MetricFrame(metrics=selection_rate, y_true=true, y_pred=said, sensitive_features=place)
    between = demographic_parity_difference(true, said, sensitive_features=place)
    # Rates of groups that lack the label, or have nothing else, cannot be had.
    whole = all(len(set(true[place == group])) == 2 for group in groups)
    odds = equalized_odds_difference(true, said, sensitive_features=place) if whole else None
    more = "" if odds is None else f", equalized odds difference {odds:.2f}"
    return (
        f"; {label} is given to {frame.by_group.min():.2f} to {frame.by_group.max():.2f} of a group's rows "
        f"(demographic parity difference {between:.2f}{more})"
    )
