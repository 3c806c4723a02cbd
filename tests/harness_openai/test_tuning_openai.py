"""Fine-tuning in OpenAI's dialect, against a server that walks its jobs and fails as it is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.finetuning import FineTuning
from harness_openai.model import OpenAIChat
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
    assert "ft:base:acme::0 says hello" == ask(tuning, "ft:base:acme::0")


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


def test_a_server_on_this_machine_speaks_openais_dialect_and_others_are_unknown(server: TuningServer) -> None:
    with tuned(server, provider="auto") as tuning:
        assert tuning.name.endswith("/ft:base")
    with OpenAIChat(model="m", base_url="https://api.deepseek.com").open() as opened:
        assert opened.tuning is None
