"""What every provider's adapter does, each against a server that speaks its dialect."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from pydantic import ValidationError

from harness import CallFailed, Request
from harness.finetuning import FineTuning, JobOrder, TuningJob
from harness.records import Message
from harness_openai.deployment import Deployment
from harness_openai.model import OpenAIChat
from harness_openai.tuning.adapter import Adapter
from harness_openai.tuning.azure import AzureTuning
from harness_openai.tuning.fireworks import FireworksTuning
from harness_openai.tuning.mistral import MistralTuning
from harness_openai.tuning.openai import OpenAITuning
from harness_openai.tuning.together import TogetherTuning
from tests.servers.azure import AzureServer
from tests.servers.fireworks import FireworksServer
from tests.servers.mistral import MistralServer
from tests.servers.together import TogetherServer
from tests.servers.tuning import TuningServer


class Provider(NamedTuple):
    name: str
    server: type[TuningServer]
    deployment: Callable[[TuningServer], dict[str, Any]]
    failed: str


def of_azure(server: TuningServer) -> dict[str, Any]:
    return {
        "subscription": "s",
        "resource_group": "g",
        "account": "acme",
        "token_env": "ARM",
        "manager": server.root,
    }


PROVIDERS = [
    Provider("azure", AzureServer, of_azure, "failed"),
    Provider("together", TogetherServer, lambda server: {"hardware": "1x_nvidia_h100_80gb_sxm"}, "user_error"),
    Provider("fireworks", FireworksServer, lambda server: {"account": "acme"}, "JOB_STATE_FAILED"),
    Provider("mistral", MistralServer, lambda server: {}, "FAILED_VALIDATION"),
]


class Bench(NamedTuple):
    server: Any
    tuning: FineTuning
    provider: Provider
    train: Path

    def order(self, **more: Any) -> JobOrder:
        return JobOrder(key="run-7/job", training_file=self.tuning.upload(self.train, "run-7/train"), **more)

    def ended(self, job: TuningJob) -> TuningJob:
        for _ in range(9):
            job = self.tuning.job(job.id)
        return job

    def deployed(self, job: TuningJob) -> str:
        for _ in range(9):
            try:
                return self.tuning.deploy(job, "run-7")
            except CallFailed as error:
                if error.kind != "deploying" or not error.retry:
                    raise
        raise AssertionError("it is never deployed")


@contextmanager
def opened(server: TuningServer, provider: str, deployment: dict[str, Any] | None) -> Iterator[FineTuning]:
    params = {"model": "base", "base_url": server.url, "provider": provider, "deployment": deployment}
    with OpenAIChat.model_validate(params).open() as found:
        assert found.tuning is not None
        yield found.tuning


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARM", AzureServer.token)
    path = tmp_path / "train.jsonl"
    path.write_text('{"messages": []}\n')
    return path


@pytest.fixture(params=PROVIDERS, ids=[provider.name for provider in PROVIDERS])
def bench(request: pytest.FixtureRequest, train: Path) -> Iterator[Bench]:
    provider: Provider = request.param
    with provider.server() as server, opened(server, provider.name, provider.deployment(server)) as tuning:
        yield Bench(server, tuning, provider, train)


def ask(tuning: FineTuning, model: str) -> str:
    async def once() -> str:
        endpoint = tuning.endpoint(model)
        try:
            return (await endpoint.send(Request(messages=(Message(role="user", content="hi"),)))).text
        finally:
            await endpoint.close()

    return asyncio.run(once())


def failure(act: Callable[..., object], *given: object) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        act(*given)
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return caught.value


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
    [(401, "auth", False, True), (403, "auth", False, True), (429, "rate-limit", True, False),
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


# What is one provider's own


@contextmanager
def of(name: str, deployment: dict[str, Any] | None = None) -> Iterator[tuple[Any, FineTuning]]:
    provider = next(provider for provider in PROVIDERS if provider.name == name)
    with provider.server() as server, opened(server, name, deployment or provider.deployment(server)) as tuning:
        yield server, tuning


def test_azures_files_begin_with_a_mark_once(train: Path) -> None:
    with of("azure") as (server, tuning):
        file = tuning.upload(train, "k")
        assert b"\xef\xbb\xbf" + train.read_bytes() == server.files[file].content
        train.write_bytes(server.files[file].content)
        assert server.files[file].content == server.files[tuning.upload(train, "again")].content


def test_azures_job_is_found_where_its_api_keeps_no_metadata(train: Path) -> None:
    with of("azure") as (server, tuning):
        server.tells_metadata = False
        job = tuning.create(JobOrder(key="k", training_file=tuning.upload(train, "f"), suffix="mine"))
        assert job == tuning.find("k")


def test_azures_deployment_by_hand_is_asked_for_by_name_and_then_found(train: Path) -> None:
    with of("azure", {"base": "base"}) as (server, tuning):
        job = Bench(server, tuning, PROVIDERS[0], train).ended(
            tuning.create(JobOrder(key="k", training_file=tuning.upload(train, "f")))
        )
        failed = failure(tuning.deploy, job, "run-7")
        assert failed.fatal
        assert f"{job.model}" in str(failed)
        name = str(failed).split("under the name '")[1].split("'")[0]
        server.deployments[name] = job.model
        assert name == tuning.deploy(job, "run-7")
        assert "by the hour" in str(failure(tuning.delete_model, name))


@pytest.mark.parametrize(
    ("command", "says"),
    [(["printf", AzureServer.token], None), (["false"], "gave no token"), (["printf", ""], "printed no token"),
     (["no-such-program"], "gave no token")],
)  # fmt: skip
def test_azures_token_may_come_from_a_command(train: Path, command: list[str], says: str | None) -> None:
    with AzureServer() as server:
        told = {**of_azure(server), "token_env": None, "token_command": command}
        with opened(server, "azure", told) as tuning:
            bench = Bench(server, tuning, PROVIDERS[0], train)
            job = bench.ended(tuning.create(bench.order()))
            if says is None:
                assert bench.deployed(job) in server.deployments
            else:
                failed = failure(tuning.deploy, job, "run-7")
                assert failed.fatal
                assert says in str(failed)


def test_azures_token_is_never_told(train: Path) -> None:
    with of("azure") as (server, tuning):
        bench = Bench(server, tuning, PROVIDERS[0], train)
        job = bench.ended(tuning.create(bench.order()))
        server.fault("get-deployment", 403, f"token {AzureServer.token} may not")
        failed = failure(tuning.deploy, job, "run-7")
        assert "token [key] may not" in str(failed)
        assert "Check the key in ARM" in str(failed)


def test_a_pasted_token_is_not_shown_and_not_taken_for_a_variable() -> None:
    with pytest.raises(ValidationError, match="never a token") as caught:
        Deployment(token_env="eyJ0eXAiOiJKV1Qi")
    assert "eyJ0" not in str(caught.value.errors(include_input=False))


def test_what_deploys_is_reached_too() -> None:
    told = {"subscription": "s", "resource_group": "g", "token_env": "ARM"}
    params = {"model": "m", "base_url": "http://127.0.0.1:9/v1", "provider": "azure"}
    assert OpenAIChat.model_validate(params).reaches() is None
    assert "management.azure.com" == OpenAIChat.model_validate({**params, "deployment": told}).reaches()


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


PAGE = (Path(__file__).parents[2] / "docs" / "hosted" / "providers.md").read_text()


def test_the_models_on_the_page_are_as_each_provider_wants_them(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.S)
    for name, model in yaml.safe_load(block)["models"].items():
        params = OpenAIChat.model_validate(model["with"])
        monkeypatch.setenv(params.key_env, key)
        with params.open() as found:
            assert found.tuning is not None
            assert name == found.tuning.rules.provider
            assert name == found.tuning.name.partition("/")[0]


@pytest.mark.parametrize("adapter", [OpenAITuning, AzureTuning, TogetherTuning, FireworksTuning, MistralTuning])
def test_every_state_stands_on_the_page(adapter: type[Adapter]) -> None:
    states = PAGE[PAGE.index("## States") : PAGE.index("## Nothing is made twice")]
    told = set(re.findall(r"\w+", states))
    assert {state.removeprefix("JOB_STATE_") for state in adapter.states} <= told
