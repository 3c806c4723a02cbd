"""What is the other providers' own: Together's endpoints, Fireworks' names, Mistral's pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.finetuning import JobOrder
from tests.servers.trying import PROVIDERS, Bench, failure, of


def test_togethers_model_without_hardware_is_asked_where_it_is_served_and_else_said(train: Path) -> None:
    with of("together", {"base": "base"}) as (server, tuning):
        bench = Bench(server, tuning, PROVIDERS[1], train)
        job = bench.ended(tuning.create(bench.order()))
        failed = failure(tuning.deploy, job, "k")
        assert failed.fatal
        assert "deployment: {hardware" in str(failed)
        server.serverless = True
        assert job.model == tuning.deploy(job, "k")


def test_togethers_tokens_count_every_epoch_and_its_curve_joins_training_and_validation(train: Path) -> None:
    with of("together") as (server, tuning):
        bench = Bench(server, tuning, PROVIDERS[1], train)
        job = bench.ended(tuning.create(bench.order(epochs=3)))
        assert 300 == job.trained_tokens
        assert [(1, 2.5, None), (2, 1.5, 1.75)] == [
            (point.step, point.train_loss, point.valid_loss) for point in tuning.curve(job)
        ]
        assert "now completed" == tuning.events(job.id)[-1].message


def test_togethers_endpoint_whose_start_was_lost_is_given_time_to_be_listed(train: Path) -> None:
    with of("together") as (server, tuning):
        bench = Bench(server, tuning, PROVIDERS[1], train)
        job = bench.ended(tuning.create(bench.order()))
        server.fault("start", lose=True)
        lost = failure(tuning.deploy, job, "k")
        assert lost.retry
        assert (lost.after or 0.0) >= tuning.rules.lag_seconds  # else a second one is made, billed by the minute
        assert bench.deployed(job)
        assert 1 == len(server.endpoints)


def test_fireworks_names_make_a_second_upload_or_create_harmless(train: Path) -> None:
    with of("fireworks") as (server, tuning):
        server.fault("upload", lose=True)
        assert failure(tuning.upload, train, "k").retry
        assert tuning.find_file("k") is None  # it has a name and no rows
        file = tuning.upload(train, "k")
        assert train.read_bytes() == server.files[file].content
        order = JobOrder(key="j", training_file=file, epochs=2)
        assert tuning.create(order).id == tuning.create(order).id
        assert 1 == len(server.jobs)


def test_fireworks_refused_dataset_is_of_kind_file(train: Path) -> None:
    with of("fireworks") as (server, tuning):
        file = tuning.upload(train, "k")
        server.bad_file = True
        assert "file" == failure(tuning.file_ready, file).kind


def test_fireworks_prefers_its_own_path_for_preferences(train: Path) -> None:
    with of("fireworks") as (server, tuning):
        bench = Bench(server, tuning, PROVIDERS[2], train)
        tuning.create(bench.order(method="dpo", beta=0.1, epochs=2))
        asked = server.made("create")[0]
        assert "/v1/accounts/acme/dpoJobs" == asked.path
        assert {"method": "DPO", "dpo": {"beta": 0.1}} == asked.body["lossConfig"]
        assert {"baseModel": "base", "epochs": 2} == asked.body["trainingConfig"]
        assert tuning.find("run-7/job") is not None


def test_fireworks_deployments_of_a_model_are_found_on_every_page(train: Path) -> None:
    with of("fireworks") as (server, tuning):
        server.page = 1
        server.models["accounts/acme/models/m"] = "job"
        for name, base in (("a", "other"), ("b", "accounts/acme/models/m"), ("c", "accounts/acme/models/m")):
            path = f"accounts/acme/deployments/{name}"
            server.deployments[path] = {"name": path, "baseModel": base, "state": "READY"}
        tuning.delete_model("accounts/acme/models/m")
        assert ["accounts/acme/deployments/a"] == list(server.deployments)


def test_fireworks_without_an_account_says_what_to_write(train: Path) -> None:
    with of("fireworks", {"base": "base"}) as (_, tuning):
        failed = failure(tuning.upload, train, "k")
        assert failed.fatal
        assert "deployment: {account" in str(failed)


def test_mistrals_jobs_are_found_beyond_the_first_page_and_have_curves(train: Path) -> None:
    with of("mistral") as (server, tuning):
        server.page = 2
        file = tuning.upload(train, "f")
        jobs = [tuning.create(JobOrder(key=f"run-{n}", training_file=file)) for n in range(5)]
        assert jobs[0] == tuning.find("run-0")
        assert tuning.find("run-9") is None
        done = Bench(server, tuning, PROVIDERS[3], train).ended(jobs[0])
        assert [(10, 0.2, 0.3), (20, 0.1, 0.15)] == [
            (point.step, point.train_loss, point.valid_loss) for point in tuning.curve(done)
        ]
        assert "status-updated: QUEUED" == tuning.events(done.id)[0].message


@pytest.mark.parametrize(("order", "says"), [({"batch_size": 4}, "batch_size"), ({"method": "dpo"}, "supervised")])
def test_mistral_refuses_what_it_cannot_be_told(train: Path, order: dict[str, Any], says: str) -> None:
    with of("mistral") as (server, tuning):
        failed = failure(tuning.create, JobOrder(key="k", training_file="f", **order))
        assert ("order", True) == (failed.kind, failed.fatal)
        assert says in str(failed)
        assert [] == server.asked
