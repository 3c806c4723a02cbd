"""Which training rows become demonstrations. Pure: what is drawn comes from the generator that is given.

    random     any rows
    balanced   the label shown least so far gets the next row, so that counts differ by one at most
    diverse    k-means on the rows' embeddings: the row nearest to each centre

A draw of 8 begins with the draw of 2, so that two numbers of shots differ in what is added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

from harness import Example
from harness.turns import key_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NO_LABEL = ""  # stands for the rows to which no label applies, in a task of kind `labels`


def distinct(examples: Sequence[Example]) -> list[Example]:
    """One row for each text, the first: a text shown twice teaches nothing, with two labels it misleads."""
    seen: dict[str, Example] = {}
    for example in examples:
        seen.setdefault(key_of(example.query), example)
    return list(seen.values())


def labels_of(example: Example) -> tuple[str, ...]:
    return example.targets or (NO_LABEL,)


def shuffled(examples: Sequence[Example], rng: Random) -> list[Example]:
    return rng.sample(list(examples), len(examples))


def balanced(examples: Sequence[Example], shots: int, rng: Random) -> list[Example]:
    """At most `shots` rows, each label as often as every other one as far as the rows allow."""
    waiting = shuffled(examples, rng)
    turns = shuffled_labels(examples, rng)
    shown: list[Example] = []
    counts: Counter[str] = Counter()
    while waiting and len(shown) < shots:
        have = {label for example in waiting for label in labels_of(example)}
        least = min((label for label in turns if label in have), key=lambda label: counts[label])
        chosen = next(example for example in waiting if least in labels_of(example))
        waiting.remove(chosen)
        shown.append(chosen)
        counts.update(labels_of(chosen))
    return shown


def per_label(examples: Sequence[Example], shots: int, rng: Random) -> list[Example]:
    """Rows until each label has `shots` of them, or no more; a row with two labels counts for both."""
    waiting = shuffled(examples, rng)
    shown: list[Example] = []
    counts: Counter[str] = Counter()
    for label in shuffled_labels(examples, rng):
        for example in waiting:
            if counts[label] < shots and label in labels_of(example) and example not in shown:
                shown.append(example)
                counts.update(labels_of(example))
    return shown


def diverse(vectors: NDArray[np.float32], shots: int, rng: Random) -> list[int]:
    """Indices of the rows nearest to the centres of `shots` clusters, the largest cluster first.

    Args:
        vectors: Embeddings of unit length, (rows, width).
        shots: How many.
        rng: Starts k-means.
    """
    import numpy as np
    from sklearn.cluster import KMeans

    apart = len(np.unique(vectors, axis=0))  # k-means warns where there are fewer places than centres
    clusters = min(shots, apart)
    if clusters == 0:
        return []
    means = KMeans(clusters, n_init=4, random_state=rng.getrandbits(32)).fit(vectors)
    sizes = np.bincount(means.labels_, minlength=clusters)
    chosen: list[int] = []
    for cluster in np.argsort(-sizes, kind="stable"):
        members = np.flatnonzero(means.labels_ == cluster)
        distances = np.linalg.norm(vectors[members] - means.cluster_centers_[cluster], axis=1)
        chosen.append(int(members[np.argmin(distances)]))
    return chosen


def interleaved(examples: Sequence[Example]) -> list[Example]:
    """The same rows with labels taking turns, in the order in which they first come."""
    groups: dict[tuple[str, ...], list[Example]] = {}
    for example in examples:
        groups.setdefault(labels_of(example), []).append(example)
    turns = [(number, order, e) for order, group in enumerate(groups.values()) for number, e in enumerate(group)]
    return [example for _, _, example in sorted(turns, key=lambda turn: turn[:2])]


def shuffled_labels(examples: Sequence[Example], rng: Random) -> list[str]:
    labels = sorted({label for example in examples for label in labels_of(example)})
    return rng.sample(labels, len(labels))
