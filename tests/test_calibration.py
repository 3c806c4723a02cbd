from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from harness import (
    Answered,
    Brief,
    Completion,
    Context,
    Example,
    Fitted,
    Model,
    Opened,
    Prediction,
    Prompted,
    Query,
    Request,
    Strategy,
    Usage,
)
from harness.calibration import CONTENT_FREE, Calibrating, Calibration, calibrated, fit_rule
from harness.models import Role
from harness.testing import Tried, try_strategy

USED = Usage(model="m")
TOKENS = {"refund": 2, "refund status": 3}
LOGPROBS = {"refund": -4.0, "refund status": -5.0}
PRIOR = {"refund": -3.0, "refund status": -6.5}


def likely(logprobs: Mapping[str, float], **more: object) -> Completion:
    return Completion.model_validate(
        {"text": max(logprobs, key=lambda c: logprobs[c]), "logprobs": logprobs, "usage": USED, **more}
    )


@pytest.mark.parametrize(
    ("answer", "scores", "calibration"),
    [
        ("refund", (-4.0, -5.0), Calibration(rule="sum", bias={"refund": 0.5, "refund status": 0.5})),
        ("refund status", (-4 / 2, -5 / 3), Calibration(rule="tokens")),
        ("refund status", (-4 / 6, -5 / 13), Calibration(rule="bytes")),
        ("refund status", (-1.0, 1.5), Calibration(rule="prior", prior=PRIOR)),
    ],
)
def test_each_rule_weighs_the_same_likelihoods_its_own_way(
    answer: str, scores: tuple[float, float], calibration: Calibration
) -> None:
    got = calibration.apply(likely(LOGPROBS, choice_tokens=TOKENS))
    first = math.exp(scores[0]) / (math.exp(scores[0]) + math.exp(scores[1]))
    assert answer == got.text
    assert pytest.approx({"refund": first, "refund status": 1 - first}) == got.probabilities


def test_calibration_divides_by_the_content_free_probability_and_renormalises() -> None:
    free = [
        likely({"yes": math.log(0.9), "no": math.log(0.1)}),
        likely({"yes": math.log(0.7), "no": math.log(0.3)}),
    ]
    calibration = fit_rule("sum", free, calibrate=True)
    assert pytest.approx({"yes": 0.8, "no": 0.2}) == calibration.bias
    got = calibration.apply(likely({"yes": math.log(0.7), "no": math.log(0.3)}))
    assert "no" == got.text
    assert (
        pytest.approx({"yes": 0.7 / 0.8 / (0.7 / 0.8 + 0.3 / 0.2), "no": 1.5 / (0.875 + 1.5)}) == got.probabilities
    )


def test_calibration_needs_no_more_than_probabilities() -> None:
    free = [Completion(text="yes", probabilities={"yes": 0.8, "no": 0.2}, usage=USED)]
    calibration = fit_rule("sum", free, calibrate=True)
    got = calibration.apply(Completion(text="yes", probabilities={"yes": 0.6, "no": 0.4}, usage=USED))
    assert "no" == got.text


def test_the_prior_is_the_mean_likelihood_over_content_free_inputs() -> None:
    free = [likely({"a": math.log(0.2), "b": -700.0}), likely({"a": math.log(0.4), "b": -800.0})]
    prior = fit_rule("prior", free, calibrate=False).prior
    assert pytest.approx({"a": math.log(0.3), "b": -700.0 - math.log(2)}) == prior


def test_without_likelihoods_an_answer_stands_as_it_came() -> None:
    said = Completion(text="refund", usage=USED)
    assert said == Calibration(rule="tokens").apply(said)
    assert "no likelihood" in str(fit_rule("prior", [said], calibrate=False).unable)
    assert "no likelihood" in str(fit_rule("sum", [said], calibrate=True).unable)


class Biased(Model):
    """Leans to `negative` whatever is said; a good or a bad word moves it by a little."""

    roles: ClassVar[frozenset[Role]] = frozenset({"chat"})
    mute: bool = False
    identity: ClassVar[str] = "biased"
    window: ClassVar[int] = 1000

    @contextmanager
    def open(self) -> Iterator[Opened]:
        yield Opened(chat=self)

    def tokens(self, request: Request) -> int:
        return 1

    def complete(self, requests: Sequence[Request]) -> Iterator[Answered]:
        for index, request in enumerate(requests):
            text = request.messages[-1].content
            logprobs = {"positive": -1.0 if "good" in text else -3.0, "negative": -0.5 if "bad" in text else -0.9}
            said = Completion(text="negative", usage=USED)
            told = likely(logprobs, choice_tokens={"positive": 2, "negative": 2})
            yield Answered(index=index, completion=said if self.mute else told)


