from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from harness.errors import SuiteError
from harness.suite.load import Loaded, load_suite

SUITE = """\
name: s
tasks:
  - name: t
    kind: {kind}
    instructions: Which?
    {more}
    labels:{labels}
    data: {{path: t.csv}}
yardsticks: [majority]
"""


def loaded(
    folder: Path, labels: str, kind: str = "label", more: str = "metric: accuracy", decide: str = ""
) -> Loaded:
    text = SUITE.format(kind=kind, more=more, labels="\n" + textwrap.indent(textwrap.dedent(labels), " " * 6))
    (folder / "s.yaml").write_text(text + decide)
    return load_suite(folder / "s.yaml")


def test_an_alias_of_two_labels_is_an_error_at_the_second_one(tmp_path: Path) -> None:
    with pytest.raises(SuiteError) as caught:
        loaded(tmp_path, "billing: {aliases: [bill]}\ninvoice: {aliases: [account, Bill]}")
    told = str(caught.value)
    assert "s.yaml:9:36" in told
    assert "the alias 'Bill' of 'invoice' is an alias of 'billing' too" in told


def test_an_alias_that_is_another_label_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="the alias 'Invoice' of 'billing' is the label 'invoice' itself"):
        loaded(tmp_path, "billing: {aliases: [Invoice]}\ninvoice: sent by us")


def test_an_alias_may_be_another_spelling_of_its_own_label(tmp_path: Path) -> None:
    task = loaded(tmp_path, "billing: {aliases: [' Billing']}\ninvoice: sent by us").suite.tasks[0]
    assert {"billing": (" Billing",)} == task.aliases


def test_words_of_two_labels_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="the words 'card' stand for 'B1' too"):
        loaded(tmp_path, "B1: {words: Card}\nB2: {words: card}")
    with pytest.raises(SuiteError, match="the words 'fee' are a name of 'fee' already"):
        loaded(tmp_path, "B1: {words: fee}\nfee: a fee")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("metric: quadratic_kappa", "'quadratic_kappa' is of labels that are a scale; say `ordered: true`"),
        ("{metric: mae, ordered: true}", "`metric: closeness` is the same, larger the better"),
        ("{metric: quadratic_kapa, ordered: true}", "Did you mean 'quadratic_kappa'"),
    ],
)
def test_a_metric_that_does_not_fit_says_what_does(more: str, message: str, tmp_path: Path) -> None:
    fields = more.strip("{}").replace(", ", "\n    ")
    with pytest.raises(SuiteError, match=message):
        loaded(tmp_path, "low: ''\nhigh: ''", more=fields)


def test_several_labels_at_once_are_no_scale(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"tasks\[0\].ordered\n.*only labels of kind 'label' can be a scale"):
        loaded(tmp_path, "low: ''\nhigh: ''", kind="labels", more="ordered: true")


def test_limits_in_steps_are_known_of_a_scale_and_may_be_more_than_1(tmp_path: Path) -> None:
    decide = "decide: {maximum: {mae: 1.5}, minimum: {quadratic_kappa: -0.2}}\n"
    assert (
        1.5
        == loaded(tmp_path, "low: ''\nhigh: ''", more="ordered: true", decide=decide).suite.decide.maximum["mae"]
    )
    with pytest.raises(SuiteError, match="'mae' is no figure of these tasks"):
        loaded(tmp_path, "low: ''\nhigh: ''", decide=decide)
    with pytest.raises(SuiteError, match="mae is a number of steps, 0 or more, which -1 is not"):
        loaded(tmp_path, "low: ''\nhigh: ''", more="ordered: true", decide="decide: {maximum: {mae: -1}}\n")
