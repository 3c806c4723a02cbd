"""Labels that may be wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from harness.comparing.evidence import TaskEvidence
from harness.diagnosing.outoffold import out_of_fold
from harness.diagnosing.suspects import suspects
from harness.records import Example, Query

Make = Callable[..., Any]
WORDS = {"a": ("great", "lovely", "fine", "happy"), "b": ("awful", "late", "rude", "lost")}


def reviews(n: int, wrong: tuple[int, ...] = ()) -> tuple[Example, ...]:
    found = []
    for i in range(n):
        label = "ab"[i % 2]
        text = f"{WORDS[label][i // 2 % 4]} {WORDS[label][i // 3 % 4]} trip {i}"
        given = "ba"[i % 2] if i in wrong else label
        found.append(Example(query=Query(id=f"r{i}", text=text), targets=(given,)))
    return tuple(found)


def with_train(evidence: TaskEvidence, rows: tuple[Example, ...]) -> TaskEvidence:
    return dataclasses.replace(evidence, train=rows[: len(rows) // 2], validation=rows[len(rows) // 2 :])


def test_swapped_labels_of_labelled_rows_are_found(make_evidence: Make) -> None:
    evidence = with_train(
        make_evidence(["a", "b"]).trial("s", ["a", "b"]).build(), reviews(120, wrong=(10, 33, 90))
    )
    found = suspects(evidence)
    assert {"r10", "r33", "r90"} == {each.query_id for each in found}
    assert ("validation", "b", "a") == next((e.split, e.given, e.suggested) for e in found if e.query_id == "r90")
    assert "out of fold (accuracy 0.97, n = 120)" in found[0].how


def test_swapped_labels_of_test_rows_are_found_from_probabilities(make_evidence: Make) -> None:
    targets = ["a", "b"] * 30
    sure = np.array([[0.95, 0.05] if t == "a" else [0.05, 0.95] for t in targets])
    targets[4] = "b"
    answers = ["ab"[int(row.argmax())] for row in sure]
    (found,) = suspects(make_evidence(targets).trial("s", answers, probabilities=sure).build())
    assert ("t4", "test", "b", "a", "s") == (found.query_id, found.split, found.given, found.suggested, found.how)


def test_who_is_no_better_than_the_commonest_label_is_not_asked(make_evidence: Make) -> None:
    targets = ["a", "b"] * 30
    table = np.tile([[0.9, 0.1]], (60, 1))
    notes: list[str] = []
    assert () == suspects(make_evidence(targets).trial("s", ["a"] * 60, probabilities=table).build(), notes.append)
    assert notes[0].startswith("labels of the test rows are not looked through")


def test_who_answered_none_of_the_rows_compared_is_not_asked(make_evidence: Make) -> None:
    targets = ["a", "b"] * 30
    table = np.array([[0.9, 0.1] if t == "a" else [0.1, 0.9] for t in targets])
    answers = [*[None] * 20, *targets[20:]]
    evidence = make_evidence(targets).trial("s", answers, probabilities=table).build()
    notes: list[str] = []
    assert () == suspects(dataclasses.replace(evidence, test=evidence.test[:20]), notes.append)
    assert notes[0].startswith("labels of the test rows are not looked through")


def test_texts_that_say_nothing_of_the_label_accuse_nobody(make_evidence: Make) -> None:
    rows = tuple(Example(query=Query(id=f"r{i}", text=f"word {i}"), targets=("ab"[i % 2],)) for i in range(60))
    notes: list[str] = []
    assert () == suspects(with_train(make_evidence(["a", "b"]).trial("s", ["a", "b"]).build(), rows), notes.append)
    assert "always giving the commonest label gets 0.50" in notes[-1]


def test_a_copy_does_not_vouch_for_its_twin() -> None:
    rows = [*reviews(40), *(r.model_copy(update={"query": r.query.model_copy(update={"id": r.query.id + "x"})})
                            for r in reviews(40))]  # fmt: skip
    found = out_of_fold(rows)
    assert found is not None
    assert np.allclose(found.table[:40], found.table[40:])


def test_few_rows_have_no_folds() -> None:
    assert None is out_of_fold(reviews(8))


def test_it_is_only_for_one_label(make_evidence: Make) -> None:
    notes: list[str] = []
    evidence = make_evidence([("a",), ("b",)], kind="labels").trial("s", [("a",), ("a",)]).build()
    assert ((), []) == (suspects(evidence, notes.append), notes)
