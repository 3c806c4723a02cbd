"""Limits in a suite: what they may name, and where it is said that they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import SuiteError
from harness.scoring import builtin_scorers
from harness.suite import Decide, PriceBook
from harness.suite.complaints import check
from harness.suite.figures import impossible, known_figures, may_be, unknown, unpriced
from harness.suite.load import load_suite

SUITE = """\
name: s
tasks:
  - name: t
    kind: label
    instructions: Which?
    labels: LABELS
    data: {path: rows.csv}
strategies:
  - {name: majority, use: majority}
decide:
  DECIDE
"""


def load(folder: Path, decide: str, labels: str = "[yes, no]") -> None:
    path = folder / "s.yaml"
    path.write_text(
        SUITE.replace("DECIDE", decide).replace("LABELS", labels.replace("yes", '"yes"').replace("no", '"no"'))
    )
    load_suite(path)


def test_a_limit_may_name_a_figure_a_labels_own_a_latency_or_an_amount() -> None:
    known = known_figures(builtin_scorers()["label"], ["yes", "no"])
    named = {"accuracy", "macro_f1", "mcc", "recall[no]", "f1[yes]", "p95_seconds", "dollars_per_month", "failed"}
    assert named <= set(known)
    assert [] == list(unknown(Decide(minimum={"recall[no]": 0.1}, maximum={"p99_seconds": 1}), known))


@pytest.mark.parametrize(
    ("decide", "where", "message"),
    [
        (
            "minimum: {acuracy: 0.9}",
            "s.yaml:11:",
            "'acuracy' is no figure of these tasks; .*Did you mean 'accuracy'",
        ),
        ("maximum: {p95_second: 1}", "s.yaml:11:", "Did you mean 'p95_seconds'"),
        ('minimum: {"recall[nope]": 0.9}', "s.yaml:11:", r"Did you mean 'recall\[no\]'"),
        ('error_price: {"yes": {"noo": 3}}', "s.yaml:11:", "'noo' is no label; .*Did you mean 'no'"),
    ],
)
def test_what_names_nothing_is_refused_with_its_line(
    tmp_path: Path, decide: str, where: str, message: str
) -> None:
    with pytest.raises(SuiteError, match=message) as refused:
        load(tmp_path, decide)
    assert where in str(refused.value)


def test_labels_that_only_the_data_will_tell_pass(tmp_path: Path) -> None:
    load(tmp_path, 'minimum: {"recall[nope]": 0.9}', labels="auto")
    load(tmp_path, 'error_price: {"a": {"b": 3}}', labels="auto")
    with pytest.raises(SuiteError, match="'acuracy'"):
        load(tmp_path, "minimum: {acuracy: 0.9}", labels="auto")


def test_a_figure_of_a_label_may_be_one_only_where_labels_are_not_named(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(SUITE.replace("DECIDE", "margin: 0.02").replace("LABELS", "auto"))
    suite = load_suite(path).suite
    assert may_be("recall[x]", suite)
    assert not may_be("acuracy", suite)
    path.write_text(SUITE.replace("DECIDE", "margin: 0.02").replace("LABELS", "[a, b]"))
    assert not may_be("recall[x]", load_suite(path).suite)


def test_prices_by_label_need_one_task_that_has_the_labels() -> None:
    decide = Decide.model_validate({"error_price": {"yes": {"no": 5.0}}})
    assert [] == list(unpriced(decide, [("text", ()), ("label", ("yes", "no", "maybe"))]))
    (message,) = unpriced(decide, [("label", ("yes", "nope"))])
    assert "'no' is no label" in message
    assert ["prices by label are for tasks of kind 'label', and there is none; give one number"] == list(
        unpriced(decide, [("text", ())])
    )
    assert [] == list(unpriced(Decide(error_price=2.0), [("text", ())]))


@pytest.mark.parametrize(
    ("minimum", "maximum", "said"),
    [
        ({"accuracy": 2}, {}, "accuracy lies between 0 and 1, which 2 does not"),
        ({}, {"failed": -0.1}, "failed lies between 0 and 1"),
        ({"mcc": -2}, {}, "mcc lies between -1 and 1"),
        ({}, {"p95_seconds": -1}, "p95_seconds is a number of seconds, 0 or more, which -1 is not"),
        ({}, {"dollars_per_month": -1}, "dollars_per_month is dollars, 0 or more"),
        ({"accuracy": 0.9}, {"accuracy": 0.8}, "at least 0.9 and at most 0.8 leave no accuracy between them"),
    ],
)
def test_a_limit_that_nothing_can_meet_is_told(
    minimum: dict[str, float], maximum: dict[str, float], said: str
) -> None:
    assert said in next(each.message for each in impossible(minimum, maximum))


def test_sensible_limits_are_left_alone() -> None:
    assert [] == list(impossible({"mcc": -0.5, "accuracy": 1}, {"p95_seconds": 100, "accuracy": 1}))


@pytest.mark.parametrize("book", [{"device_hours": {"this": -20}}, {"models": {"m": {"input": -1, "output": 1}}}])
def test_a_negative_price_is_refused(book: dict[str, object]) -> None:
    found = check(PriceBook, book)
    assert isinstance(found, list)
    assert "must be at least 0" in found[0].message


@pytest.mark.parametrize("price", [-2, {"yes": {"no": -2}}])
def test_a_negative_price_of_errors_is_refused(price: object) -> None:
    assert isinstance(check(Decide, {"error_price": price}), list)
