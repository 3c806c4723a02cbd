"""What comes of a job in OpenAI's dialect: curves, checkpoints, a model that is late, and errors."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import CallFailed, Message, Request
from harness.finetuning import CurvePoint, FineTuning
from harness_openai.problems import not_yet
from tests.servers.stored import CURVE
from tests.servers.trying import ORDER, ask, ended, failure, tuned
from tests.servers.tuning import TuningServer


@pytest.fixture
def server() -> Iterator[TuningServer]:
    with TuningServer() as running:
        yield running


@pytest.fixture
def tuning(server: TuningServer) -> Iterator[FineTuning]:
    with tuned(server) as made:
        yield made


@pytest.mark.parametrize("encoded", [True, False])
def test_the_curve_is_read_plain_and_in_base64(
    server: TuningServer, tuning: FineTuning, train: Path, encoded: bool
) -> None:
    server.encoded = encoded
    tuning.upload(train, "k")
    points = tuning.curve(ended(tuning, tuning.create(ORDER)))
    assert 3 == len(points)
    assert CurvePoint(step=1, train_loss=2.5, train_accuracy=0.4) == points[0]
    assert CurvePoint(step=2, train_loss=1.5, train_accuracy=0.6, valid_loss=1.75, valid_accuracy=0.5) == points[1]


@pytest.mark.parametrize("content", ["", "no table", "a,b\n1,2\n", CURVE.replace("step", "epoch"), "\x00\xff"])
def test_a_result_file_that_is_no_curve_gives_none(
    server: TuningServer, tuning: FineTuning, train: Path, content: str
) -> None:
    server.curve = content
    tuning.upload(train, "k")
    assert () == tuning.curve(ended(tuning, tuning.create(ORDER)))


def test_a_result_file_that_is_gone_gives_no_curve(server: TuningServer, tuning: FineTuning, train: Path) -> None:
    tuning.upload(train, "k")
    job = ended(tuning, tuning.create(ORDER))
    tuning.delete_file(job.result_files[0])
    assert () == tuning.curve(job)


def test_checkpoints_are_named_oldest_first(server: TuningServer, tuning: FineTuning, train: Path) -> None:
    server.checkpoints = 2
    tuning.upload(train, "k")
    name = "ft:base:acme::0:ckpt-step-"
    assert (f"{name}1", f"{name}2") == ended(tuning, tuning.create(ORDER)).checkpoints


WINDING_DOWN = (
    "OpenAI is winding down the fine-tuning platform and your organization is no longer able to create new "
    "fine-tuning training jobs."
)
CLOSED = (403, WINDING_DOWN, "training_not_available", "closed")


@pytest.mark.parametrize(
    ("status", "message", "code", "kind"),
    [
        CLOSED,
        (403, "Your organization may not create fine-tuning jobs.", None, "closed"),
        (403, "You have insufficient permissions: missing scopes: api.fine_tuning.jobs.write", None, "permission"),
        (401, "Incorrect API key provided", "invalid_api_key", "auth"),
        (429, "You exceeded your current quota", "insufficient_quota", "quota"),
        (403, "Billing hard limit", "billing_hard_limit_reached", "quota"),
        (429, "Rate limit reached", "rate_limit_exceeded", "rate-limit"),
        (500, "oops", None, "server"),
        (400, "model is not available for fine-tuning", "model_not_available", "not-found"),
    ],
)
def test_why_no_job_was_made_is_told_apart(
    server: TuningServer, tuning: FineTuning, status: int, message: str, code: str | None, kind: str
) -> None:
    server.fault("create", status, message, code=code)
    failed = failure(tuning.create, ORDER)
    assert kind == failed.kind
    assert (kind in ("rate-limit", "server")) == failed.retry
    assert message in str(failed)
    assert ("closed" == kind) == ("the provider has closed this" in str(failed))


def test_a_fresh_model_may_not_be_found_yet(server: TuningServer, tuning: FineTuning, train: Path) -> None:
    tuning.upload(train, "k")
    model = tuning.deploy(ended(tuning, tuning.create(ORDER)), "k")
    server.late_model = 1
    failed = failure(ask, tuning, model)
    assert ("model-not-found", True, False) == (failed.kind, failed.retry, failed.fatal)
    assert failed.after is not None
    assert failed.after < 1
    assert f"{model} says hello" == ask(tuning, model)


def test_a_model_that_is_not_found_for_long_is_not_fresh() -> None:
    missing = CallFailed("not-found", "no such model", fatal=True)
    waits = [not_yet(missing, seconds).after for seconds in (0.0, 2.0, 30.0, 500.0)]
    assert [0.2, 10.0, 150.0, 180.0] == waits
    assert missing is not_yet(missing, 601.0)


def test_a_job_without_a_model_cannot_be_asked(server: TuningServer, tuning: FineTuning, train: Path) -> None:
    tuning.upload(train, "k")
    failed = failure(tuning.deploy, tuning.create(ORDER), "k")
    assert ("deploy", False) == (failed.kind, failed.retry)


def test_no_key_is_told_by_an_error_a_job_or_an_event(
    server: TuningServer, tuning: FineTuning, train: Path, key: str
) -> None:
    tuning.upload(train, "k")
    for route, act in (("create", tuning.create), ("jobs", lambda order: tuning.find(order.key))):
        for status in (400, 401, 403, 404, 429, 500):
            server.fault(route, status, f"key {key} is bad", code=key)
            failed = failure(act, ORDER)
            assert key[:8] not in f"{failed} {failed!r}"
    server.walk = ("running", "failed")
    server.error = {"code": key, "message": f"no {key}", "param": None}
    assert key[:8] not in repr(ended(tuning, tuning.create(ORDER)))
    row = {"id": "e", "message": f"no {key}", "level": "info"}
    server.fault("events", 200, body={"data": [row]})
    assert "no [key]" == tuning.events("ftjob-2")[0].message


def test_html_in_place_of_an_answer_is_no_json(server: TuningServer, tuning: FineTuning) -> None:
    server.fault("job", 200, body=b"<html>portal</html>")
    failed = failure(tuning.job, "ftjob-1")
    assert ("not-json", True) == (failed.kind, failed.retry)


def test_a_redirect_is_not_followed(server: TuningServer, tuning: FineTuning) -> None:
    server.fault("job", 307, headers={"location": f"{server.url}/elsewhere"})
    assert "redirect" == failure(tuning.job, "ftjob-1").kind
    assert 1 == len(server.asked)


def test_an_unknown_job_is_told_without_advice_about_the_base_model(tuning: FineTuning) -> None:
    failed = failure(tuning.job, "ftjob-9")
    assert ("not-found", False, False) == (failed.kind, failed.retry, failed.fatal)
    assert "HTTP 404: No such fine-tune job: ftjob-9" == str(failed)


def test_a_tuned_model_is_asked_in_text_as_it_was_taught(tuning: FineTuning, server: TuningServer) -> None:
    question = Request(messages=(Message(role="user", content="hi"),), choices=("good", "bad"))

    async def once() -> None:
        endpoint = tuning.endpoint("ft:none")
        with pytest.raises(CallFailed):
            await endpoint.send(question)
        await endpoint.close()

    asyncio.run(once())
    [asked] = server.made("chat")
    assert "response_format" not in asked.body
    assert 'structured": "text"' in tuning.endpoint("ft:none").identity