class Plain(Calibrating, Strategy):
    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        yield calibrated(Prompted(context.chat_model("m"), brief), validation, context, self)


BRIEF = Brief(name="t", instructions="Mood?", kind="label", labels={"positive": "", "negative": ""})
ROWS = [
    Example(query=Query(id=text, text=text), targets=(label,))
    for text, label in (
        ("good a", "positive"),
        ("bad b", "negative"),
        ("good c", "positive"),
        ("so d", "negative"),
    )
]


def tried(strategy: Plain, folder: Path, **more: object) -> Tried:
    given: dict[str, Any] = {"brief": BRIEF, "validation": ROWS, "queries": ROWS[:2], "models": {"m": Biased()}}
    return try_strategy(strategy, folder=folder, **(given | more))


def answers(of: Tried) -> dict[str, tuple[str, ...]]:
    return {i: o.answers for i, o in of.outcomes.items() if isinstance(o, Prediction)}


def chosen(of: Tried) -> Calibration:
    return Calibration.model_validate(of.steps["calibration"])


def calls_to_prepare(of: Tried) -> int:
    return sum(entry.phase == "prepare" and entry.usage.model == "m" for entry in of.ledger)


def test_the_rule_with_the_best_metric_on_validation_is_chosen_and_recorded(tmp_path: Path) -> None:
    got = tried(Plain(normalise="auto"), tmp_path)
    assert "prior" == chosen(got).rule
    assert {"sum": 0.5, "tokens": 0.5, "bytes": 0.5, "prior": 0.75} == chosen(got).validation
    assert 4 == chosen(got).rows
    assert {"good a": ("positive",), "bad b": ("negative",)} == answers(got)


def test_equal_rules_are_settled_for_the_plain_sum(tmp_path: Path) -> None:
    got = tried(Plain(normalise="auto"), tmp_path, validation=ROWS[1:2])
    assert "sum" == chosen(got).rule
    assert {"good a": ("negative",), "bad b": ("negative",)} == answers(got)


def test_a_rule_that_is_named_costs_no_validation_calls(tmp_path: Path) -> None:
    got = tried(Plain(normalise="tokens"), tmp_path / "tokens")
    assert 0 == calls_to_prepare(got)
    got = tried(Plain(normalise="prior"), tmp_path / "prior")
    assert len(CONTENT_FREE) == calls_to_prepare(got)
    assert ("positive",) == answers(got)["good a"]


def test_contextual_calibration_undoes_the_lean(tmp_path: Path) -> None:
    got = tried(Plain(normalise="sum", calibrate=True), tmp_path)
    lean = math.exp(-3.0) / (math.exp(-3.0) + math.exp(-0.9))
    assert pytest.approx({"positive": lean, "negative": 1 - lean}) == chosen(got).bias
    assert {"good a": ("positive",), "bad b": ("negative",)} == answers(got)


def test_a_model_without_likelihoods_is_asked_no_more_than_a_few_rows_to_find_that_out(tmp_path: Path) -> None:
    got = tried(Plain(normalise="auto"), tmp_path / "auto", models={"m": Biased(mute=True)})
    assert 3 == calls_to_prepare(got)
    assert () == got.warnings
    got = tried(Plain(normalise="prior", calibrate=True), tmp_path / "prior", models={"m": Biased(mute=True)})
    assert [
        "calibrate and normalise='prior' cannot apply: the model gives no likelihood of the choices, so its "
        "answers stand as they came"
    ] == list(got.warnings)
    assert {"good a": ("negative",), "bad b": ("negative",)} == answers(got)


def test_open_questions_have_nothing_to_calibrate_and_say_so_only_where_it_was_asked_for(tmp_path: Path) -> None:
    free = Brief(name="t", instructions="Say.", kind="text")
    rows = [Example(query=Query(id="a", text="a"), targets=("x",))]
    open_question: dict[str, Any] = {"brief": free, "train": rows, "validation": rows, "queries": rows}
    assert () == tried(Plain(), tmp_path / "auto", **open_question).warnings
    (warning,) = tried(Plain(calibrate=True), tmp_path / "calibrate", **open_question).warnings
    assert warning.startswith("calibrate cannot apply: it weighs the labels")
