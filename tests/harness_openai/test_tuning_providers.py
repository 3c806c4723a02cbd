"""What every provider's adapter does, each against a server that speaks its dialect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.trainingfiles import rules_of
from tests.servers.trying import PROVIDERS, Bench, Provider, ask, failure, opened


@pytest.fixture(params=PROVIDERS, ids=[provider.name for provider in PROVIDERS])
def bench(request: pytest.FixtureRequest, train: Path) -> Iterator[Bench]:
    provider: Provider = request.param
    with provider.server() as server, opened(server, provider.name, provider.deployment(server)) as tuning:
        yield Bench(server, tuning, provider, train)


def test_a_job_goes_from_its_file_to_a_model_that_answers(bench: Bench) -> None:
    tuning, order = bench.tuning, bench.order()
    assert f"{bench.provider.name}/ft:base" == tuning.name
    assert any(tuning.file_ready(order.training_file) for _ in range(3))
    job = tuning.create(order)
    assert ("waiting", None) == (job.state, job.model)
    seen = [tuning.job(job.id).state for _ in bench.server.walk]
    assert "succeeded" == seen[-1]
    assert set(seen) == {"waiting", "running", "succeeded"}
    job = bench.ended(job)
    name = bench.deployed(job)
    assert name == bench.deployed(job)
    assert ask(tuning, name).endswith("says hello")
    assert 1 == len(bench.server.made("create"))


def test_deleting_takes_the_model_and_what_answers_for_it_and_may_be_repeated(bench: Bench) -> None:
    order = bench.order()
    job = bench.ended(bench.tuning.create(order))
    name = bench.deployed(job)
    for _ in range(2):
        bench.tuning.delete_model(name)
        bench.tuning.delete_file(order.training_file)
    assert {} == bench.server.models
    assert {} == getattr(bench.server, "deployments", {}) | getattr(bench.server, "endpoints", {})
    assert order.training_file not in bench.server.files


def test_a_lost_create_is_found_again_and_nothing_else_is(bench: Bench) -> None:
    order = bench.order()
    bench.server.fault("create", lose=True)
    failed = failure(bench.tuning.create, order)
    assert ("connection", True, True) == (failed.kind, failed.retry, failed.billed)
    assert 1 == len(bench.server.made("create"))
    found = bench.tuning.find(order.key)
    assert found is not None
    assert found.id in bench.server.jobs
    assert bench.tuning.find("another") is None


def test_a_file_is_found_by_its_key(bench: Bench) -> None:
    file = bench.tuning.upload(bench.train, "run-7/train")
    assert any(bench.tuning.find_file("run-7/train") == file for _ in range(3))
    assert bench.tuning.find_file("run-8/train") is None


def test_an_unknown_state_ends_nothing(bench: Bench) -> None:
    bench.server.walk = ("RETICULATING",)
    job = bench.tuning.create(bench.order())
    assert ("unknown", "RETICULATING", False) == (job.state, job.told, job.ended)


def test_a_failed_job_says_why(bench: Bench) -> None:
    bench.server.walk = (bench.provider.failed,)
    bench.server.failures = frozenset({bench.provider.failed})
    job = bench.ended(bench.tuning.create(bench.order()))
    assert "failed" == job.state
    assert job.error is not None
    assert "planted" in job.error or bench.provider.failed in job.error
    assert "deploy" == failure(bench.tuning.deploy, job, "run-7").kind


def test_a_cancelled_job_is_cancelled_and_an_ended_one_stays(bench: Bench) -> None:
    order = bench.order()
    job = bench.tuning.create(order)
    bench.tuning.cancel(job.id)
    assert "cancelled" == bench.tuning.job(job.id).state
    done = bench.ended(bench.tuning.create(order.model_copy(update={"key": "run-7/second"})))
    bench.tuning.cancel(done.id)
    assert "succeeded" == bench.tuning.job(done.id).state


@pytest.mark.parametrize(
    ("status", "kind", "retry", "fatal"),
    [(401, "auth", False, True), (403, "permission", False, True), (429, "rate-limit", True, False),
     (402, "quota", False, True), (500, "server", True, False), (422, "bad-request", False, False)],
)  # fmt: skip
def test_why_no_job_was_made_is_told_apart_without_the_key(
    bench: Bench, key: str, status: int, kind: str, retry: bool, fatal: bool
) -> None:
    order = bench.order()
    bench.server.fault("create", status, f"no, {key}")
    failed = failure(bench.tuning.create, order)
    assert (kind, retry, fatal) == (failed.kind, failed.retry, failed.fatal)
    assert "no, [key]" in str(failed)


def test_rules_say_when_they_were_read(bench: Bench) -> None:
    rules = bench.tuning.rules
    assert bench.provider.name == rules.provider
    assert rules.as_of is not None
    assert (bench.provider.name == "azure") == rules.byte_order_mark
    least = {"together": 5 * 1024**3, "fireworks": 150 * 1024**2}.get(rules.provider)
    assert rules_of(rules.provider).model_copy(update={} if least is None else {"file_bytes": least}) == rules


def test_another_provider_gets_no_headers_that_are_meant_for_openai(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gateway-Token: of-mine")
    bench.deployed(bench.ended(bench.tuning.create(bench.order())))
    assert bench.server.asked
    assert not any("x-gateway-token" in asked.headers for asked in bench.server.asked)
