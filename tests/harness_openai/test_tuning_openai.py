"""Fine-tuning in OpenAI's dialect, against a server that walks its jobs and fails as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness import CallFailed, Request
from harness.finetuning import CurvePoint, FineTuning, JobOrder, TuningJob
from harness.models import Endpoint
from harness.records import Message
from harness_openai.model import OpenAIChat
from harness_openai.problems import not_yet
from tests.servers.stored import CURVE
from tests.servers.tuning import TuningServer

ORDER = JobOrder(key="run-7/tweets/job", training_file="file-1")
WINDING_DOWN = (
    "OpenAI is winding down the fine-tuning platform and your organization is no longer able to create new "
    "fine-tuning training jobs."
)


@pytest.fixture
def server() -> Iterator[TuningServer]:
    with TuningServer() as running:
        yield running


@contextmanager
def tuned(server: TuningServer, **params: Any) -> Iterator[FineTuning]:
    model = OpenAIChat.model_validate({"model": "base", "base_url": server.url, "provider": "openai", **params})
    with model.open() as opened:
        assert opened.tuning is not None
        yield opened.tuning


@pytest.fixture
def tuning(server: TuningServer) -> Iterator[FineTuning]:
    with tuned(server) as made:
        yield made


@pytest.fixture
def train(tmp_path: Path) -> Path:
    path = tmp_path / "train.jsonl"
    path.write_text('{"messages": []}\n')
    return path


def ended(tuning: FineTuning, job: TuningJob) -> TuningJob:
    for _ in range(9):
        job = tuning.job(job.id)
    return job


def failure(act: Callable[..., object], *given: object) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        act(*given)
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return caught.value


def test_a_job_goes_from_its_file_to_a_model_that_answers(
    server: TuningServer, tuning: FineTuning, train: Path
) -> None:
    file = tuning.upload(train, "run-7/train")
    assert tuning.file_ready(file)
    job = tuning.create(ORDER)
    assert ("waiting", "validating_files") == (job.state, job.told)
    assert ["waiting", "running", "succeeded"] == [tuning.job(job.id).state for _ in range(3)]
    job = ended(tuning, job)
    assert 1234 == job.trained_tokens
    assert ["now validating_files", "now queued", "now running", "now succeeded"] == [
        event.message for event in tuning.events(job.id)
    ]
    assert "ft:base:acme::0" == tuning.deploy(job, "run-7")
    assert "ft:base:acme::0 says hello" == ask(tuning.endpoint("ft:base:acme::0"))


def ask(endpoint: Endpoint) -> str:
    async def once() -> str:
        try:
            return (await endpoint.send(Request(messages=(Message(role="user", content="hi"),)))).text
        finally:
            await endpoint.close()

    return asyncio.run(once())


def test_prices_go_by_the_base_and_answers_are_kept_by_the_tuned_name(tuning: FineTuning) -> None:
    one, other = tuning.endpoint("ft:base:acme::0"), tuning.endpoint("ft:base:acme::1")
    assert "openai/ft:base" == tuning.name == one.name
    assert one.identity != other.identity


def test_a_tuned_model_is_tuned_further_at_its_bases_price(server: TuningServer) -> None:
    with tuned(server, model="ft:gpt-4.1-mini-2025-04-14:acme:mine:abc") as tuning:
        assert "openai/ft:gpt-4.1-mini-2025-04-14" == tuning.name


@pytest.mark.parametrize(
    ("told", "state"),
    [("pausing", "running"), ("paused", "paused"), ("failed", "failed"), ("cancelled", "cancelled"),
     ("reticulating", "unknown")],
)  # fmt: skip
def test_states_are_known_and_an_unknown_one_ends_nothing(
    server: TuningServer, tuning: FineTuning, train: Path, told: str, state: str
) -> None:
    server.walk = (told,)
    tuning.upload(train, "k")
    job = tuning.create(ORDER)
    assert (state, told) == (job.state, job.told)
    assert (state in ("failed", "cancelled")) == job.ended


def test_a_failed_job_says_why(server: TuningServer, tuning: FineTuning, train: Path) -> None:
    server.walk = ("running", "failed")
    tuning.upload(train, "k")
    job = ended(tuning, tuning.create(ORDER))
    assert "invalid_training_file: The job failed: planted" == job.error
    assert [False, True] == [event.warning for event in tuning.events(job.id)]


@pytest.mark.parametrize("fault", [{"lose": True}, {"status": 500, "skip": 0}])
def test_a_create_is_sent_once_and_found_again_where_it_took_effect(
    server: TuningServer, tuning: FineTuning, train: Path, fault: dict[str, Any]
) -> None:
    tuning.upload(train, "k")
    server.fault("create", **fault)
    failed = failure(tuning.create, ORDER)
    assert failed.retry
    assert 1 == len(server.made("create"))
    found = tuning.find(ORDER.key)
    assert ("lose" in fault) == (found is not None)
    assert tuning.find("another") is None


def test_a_timed_out_create_may_have_taken_effect(server: TuningServer, train: Path) -> None:
    with tuned(server, timeout_seconds=0.2) as tuning:
        tuning.upload(train, "k")
        server.fault("create", seconds=0.5)
        failed = failure(tuning.create, ORDER)
        assert ("timeout", True, True) == (failed.kind, failed.retry, failed.billed)
    assert 1 == len(server.made("create"))


def test_jobs_and_files_are_found_beyond_the_first_page(
    server: TuningServer, tuning: FineTuning, train: Path
) -> None:
    server.page = 2
    files = [tuning.upload(train, f"run-{n}") for n in range(5)]
    jobs = [tuning.create(ORDER.model_copy(update={"key": f"run-{n}"})) for n in range(5)]
    assert files[0] == tuning.find_file("run-0")
    assert tuning.find_file("run-9") is None
    assert jobs[0] == tuning.find("run-0")
    assert tuning.find("run-9") is None


def test_a_list_that_repeats_itself_ends(server: TuningServer, tuning: FineTuning, train: Path) -> None:
    tuning.upload(train, "k")
    tuning.create(ORDER)
    page = {"data": [{"id": "ftjob-2", "status": "running"}], "has_more": True}
    server.fault("jobs", 200, body=page, times=99)
    assert tuning.find("another") is None
    assert 2 == len(server.made("jobs"))


def test_a_file_is_waited_for(server: TuningServer, tuning: FineTuning, train: Path) -> None:
    server.late_file = 2
    file = tuning.upload(train, "k")
    assert [False, True] == [tuning.file_ready(file) for _ in range(2)]


def test_a_refused_file_is_of_kind_file(server: TuningServer, tuning: FineTuning, train: Path) -> None:
    server.bad_file = True
    refused = failure(tuning.file_ready, tuning.upload(train, "k"))
    assert ("file", False) == (refused.kind, refused.retry)
    assert "not valid: planted" in str(refused)
    server.fault("upload", 400, "Expected file to have JSONL format")
    assert "file" == failure(tuning.upload, train, "k").kind


def test_an_order_reaches_the_provider_whole(server: TuningServer, tuning: FineTuning, train: Path) -> None:
    tuning.upload(train, "k")
    how = {"epochs": 2, "batch_size": 4, "learning_rate": 1.8, "seed": 3, "suffix": "mine"}
    tuning.create(ORDER.model_copy(update={**how, "validation_file": "file-2"}))
    tuning.create(ORDER.model_copy(update={**how, "method": "dpo", "beta": 0.2}))
    supervised, dpo = (asked.body for asked in server.made("create"))
    said = {"n_epochs": 2, "batch_size": 4, "learning_rate_multiplier": 1.8}
    assert supervised == {
        "model": "base",
        "training_file": "file-1",
        "validation_file": "file-2",
        "method": {"type": "supervised", "supervised": {"hyperparameters": said}},
        "seed": 3,
        "suffix": "mine",
        "metadata": {"harness_key": "run-7/tweets/job"},
    }
    assert {"type": "dpo", "dpo": {"hyperparameters": said | {"beta": 0.2}}} == dpo["method"]


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


CLOSED = (403, WINDING_DOWN, "training_not_available", "closed")


@pytest.mark.parametrize(
    ("status", "message", "code", "kind"),
    [
        CLOSED,
        (403, "Your organization may not create fine-tuning jobs.", None, "closed"),
        (403, "You have insufficient permissions: missing scopes: api.fine_tuning.jobs.write", None, "auth"),
        (401, "Incorrect API key provided", "invalid_api_key", "auth"),
        (429, "You exceeded your current quota", "insufficient_quota", "quota"),
        (403, "Billing hard limit", "billing_hard_limit_reached", "quota"),
        (429, "Rate limit reached", "rate_limit_exceeded", "rate-limit"),
        (500, "oops", None, "server"),
        (400, "model is not available for fine-tuning", "model_not_available", "bad-request"),
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
    endpoint = tuning.endpoint(model)
    failed = failure(ask, endpoint)
    assert ("model-not-found", True, False) == (failed.kind, failed.retry, failed.fatal)
    assert failed.after is not None
    assert failed.after < 1
    assert f"{model} says hello" == ask(endpoint)


def test_a_model_that_is_not_found_for_long_is_not_fresh() -> None:
    missing = CallFailed("not-found", "no such model", fatal=True)
    waits = [not_yet(missing, seconds).after for seconds in (0.0, 2.0, 30.0, 500.0)]
    assert [0.2, 10.0, 150.0, 180.0] == waits
    assert missing is not_yet(missing, 601.0)


def test_deleting_and_cancelling_what_is_gone_already_is_no_error(
    server: TuningServer, tuning: FineTuning, train: Path
) -> None:
    file = tuning.upload(train, "k")
    first, second = tuning.create(ORDER), tuning.create(ORDER)
    tuning.cancel(second.id)
    assert "cancelled" == tuning.job(second.id).state
    model = tuning.deploy(ended(tuning, first), "k")
    tuning.cancel(first.id)
    for _ in range(2):
        tuning.delete_model(model)
        tuning.delete_file(file)
    assert {} == server.models
    assert file not in server.files


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


def test_html_in_place_of_an_answer_is_malformed(server: TuningServer, tuning: FineTuning) -> None:
    server.fault("job", 200, body=b"<html>portal</html>")
    failed = failure(tuning.job, "ftjob-1")
    assert ("malformed", True) == (failed.kind, failed.retry)


def test_a_redirect_is_not_followed(server: TuningServer, tuning: FineTuning) -> None:
    server.fault("job", 307, headers={"location": f"{server.url}/elsewhere"})
    assert "redirect" == failure(tuning.job, "ftjob-1").kind
    assert 1 == len(server.asked)


def test_a_server_on_this_machine_speaks_openais_dialect_and_others_are_unknown(server: TuningServer) -> None:
    with tuned(server, provider="auto") as tuning:
        assert tuning.name.endswith("/ft:base")
    with OpenAIChat(model="m", base_url="https://api.deepseek.com").open() as opened:
        assert opened.tuning is None
