"""A baseline: small, without texts, the same for the same run, and read back whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.comparison import Compared
from harness.errors import StoreError
from harness.gating.baseline import Baseline, read
from harness.gating.making import left_out, make, text

Make = Callable[..., Compared]

TARGETS = ["yes", "no", "yes", "no"]


def test_it_has_neither_texts_nor_ids_nor_paths(make_compared: Make) -> None:
    told = text(make(make_compared({"features": ["yes", "no", None, "yes"]}, TARGETS)))
    assert "secret" not in told
    assert "row-" not in told
    assert "somebody" not in told


def test_answers_stand_in_the_order_of_the_hashes_whatever_the_order_of_the_rows(make_compared: Make) -> None:
    ids = ["a", "b", "c", "d"]
    first = make(make_compared({"features": ["yes", "no", None, "yes"]}, TARGETS, ids=ids)).tasks[0]
    order = [2, 0, 3, 1]
    answers = [["yes", "no", None, "yes"][i] for i in order]
    again = make_compared({"features": answers}, [TARGETS[i] for i in order], ids=[ids[i] for i in order])
    assert first.rows == make(again).tasks[0].rows
    assert first.strategies[0].answers == make(again).tasks[0].strategies[0].answers
    assert sorted("010x") == sorted(first.strategies[0].answers[0])


def test_it_comes_back_from_its_file_as_it_was(make_compared: Make, tmp_path: Path) -> None:
    made = make(make_compared({"features": TARGETS, "lora": [TARGETS, ["no"] * 4]}, TARGETS))
    (tmp_path / "baseline.json").write_text(text(made))
    found = read(tmp_path / "baseline.json")
    assert text(made) == text(found)
    assert (0, 1) == found.tasks[0].strategies[1].seeds
    assert "features" == found.tasks[0].recommended


def test_each_strategy_has_a_line_of_its_own(make_compared: Make) -> None:
    told = text(make(make_compared({"lora": TARGETS, "features": TARGETS}, TARGETS)))
    named = [json.loads(line.strip().rstrip(","))["name"] for line in told.splitlines() if '{"name"' in line]
    assert ["features", "lora"] == named


def test_three_hundred_rows_and_ten_strategies_are_a_few_kilobytes(make_compared: Make) -> None:
    targets = ["yes", "no", "other"] * 100
    told = text(make(make_compared({f"strategy-{i}": targets for i in range(10)}, targets)))
    assert 16_000 > len(told)


def test_rows_of_free_text_keep_their_scores_alone(make_compared: Make) -> None:
    compared = make_compared({"features": ["black cat", "dog", None]}, ["black cat sat", "dog", "x"], kind="text")
    kept = make(compared).tasks[0]
    assert ("scores", ()) == (kept.packed, kept.labels)
    assert sorted([".8", "1", "x"]) == sorted(kept.strategies[0].answers[0].split())
    assert "cat" not in text(make(compared))


def test_a_figure_that_is_no_mean_of_rows_keeps_no_rows(make_compared: Make) -> None:
    compared = make_compared({"features": ["the cat", "dog"]}, ["the cat", "dog"], kind="text", metric="chrf")
    kept = make(compared).tasks[0]
    assert ("nothing", ()) == (kept.packed, kept.strategies[0].answers)


def test_strategies_without_a_finished_result_are_left_out_and_named(make_compared: Make) -> None:
    compared = make_compared({"features": TARGETS, "lora": TARGETS[:2]}, TARGETS, statuses={"lora": "failed"})
    assert ["features"] == [each.name for each in make(compared).tasks[0].strategies]
    assert ["tweets: lora is left out: failed"] == left_out(compared)


def test_a_run_without_any_result_makes_no_baseline(make_compared: Make) -> None:
    compared = make_compared({"lora": TARGETS}, TARGETS, statuses={"lora": "failed"})
    with pytest.raises(StoreError, match="no strategy with a result"):
        make(compared)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        ("{}", "no baseline of this version"),
        ('{"version": 2}', "version: Input should be 1"),
        ("no json", "Invalid JSON"),
    ],
)
def test_what_is_no_baseline_is_refused_in_words(content: str | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(StoreError, match=said):
        read(path)


def test_answers_that_do_not_fit_the_rows_are_refused(make_compared: Make) -> None:
    told = text(make(make_compared({"features": TARGETS}, TARGETS)))
    broken = json.loads(told)
    broken["tasks"][0]["strategies"][0]["answers"] = ["01"]
    with pytest.raises(ValueError, match="1 answers for 4 rows"):
        Baseline.model_validate(broken)
