from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import pytest

from harness.answers import normalised
from harness.data.items import Item
from harness.data.splits import draw, in_order
from harness.data.spread import spread
from harness.data.taskdata import SplitName
from harness.errors import DataError, SuiteError
from harness.suite import Splits


def _item(text: str, target: str) -> Item:
    return Item(id=text, text=text, targets=(target,), metadata={}, normal=normalised(text), place="")


def _items(count: int, labels: str = "aab", start: int = 0) -> list[Item]:
    """Texts by number, with labels in turn."""
    return [_item(f"text {i}", labels[i % len(labels)]) for i in range(start, start + count)]


def _split_of(items: Sequence[Item], splits: Splits) -> dict[str, SplitName]:
    return {item.id: name for name, of in draw(items, splits, "label").items() for item in of}


def _labels(items: Sequence[Item]) -> Counter[str]:
    return Counter(item.targets[0] for item in items)


COUNTS = Splits(train=60, validation=30, test=30)
FRACTIONS = Splits(train=None, validation=0.2, test=0.3)


@pytest.mark.parametrize("splits", [COUNTS, FRACTIONS, Splits(train=None, validation=0.2, test=50)])
def test_a_row_keeps_its_split_when_the_file_is_reordered(splits: Splits) -> None:
    items = _items(200)
    shuffled = random.Random(1).sample(items, len(items))
    assert _split_of(items, splits) == _split_of(shuffled, splits)


def test_with_fractions_every_row_keeps_its_split_when_the_file_grows() -> None:
    before = _split_of(_items(300), FRACTIONS)
    after = _split_of(_items(600), FRACTIONS)
    assert before == {each: name for each, name in after.items() if each in before}
    assert len(after) == 600


def test_with_counts_a_new_row_moves_at_most_a_few_others() -> None:
    splits = Splits(train=None, validation=40, test=40)
    before = _split_of(_items(300), splits)
    after = _split_of(_items(301), splits)
    assert sum(after[each] != name for each, name in before.items()) <= 4


def test_counts_are_met_and_stratified() -> None:
    drawn = draw(_items(300), COUNTS, "label")
    assert {"test": 30, "validation": 30, "train": 60} == {name: len(of) for name, of in drawn.items()}
    for of in drawn.values():
        assert _labels(of)["a"] == pytest.approx(len(of) * 2 / 3, abs=1)


def test_fractions_come_near_their_share_of_all_rows() -> None:
    sizes = {name: len(of) for name, of in draw(_items(3000), FRACTIONS, "label").items()}
    assert sizes["test"] == pytest.approx(900, abs=75)
    assert sizes["validation"] == pytest.approx(600, abs=75)
    assert sum(sizes.values()) == 3000


def test_a_fraction_is_of_all_rows_beside_a_count() -> None:
    sizes = {n: len(of) for n, of in draw(_items(3000), Splits(validation=0.2, test=1000), "label").items()}
    assert sizes["test"] == 1000
    assert sizes["validation"] == pytest.approx(600, abs=75)


def test_no_row_is_in_two_splits() -> None:
    ids = [item.id for of in draw(_items(120), COUNTS, "label").values() for item in of]
    assert len(ids) == len(set(ids)) == 120


def test_train_takes_all_that_is_left() -> None:
    drawn = draw(_items(100), Splits(validation=10, test=10), "label")
    assert len(drawn["train"]) == 80


@pytest.mark.parametrize("train", [10, 60, 0.5])
@pytest.mark.parametrize("others", [30, 0.2])
def test_the_size_of_train_leaves_the_others_alone(train: float, others: float) -> None:
    whole = draw(_items(200), Splits(train=None, validation=others, test=others), "label")
    small = draw(_items(200), Splits(train=train, validation=others, test=others), "label")
    assert whole["test"] == small["test"]
    assert whole["validation"] == small["validation"]
    assert len(small["train"]) == pytest.approx(
        train if train > 1 else 100, abs=0 if train > 1 or others > 1 else 15
    )


def test_a_larger_train_holds_a_smaller_one() -> None:
    small = draw(_items(200), Splits(train=20, validation=30, test=30), "label")
    large = draw(_items(200), Splits(train=50, validation=30, test=30), "label")
    assert {i.id for i in small["train"]} < {i.id for i in large["train"]}


def test_another_seed_draws_other_rows() -> None:
    again = COUNTS.model_copy(update={"seed": 1})
    assert _split_of(_items(300), COUNTS) != _split_of(_items(300), again)


def test_a_label_of_one_row_goes_to_train_under_small_shares() -> None:
    items = [*_items(200, "ab"), _item("rare", "c")]
    assert _split_of(items, Splits(validation=40, test=40))["rare"] == "train"


