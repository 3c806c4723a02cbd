"""What is Azure's own: a byte-order mark, deployments, and a token for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from harness.errors import ModelError
from harness.finetuning import JobOrder
from harness_openai.deployment import Deployment
from harness_openai.model import OpenAIChat
from tests.servers.azure import AzureServer
from tests.servers.trying import PROVIDERS, Bench, failure, of, of_azure, opened


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
        assert "The key in ARM is known" in str(failed)


def test_a_pasted_token_is_not_shown_and_not_taken_for_a_variable() -> None:
    with pytest.raises(ValidationError, match="never a token") as caught:
        Deployment(token_env="eyJ0eXAiOiJKV1Qi")
    assert "eyJ0" not in str(caught.value.errors(include_input=False))


def test_what_deploys_is_reached_too() -> None:
    told = {"subscription": "s", "resource_group": "g", "token_env": "ARM"}
    params = {"model": "m", "base_url": "http://127.0.0.1:9/v1", "provider": "azure"}
    assert OpenAIChat.model_validate(params).reaches() is None
    assert "management.azure.com" == OpenAIChat.model_validate({**params, "deployment": told}).reaches()


def test_what_a_tokens_command_prints_is_not_told_where_it_is_no_text() -> None:
    told = Deployment(token_command=("printf", r"secret-\377"))
    with pytest.raises(ModelError, match="printed no token") as caught:
        told.token()
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
