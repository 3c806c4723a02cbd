from __future__ import annotations

import json
from typing import Any

import pytest

from harness.models import scorer_for
from harness.records import Brief
from harness.scoring import builtin_scorers
from harness.scoring.fields import FieldsScorer
from harness.scoring.interval import interval, rows_of
from harness.scoring.rowsums import row_sums
from harness.scoring.tally import NO_ANSWER, Pair
from harness.stats import wilson

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "amount": {"type": ["number", "null"]},
        "due": {"type": ["string", "null"], "format": "date"},
        "address": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
    "required": ["name"],
    "additionalProperties": False,
}
ANN = {"name": "Ann", "amount": 5, "due": None, "address": {"city": "Bern"}}


def scorer(schema: dict[str, Any] = SCHEMA, **match: dict[str, Any]) -> FieldsScorer:
    brief = Brief(name="t", instructions="?", kind="fields", answer_schema=schema, match=match)
    bound = scorer_for(builtin_scorers()["json-fields"], brief)
    assert isinstance(bound, FieldsScorer)
    return bound


def pair(target: dict[str, Any], answer: object) -> Pair:
    return (json.dumps(target),), (answer if isinstance(answer, str) else json.dumps(answer),)


def test_objects_inside_are_taken_field_by_field() -> None:
    assert ("name", "amount", "due", "address.city") == scorer().fields


def test_an_object_may_be_compared_whole_and_a_field_left_out() -> None:
    assert ("name", "amount", "address") == scorer(address={"by": "exact"}, due={"by": "ignore"}).fields
    assert ("name", "amount", "due") == scorer(address={"by": "ignore"}).fields


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("field_accuracy", 2 / 4),  # name is wrong, due invented
        ("exact_object", 0.0),
        ("schema_valid", 1.0),
        ("field_precision", 2 / 4),
        ("field_recall", 2 / 3),
        ("field_f1", 4 / 7),
    ],
)
def test_figures_of_a_row(figure: str, value: float) -> None:
    targets, answers = pair(ANN, {**ANN, "name": "Anne", "due": "2026-01-31"})
    assert value == pytest.approx(scorer().one(figure, targets, answers))
    assert value == pytest.approx(scorer().whole([(targets, answers)])[figure])


def test_each_field_has_its_own_figures() -> None:
    pairs = [
        pair(ANN, ANN),
        pair(ANN, {"name": "Ann", "amount": None}),
        pair(ANN, {"name": "Bo", "amount": 6, "due": "2026-01-31", "address": {"city": "Bern"}}),
        pair({**ANN, "amount": None}, {"name": "Ann", "amount": 7}),
    ]
    found = scorer().whole(pairs)
    assert (1 / 3, 1 / 3) == pytest.approx((found["precision[amount]"], found["recall[amount]"]))
    assert (0.0, 1 / 3, 1.0) == pytest.approx([found[f"{r}[amount]"] for r in ("missing", "null", "invented")])
    assert (0.5, 0.0) == (found["missing[address.city]"], found["null[address.city]"])
    assert (1 / 4, "missing[due]" in found, "recall[due]" in found) == (found["invented[due]"], False, False)
    assert (3, 3, 1, 4) == tuple(
        rows_of(scorer(), f"{figure}[amount]", pairs) for figure in ("recall", "precision", "invented", "f1")
    )


@pytest.mark.parametrize(
    ("valid", "answer"),
    [
        (1.0, '{"name": "Ann", "name": "Ann"}'),
        (0.0, '{"name": 5}'),
        (0.0, '{"name": "Ann", "more": 1}'),
        (0.0, '{"name": "Ann", "amount": NaN}'),
        (0.0, '["Ann"]'),
        (0.0, "nothing"),
        (0.0, '{"amount": ' + "[" * 100_000),
        (0.0, '{"name": "Ann", "amount": ' + "9" * 5000 + "}"),
    ],
)
def test_strange_answers_are_counted_and_crash_nothing(valid: float, answer: str) -> None:
    found = scorer().whole([pair(ANN, answer)])
    assert valid == found["schema_valid"]
    assert 0.0 <= found["field_accuracy"] <= 1.0


def test_an_answer_that_breaks_the_schema_keeps_what_is_right() -> None:
    targets, answers = pair(ANN, {**ANN, "more": 1})
    assert (0.0, 1.0) == (
        scorer().one("schema_valid", targets, answers),
        scorer().one("field_accuracy", targets, answers),
    )


def test_no_answer_has_no_field_right_but_those_that_are_empty() -> None:
    assert 1 / 4 == scorer().one("field_accuracy", pair(ANN, ANN)[0], NO_ANSWER)
    assert 0.0 == scorer().one("schema_valid", pair(ANN, ANN)[0], NO_ANSWER)


def test_every_metric_is_among_the_figures_of_a_set_and_every_part_may_be_limited() -> None:
    found = scorer().whole([pair(ANN, ANN), pair({**ANN, "due": "2026-01-31", "amount": None}, ANN)])
    assert set(scorer().figures) <= set(found)
    assert {"recall[amount]", "missing[due]", "invented[amount]"} <= set(scorer().of_parts)


def test_a_field_s_interval_is_of_its_rows() -> None:
    pairs = [pair(ANN, ANN)] * 8 + [pair(ANN, {"name": "Bo"})] * 2
    assert wilson(8, 10) == interval(scorer(), "recall[name]", pairs)
    assert wilson(2, 10) == interval(scorer(), "missing[amount]", pairs)
    low, high = interval(scorer(), "field_f1", pairs)
    assert low < scorer().whole(pairs)["field_f1"] < high


def test_failures_widen_a_rate_that_is_better_when_smaller_upwards() -> None:
    pairs = [pair(ANN, ANN)] * 8 + [pair(ANN, {"name": "Ann"})] * 2
    failed = [pair(ANN, ANN)[0]] * 10
    assert interval(scorer(), "missing[amount]", pairs, failed=failed).high == pytest.approx(wilson(12, 20).high)


def test_partial_credit_has_an_interval_too() -> None:
    bound = scorer(name={"by": "token_f1"})
    pairs = [pair({**ANN, "name": "Ann Lee"}, {**ANN, "name": name}) for name in ("Ann Lee", "Ann", "Bo") * 4]
    assert (1 + 2 / 3) / 3 == pytest.approx(bound.whole(pairs)["recall[name]"])
    low, high = interval(bound, "recall[name]", pairs)
    assert low < 0.55 < high


@pytest.mark.parametrize("figure", ["field_f1", "field_accuracy", "recall[amount]", "invented[amount]"])
def test_sums_over_rows_give_the_figure(figure: str) -> None:
    trials = [
        [pair(ANN, ANN), pair({**ANN, "amount": None}, ANN), pair(ANN, {"name": "Bo"})],
        [pair(ANN, {"name": "Ann"}), pair({**ANN, "amount": None}, {"name": "Ann"}), pair(ANN, ANN)],
    ]
    sums = row_sums(scorer(), figure, trials)
    for parts, pairs in zip(sums.parts, trials, strict=True):
        value = sums.figure(parts.sum(axis=0)[None])[0]
        assert scorer().whole(pairs)[figure] == pytest.approx(value)
