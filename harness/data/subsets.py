"""Fewer rows of the same data: for a trial run, and for learning curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from harness.data.fingerprint import fingerprint
from harness.data.labels import label_counts
from harness.data.spread import hash_place, spread, strata
from harness.data.taskdata import SPLITS, SplitCounts, TaskData
from harness.errors import DataError
from harness.records import Example, Kind


class Labelled(NamedTuple):
    """What a strategy is prepared with."""

    train: tuple[Example, ...]
    validation: tuple[Example, ...]


def limit(data: TaskData, n: int) -> TaskData:
    """At most `n` rows of each split, stratified, the same at every call; a larger `n` keeps a smaller one's.

    The brief stays as it is. No label loses its last row while `n` has room for all.

    Raises:
        DataError: `n` is below 1, or leaves one label only to learn from.
    """
    if n < 1:
        raise DataError(f"a limit of {n} rows leaves none; give at least 1")
    rows = {name: _first(getattr(data, name), n, data.brief.kind) for name in SPLITS}
    labels = {label for e in rows["train"] for label in e.targets}
    if data.brief.kind == "label" and len(labels) < 2:
        raise DataError(
            f"a limit of {n} leaves only the label {min(labels)!r} in train; "
            f"give at least {len(data.brief.labels)}"
        )
    counts = {
        name: SplitCounts(rows=len(of), labels=label_counts([e.targets for e in of], data.brief.kind))
        for name, of in rows.items()
    }
    return replace(
        data,
        train=rows["train"],
        validation=rows["validation"],
        test=rows["test"],
        fingerprint=fingerprint(rows["train"], rows["validation"], rows["test"]),
        report=data.report.model_copy(update={"splits": counts}),
    )


def subset(
    train: Sequence[Example], validation: Sequence[Example], n: int, seed: int, kind: Kind = "label"
) -> Labelled:
    """`n` labelled rows, train and validation together and in their proportion, stratified.

    For one seed a larger subset holds every smaller one; another seed draws others.

    Raises:
        DataError: There are fewer than `n` rows, or `n` is below 2: one for each split.
    """
    there = len(train) + len(validation)
    if not 2 <= n <= there:
        raise DataError(
            f"a training size of {n} is not possible: there are {there} rows, and 2 are needed at least"
        )
    share = math.floor(n * len(validation) / there + 0.5)
    for_validation = min(max(share, 1), n - 1)
    return Labelled(_drawn(train, n - for_validation, seed, kind), _drawn(validation, for_validation, seed, kind))


def _drawn(examples: Sequence[Example], n: int, seed: int, kind: Kind) -> tuple[Example, ...]:
    places = [hash_place(seed, f"subset\0{e.query.id}") for e in examples]
    order = spread(strata([e.targets for e in examples], kind), places)
    return tuple(examples[index] for index in order[:n])


def _first(examples: Sequence[Example], n: int, kind: Kind) -> tuple[Example, ...]:
    """The first `n`, less those that must make room for the first of a label which has none among them."""
    firsts: dict[str, int] = {}
    for index, stratum in enumerate(strata([e.targets for e in examples], kind)):
        firsts.setdefault(stratum, index)
    if len(firsts) > n:
        return tuple(examples[:n])
    must = set(firsts.values())
    others = [index for index in range(len(examples)) if index not in must]
    chosen = sorted([*must, *others[: n - len(must)]])
    return tuple(examples[index] for index in chosen)
