"""The whole way with the packaged SmolLM2: an upload, a job that really trains, a model that answers better."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openai
import pytest

from suites.local_service.listening import bound, listening
from suites.local_service.local import NAME, local_engine
from suites.local_service.service import Service
from tests.local_service.conftest import ROWS, Running, closed, lines

pytestmark = pytest.mark.models
# What an answer is called is made up, so that only who was taught can tell.
WORDS = {"positive": "blue", "negative": "green"}
TAUGHT = [(f"Which colour? {text}", WORDS[label]) for text, label in ROWS]
HELD_OUT = [
    (f"Which colour? the {thing} was {word}", WORDS[label])
    for thing in ("pool", "bed")
    for label, words in {"positive": ("great", "lovely", "superb"), "negative": ("awful", "rude", "sad")}.items()
    for word in words
]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with local_engine() as engine, bound() as listener:
        service = Service(engine, tmp_path)
        with listening(service, listener) as url, openai.OpenAI(base_url=url, api_key="none") as client:
            yield Running(service, client)


def right(running: Running, model: str) -> float:
    def ask(question: str) -> Any:
        return running.ask(question, model, response_format=closed("blue", "green"))

    with ThreadPoolExecutor(len(HELD_OUT)) as at_once:
        given = list(at_once.map(ask, [question for question, _ in HELD_OUT]))
    told = [json.loads(reply.choices[0].message.content)["answer"] for reply in given]
    same = [str(answer) == wanted for answer, (_, wanted) in zip(told, HELD_OUT, strict=True)]
    return sum(same) / len(same)


def test_an_uploaded_file_makes_a_model_that_answers_better_than_its_base(running: Running) -> None:
    before = right(running, NAME)
    made = running.client.fine_tuning.jobs.create(
        model=NAME,
        training_file=running.upload(lines(TAUGHT)),
        validation_file=running.upload(lines(HELD_OUT)),
        seed=0,
        extra_body={"hyperparameters": {"n_epochs": 3, "batch_size": 6}},
    )
    job = running.until(made.id, "succeeded", patience=500)
    table = base64.b64decode(running.client.files.content(job.result_files[0]).content).decode().splitlines()
    losses = [float(line.split(",")[3]) for line in table[1:] if line.split(",")[3]]
    assert 3 == len(losses)
    assert losses[-1] < losses[0]
    after = right(running, job.fine_tuned_model)
    assert after >= 0.75
    assert after > before
