"""The service with the engine that learns by heart, and OpenAI's own client in front of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import openai
import pytest

from suites.local_service.faults import read
from suites.local_service.listening import bound, listening
from suites.local_service.scripted import ScriptedEngine
from suites.local_service.service import Service

BASE = "scripted-2026-01-01"
ROWS = [(f"the {thing} was {word}", label) for label, words in
        {"positive": ("great", "lovely", "superb"), "negative": ("awful", "rude", "sad")}.items()
        for word in words for thing in ("room", "food", "staff")]  # fmt: skip


class Running(NamedTuple):
    service: Service
    client: openai.OpenAI

    def ask(self, text: str, model: str = BASE, **more: Any) -> Any:
        turns: Any = [{"role": "user", "content": text}]
        return self.client.chat.completions.create(model=model, messages=turns, **more)

    def upload(self, data: bytes) -> str:
        return self.client.files.create(file=("train.jsonl", data), purpose="fine-tune").id

    def job(self, **more: Any) -> Any:
        more = {"training_file": more.pop("training_file", None) or self.upload(lines())} | more
        return self.client.fine_tuning.jobs.create(model=BASE, **more)

    def until(self, job: str, *states: str, patience: float = 10) -> Any:
        """The job once it is in one of these states."""
        until = time.monotonic() + patience
        while (found := self.client.fine_tuning.jobs.retrieve(job)).status not in states:
            assert time.monotonic() < until, found
            time.sleep(patience / 1000)
        return found


Start = Callable[..., Running]


def lines(rows: list[tuple[str, str]] = ROWS) -> bytes:
    """A training file."""
    turns = [[{"role": "user", "content": q}, {"role": "assistant", "content": a}] for q, a in rows]
    return "".join(json.dumps({"messages": some}) + "\n" for some in turns).encode()


def closed(*choices: str) -> dict[str, Any]:
    """A `response_format` that allows these alone."""
    held = {"type": "string", "enum": list(choices)}
    schema = {
        "type": "object",
        "properties": {"answer": held},
        "required": ["answer"],
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts services, each over the folder that the one before it left."""
    with ExitStack() as stack:

        def begin(*faults: str, secret: str = "", key: str = "none") -> Running:
            stack.pop_all().close()
            service = Service(ScriptedEngine(), tmp_path / "service", secret, read(faults))
            url = stack.enter_context(listening(service, stack.enter_context(bound())))
            client = openai.OpenAI(base_url=url, api_key=key, max_retries=0, timeout=10)
            stack.callback(client.close)
            return Running(service, client)

        yield begin