@pytest.mark.parametrize("splits", [COUNTS, FRACTIONS])
def test_copies_of_a_text_go_to_the_same_split(splits: Splits) -> None:
    items = [
        Item(f"{i}-{c}", text, ("ab"[i % 2],), {}, normalised(text), "")
        for i in range(60)
        for c, text in enumerate((f"Text {i}", f"TEXT  {i}", f"text {i} "))
    ]
    for of in draw(items, splits, "label").values():
        assert {3} == set(Counter(item.normal for item in of).values())


def test_a_count_that_copies_do_not_fit_is_filled_with_other_rows() -> None:
    items = [_item(f"TEXT{' ' * c} x", "a")._replace(id=f"copy {c}") for c in range(1, 40)] + _items(40)
    assert len(draw(items, Splits(train=None, validation=5, test=11), "label")["test"]) == 11


@pytest.mark.parametrize(("test", "expected"), [(40, [20, 20]), (41, [21, 20])])
def test_balance_takes_as_many_of_each_label(test: int, expected: list[int]) -> None:
    drawn = draw(_items(300, "aaaab"), Splits(train=20, validation=20, test=test, balance=True), "label")
    assert expected == [_labels(drawn["test"])["a"], _labels(drawn["test"])["b"]]
    assert {"a": 10, "b": 10} == _labels(drawn["train"])


def test_balance_trims_fractions_and_the_rest_to_the_rarest_label() -> None:
    drawn = draw(_items(600, "aaaab"), Splits(validation=0.2, test=0.2, balance=True), "label")
    for of in drawn.values():
        assert _labels(of)["a"] == _labels(of)["b"] > 0


def test_balance_is_exact_though_a_text_has_two_labels() -> None:
    both = [_item("both", "a"), _item("both", "b")._replace(id="both-2")]
    drawn = draw([*_items(40, "ab"), *both], Splits(train=10, validation=10, test=10, balance=True), "label")
    assert [{"a": 5, "b": 5}] * 3 == [_labels(of) for of in drawn.values()]


def test_balance_that_a_label_cannot_meet_is_refused_with_its_name() -> None:
    with pytest.raises(DataError, match=r"test, balanced, asks for 40 rows of 'b' and 20 are left") as caught:
        draw(_items(100, "aaaab"), Splits(validation=2, test=80, balance=True), "label")
    assert caught.value.where == "splits.test"


def test_balance_of_a_task_without_labels_is_refused() -> None:
    with pytest.raises(SuiteError, match="balance needs one label") as caught:
        draw(_items(100), Splits(balance=True), "text")
    assert caught.value.where == "splits.balance"


def test_more_rows_than_there_are_is_refused_with_what_is_left() -> None:
    with pytest.raises(DataError, match="validation asks for 80 rows and 70 are left") as caught:
        draw(_items(100), Splits(validation=80, test=30), "label")
    assert caught.value.where == "splits.validation"


@pytest.mark.parametrize(
    ("splits", "where"),
    [
        (Splits(test=1.5), "splits.test"),
        (Splits(validation=-0.1), "splits.validation"),
        (Splits(train=0), "splits.train"),
        (Splits(test=-3), "splits.test"),
        (Splits(train=0.5, validation=0.4, test=0.2), "splits"),
    ],
)
def test_a_size_that_is_none_is_refused(splits: Splits, where: str) -> None:
    with pytest.raises(SuiteError) as caught:
        draw(_items(100), splits, "label")
    assert caught.value.where == where


def test_a_split_with_its_own_file_is_not_drawn() -> None:
    drawn = draw(_items(100), Splits(train="train.csv", validation=10, test=10), "label")
    assert {"test": 10, "validation": 10} == {name: len(of) for name, of in drawn.items()}


def test_several_labels_are_stratified_by_the_rarest() -> None:
    items = [_item(f"text {i}", "a")._replace(targets=("a", "b") if i % 5 == 0 else ("a",)) for i in range(200)]
    drawn = draw(items, Splits(validation=20, test=50), "labels")
    assert 10 == sum("b" in item.targets for item in drawn["test"])


def test_every_beginning_of_a_split_is_stratified() -> None:
    rows = in_order(_items(90, "aab"), 0, "label")
    for n in range(1, 91):
        assert _labels(rows[:n])["a"] == pytest.approx(n * 2 / 3, abs=1)


def test_the_order_of_a_split_is_not_the_file_s() -> None:
    items = _items(50)
    assert in_order(items, 0, "label") == in_order(items[::-1], 0, "label") != tuple(items)


def test_spread_puts_the_k_th_of_n_at_its_share() -> None:
    assert [1, 4, 0, 2, 5, 3] == spread("aaaabb", [0.3, 0.1, 0.5, 0.9, 0.2, 0.8])


def test_spread_breaks_ties_by_hash_and_not_by_label() -> None:
    assert [2, 0, 1] == spread("abc", [0.5, 0.9, 0.1])
