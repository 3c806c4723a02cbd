"""An endpoint that others wrote: `transformers serve` with the packaged SmolLM2, asked as any endpoint is.

It was chosen before llama.cpp's server, which compiles for minutes. It gives no logprobs and passes over
`response_format`; how those are read is tried against tests' own servers and suites/local_service.
"""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from harness import Brief, Model, Prediction, Query, Usage
from harness.testing import Tried, try_strategy
from harness_openai.model import OpenAIChat
from harness_prompting.prompt import Prompt
from harness_transformers.model import TransformersModel

LOCAL = TransformersModel(weights="smollm2-135m-instruct", dtype="float32")
BRIEF = Brief(name="capitals", instructions="Answer the question.", kind="text", max_output_tokens=12)
QUESTIONS = ["What is the capital of France?", "What is the capital of Italy?", "Which animal says meow?"]
QUERIES = [Query(id=str(i), text=text) for i, text in enumerate(QUESTIONS)]
PATIENCE = 60  # seconds until it must be up

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(importlib.util.find_spec("fastapi") is None, reason="transformers serve needs fastapi"),
]


class Both(NamedTuple):
    endpoint: OpenAIChat
    here: Tried


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """The weights as a folder, the server on it, and what our own engine answers."""
    folder = tmp_path_factory.mktemp("smollm2")
    with LOCAL.open() as opened:
        assert opened.trainable is not None
        with opened.trainable.lease("causal") as lent:
            lent.module.save_pretrained(folder)  # type: ignore[operator]
            lent.tokenizer.save_pretrained(folder)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-c",
        "from transformers.cli.transformers import main; main()",
        "serve",
        str(folder),
    ]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"]
    with (folder / "log").open("wb") as log:
        quiet = {**os.environ, "HF_HUB_OFFLINE": "1"}
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=quiet)
        try:
            here = asked(LOCAL, folder / "here")  # while that one starts
            _wait(f"http://127.0.0.1:{port}/health", server, folder / "log")
            yield Both(OpenAIChat(model=str(folder), base_url=f"http://127.0.0.1:{port}/v1"), here)
        finally:
            server.terminate()
            server.wait()


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(url):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"transformers serve is not up:\n{log.read_text()[-2000:]}")


def asked(model: Model, folder: Path, brief: Brief = BRIEF) -> Tried:
    return try_strategy(Prompt(model="m"), folder=folder, brief=brief, queries=QUERIES, models={"m": model})


def test_an_endpoint_that_others_wrote_gives_the_same_greedy_answers_and_counts_the_same_tokens(
    served: Both, tmp_path: Path
) -> None:
    there = asked(served.endpoint, tmp_path)
    answers = {key: o.answers for key, o in served.here.outcomes.items() if isinstance(o, Prediction)}
    assert len(QUESTIONS) == len(answers)
    assert answers == {key: o.answers for key, o in there.outcomes.items() if isinstance(o, Prediction)}

    def tokens(tried: Tried) -> dict[str, Usage]:
        return {e.query_id: e.usage for e in tried.ledger if e.query_id and e.phase in ("sample", "bulk")}

    sent = {key: usage.input_tokens for key, usage in tokens(served.here).items()}
    assert sent == {key: usage.input_tokens for key, usage in tokens(there).items()}
    assert all(usage.output_tokens > 1 for usage in tokens(there).values())


def test_a_closed_question_is_read_from_text_where_the_endpoint_passes_over_its_schema(
    served: Both, tmp_path: Path
) -> None:
    labels = {"yes": "", "no": ""}
    brief = Brief(name="closed", instructions="Answer yes or no.", kind="label", labels=labels)
    tried = asked(served.endpoint, tmp_path, brief)
    (first, *_) = [exchange for some in tried.exchanges.values() for exchange in some]
    assert "text" == first.asked
    assert first.logprobs is None
