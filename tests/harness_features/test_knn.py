from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from harness import Brief, Example, Failed, Query
from harness.records import Kind, Prediction
from harness.testing import HashEmbedder, Tried, check_strategy, try_strategy
from harness_features.knn import NearestNeighbours

TRAIN = [
    ("a", "plane was late", "bad"),
    ("b", "plane was late today", "bad"),
    ("c", "plane was nice", "good"),
    ("d", "coffee nice", "good"),
    ("e", "coffee cold", "bad"),
]


def examples(rows: Sequence[tuple[str, ...]] = TRAIN) -> list[Example]:
    return [Example(query=Query(id=row[0], text=row[1]), targets=tuple(row[2:])) for row in rows]


def tried(
    strategy: NearestNeighbours,
    queries: list[Query],
    folder: Path,
    *,
    train: Sequence[Example] | None = None,
    validation: Sequence[Example] = (),
    kind: Kind = "label",
) -> Tried:
    return try_strategy(
        strategy,
        brief=Brief(name="t", instructions="Good or bad?", kind=kind, labels={"good": "", "bad": "", "odd": ""}),
        train=examples() if train is None else train,
        validation=validation,
        queries=queries,
        models={"e": HashEmbedder(width=512)},
        folder=folder,
    )


def knn(**params: object) -> NearestNeighbours:
    return NearestNeighbours.model_validate({"embedder": "e", **params})


def prediction(seen: Tried, row: str = "q") -> Prediction:
    outcome = seen.outcomes[row]
    assert isinstance(outcome, Prediction)
    return outcome


def voters(seen: Tried, row: str = "q") -> list[str]:
    return [each.rpartition(":")[0] for each in prediction(seen, row).notes["neighbours"].split()]


def test_it_keeps_the_contract(tmp_path: Path) -> None:
    check_strategy(knn(k=[1, 3]), folder=tmp_path, models={"e": HashEmbedder()})


def test_probabilities_are_shares_of_the_vote_and_the_voters_are_on_record(tmp_path: Path) -> None:
    seen = tried(knn(k=3), [Query(id="q", text="plane late")], tmp_path)
    # cosines: 2 of sqrt(2 * 3) words, 2 of sqrt(2 * 4), 1 of sqrt(2 * 3)
    assert "a:0.82 b:0.71 c:0.41" == prediction(seen).notes["neighbours"]
    assert ("bad",) == prediction(seen).answers
    assert {"good": 1 / 3, "bad": 2 / 3, "odd": 0.0} == pytest.approx(dict(prediction(seen).probabilities or {}))


def test_a_query_never_votes_for_itself(tmp_path: Path) -> None:
    by_id = Query(id="a", text="plane was late indeed")
    by_text = Query(id="q", text=" Plane WAS\u00a0late  TODAY ")
    seen = tried(knn(k=2), [by_id, by_text], tmp_path)
    assert (["b", "c"], ["a", "c"]) == (voters(seen, "a"), voters(seen, "q"))


def test_equal_votes_are_decided_by_similarity(tmp_path: Path) -> None:
    seen = tried(knn(k=2), [Query(id="q", text="nice coffee machine cold cold")], tmp_path)
    assert (["e", "d"], ("bad",)) == (voters(seen), prediction(seen).answers)
    assert {"good": 0.5, "bad": 0.5, "odd": 0.0} == prediction(seen).probabilities


def test_a_vote_may_weigh_by_the_inverse_of_the_distance(tmp_path: Path) -> None:
    query = Query(id="q", text="plane was nice really")
    uniform = tried(knn(k=3), [query], tmp_path / "uniform")
    distance = tried(knn(k=3, weights="distance"), [query], tmp_path / "distance")
    assert ["c", "a", "b"] == voters(uniform) == voters(distance)
    assert (("bad",), ("good",)) == (prediction(uniform).answers, prediction(distance).answers)
    # cosines 3/sqrt(4*3), 2/sqrt(4*3), 2/sqrt(4*4): weights 1/0.134, 1/0.423, 1/0.5
    weights = [1 / (1 - 3 / 12**0.5), 1 / (1 - 2 / 12**0.5), 2.0]
    share = (prediction(distance).probabilities or {})["good"]
    assert weights[0] / sum(weights) == pytest.approx(share, rel=1e-3)


def test_a_neighbour_at_no_distance_does_not_break_the_vote(tmp_path: Path) -> None:
    seen = tried(knn(k=2, weights="distance"), [Query(id="q", text="late was plane")], tmp_path)
    assert 0.999 < (prediction(seen).probabilities or {})["bad"] <= 1.0


def test_more_neighbours_than_rows_lets_all_rows_vote(tmp_path: Path) -> None:
    assert 5 == len(voters(tried(knn(k=50), [Query(id="q", text="tea")], tmp_path)))


def test_k_is_chosen_on_validation_and_of_equals_the_smallest(tmp_path: Path) -> None:
    # Its nearest row is an odd one out, the two next are not: k=1 is wrong, 3 and 5 are right.
    train = examples([*TRAIN, ("x", "plane was late late", "odd")])
    validation = examples([("v", "plane was late late late", "bad")])
    seen = tried(
        knn(k=[5, 3, 1]), [Query(id="q", text="plane late")], tmp_path, train=train, validation=validation
    )
    step = cast(dict[str, object], seen.steps["k"])
    assert ({"1": 0.0, "3": 1.0, "5": 1.0}, 3, "validation") == (step["scores"], step["k"], step["chosen_on"])
    assert 3 == len(voters(seen))


def test_without_validation_k_is_chosen_on_train_with_each_row_left_out(tmp_path: Path) -> None:
    seen = tried(knn(k=[1, 2]), [Query(id="q", text="plane late")], tmp_path)
    step = cast(dict[str, object], seen.steps["k"])
    scores = cast(dict[str, float], step["scores"])
    assert "train" == step["chosen_on"]
    assert scores["1"] < 1.0  # a row that voted for itself would always be right


def test_of_several_labels_those_with_half_of_the_vote_are_answered(tmp_path: Path) -> None:
    train = examples(
        [("a", "x y", "good", "bad"), ("b", "x z", "good"), ("c", "x w"), ("d", "x v", "good", "bad")]
    )
    seen = tried(knn(k=4), [Query(id="q", text="x")], tmp_path, train=train, kind="labels")
    assert ("good", "bad") == prediction(seen).answers
    assert {"good": 0.75, "bad": 0.5, "odd": 0.0} == prediction(seen).probabilities


def test_several_labels_may_come_to_none(tmp_path: Path) -> None:
    seen = tried(
        knn(k=2), [Query(id="q", text="x")], tmp_path, train=examples([("a", "x y"), ("b", "x z")]), kind="labels"
    )
    assert () == prediction(seen).answers


def test_with_no_row_but_its_own_a_query_fails_alone(tmp_path: Path) -> None:
    seen = tried(
        knn(k=2), [Query(id="a", text="anything"), Query(id="q", text="plane")], tmp_path, train=examples()[:1]
    )
    failed = seen.outcomes["a"]
    assert isinstance(failed, Failed)
    assert "no-neighbours" == failed.kind
    assert ("bad",) == prediction(seen).answers


def test_a_label_without_training_rows_is_said(tmp_path: Path) -> None:
    seen = tried(knn(k=1), [Query(id="q", text="")], tmp_path)
    assert ("knn never answers 'odd': no training row has it",) == seen.warnings
    assert isinstance(seen.outcomes["q"], Prediction)
