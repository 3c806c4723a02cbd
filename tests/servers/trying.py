"""Every provider's adapter beside a server that speaks its dialect, as tests open them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from harness import CallFailed, Request
from harness.finetuning import FineTuning, JobOrder, TuningJob
from harness.records import Message
from harness_openai.model import OpenAIChat
from tests.servers.azure import AzureServer
from tests.servers.fireworks import FireworksServer
from tests.servers.mistral import MistralServer
from tests.servers.together import TogetherServer
from tests.servers.tuning import TuningServer

ORDER = JobOrder(key="run-7/tweets/job", training_file="file-1")


class Provider(NamedTuple):
    """A provider, its server, what a suite says of its deployments, and a word of its own for a failure."""

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
    """An adapter, the server that it speaks to, and a training file."""

    server: Any
    tuning: FineTuning
    provider: Provider
    train: Path

    def order(self, **more: Any) -> JobOrder:
        return JobOrder(key="run-7/job", training_file=self.tuning.upload(self.train, "run-7/train"), **more)

    def ended(self, job: TuningJob) -> TuningJob:
        return ended(self.tuning, job)

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


@contextmanager
def of(name: str, deployment: dict[str, Any] | None = None) -> Iterator[tuple[Any, FineTuning]]:
    provider = next(provider for provider in PROVIDERS if provider.name == name)
    with provider.server() as server, opened(server, name, deployment or provider.deployment(server)) as tuning:
        yield server, tuning


@contextmanager
def tuned(server: TuningServer, **params: Any) -> Iterator[FineTuning]:
    model = OpenAIChat.model_validate({"model": "base", "base_url": server.url, "provider": "openai", **params})
    with model.open() as opened:
        assert opened.tuning is not None
        yield opened.tuning


def ended(tuning: FineTuning, job: TuningJob) -> TuningJob:
    for _ in range(9):
        job = tuning.job(job.id)
    return job
