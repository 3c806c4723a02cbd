from __future__ import annotations

import base64
import csv
import json
from pathlib import Path

import openai
import pytest

from suites.local_service import examples
from tests.local_service.conftest import ROWS, Start, closed, lines

FORMAT = closed("positive", "negative")


def test_a_job_goes_from_upload_to_a_model_that_answers_better(start: Start) -> None:
    running = start()
    made = running.job(validation_file=running.upload(lines(ROWS[:2])), suffix="mine", metadata={"run": "a"})
    assert "validating_files" == made.status
    job = running.until(made.id, "succeeded")
    assert ("ft:scripted-2026-01-01:local:mine:" + made.id[-8:], {"run": "a"}) == (
        job.fine_tuned_model,
        job.metadata,
    )
    assert 3 * sum(len(q.split()) + 1 for q, _ in ROWS) == job.trained_tokens  # three epochs of so few

    def answer(model: str) -> str:
        return str(
            json.loads(running.ask("the bed was sad", model, response_format=FORMAT).choices[0].message.content)[
                "answer"
            ]
        )

    assert ("positive", "negative") == (answer("scripted"), answer(job.fine_tuned_model))
    (kept, *_) = running.client.fine_tuning.jobs.checkpoints.list(job.id).data
    assert "negative" == answer(kept.fine_tuned_model_checkpoint)
    assert 9 == kept.step_number


def test_its_events_come_newest_first_and_its_result_file_has_a_line_for_each_step(start: Start) -> None:
    running = start()
    job = running.until(running.job(validation_file=running.upload(lines(ROWS[:2]))).id, "succeeded")
    said = [event.message for event in running.client.fine_tuning.jobs.list_events(job.id, limit=2)]
    assert said[0] == f"New fine-tuned model created: {job.fine_tuned_model}"
    assert said[-1].startswith("Created fine-tuning job")
    table = base64.b64decode(running.client.files.content(job.result_files[0]).content).decode()
    rows = list(csv.DictReader(table.splitlines()))
    assert [str(i) for i in range(1, 10)] == [row["step"] for row in rows]
    assert ["", "", "1", "", "", "0.5", "", "", "0.333333"] == [row["valid_loss"] for row in rows]


def test_jobs_are_listed_page_by_page_and_by_what_their_metadata_says(start: Start) -> None:
    running = start()
    made = [running.job(metadata={"run": run}).id for run in "aba"]
    jobs = running.client.fine_tuning.jobs
    first = jobs.list(limit=2)
    assert (made[:0:-1], True) == ([job.id for job in first.data], first.has_more)
    assert made[::-1] == [job.id for job in jobs.list(limit=2)]
    assert [made[2], made[0]] == [job.id for job in jobs.list(metadata={"run": "a"})]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (lines(ROWS[:9]), "9 example"),
        (lines() + b"{}\n", "line 19"),
        (lines().replace(b'"positive"', b'" "'), "empty"),
        (lines().replace(b"assistant", b"user"), "last two messages"),
    ],
    ids=["few", "no-messages", "empty", "no-answer"],
)
def test_a_file_that_cannot_be_trained_on_fails_its_job_and_says_why(start: Start, data: bytes, why: str) -> None:
    running = start()
    job = running.until(running.job(training_file=running.upload(data)).id, "failed")
    assert "invalid_training_file" == job.error.code
    assert why in job.error.message


def test_a_job_can_be_cancelled_once_and_its_file_and_model_deleted(start: Start) -> None:
    running = start("stuck")
    job = running.until(running.job().id, "queued")
    assert "cancelled" == running.client.fine_tuning.jobs.cancel(job.id).status
    with pytest.raises(openai.BadRequestError):
        running.client.fine_tuning.jobs.cancel(job.id)
    done = running.until(running.job().id, "succeeded")
    assert running.client.models.delete(done.fine_tuned_model).deleted
    with pytest.raises(openai.NotFoundError):
        running.ask("?", done.fine_tuned_model)
    assert running.client.files.delete(job.training_file).deleted
    with pytest.raises(openai.NotFoundError):
        running.client.files.retrieve(job.training_file)


def test_a_restarted_service_goes_on_with_its_jobs_and_knows_its_models(start: Start, tmp_path: Path) -> None:
    running = start()
    done, left = (running.until(running.job().id, "succeeded") for _ in range(2))
    start()  # which ends the one before it
    path = tmp_path / "service" / "jobs" / f"{left.id}.json"
    # As a killed one leaves it: under way, after its first epoch.
    killed: dict[str, object] = {"status": "running", "fine_tuned_model": None, "result_files": []}
    path.write_text(json.dumps(json.loads(path.read_text()) | killed))
    again = start()
    assert left.trained_tokens == again.until(left.id, "succeeded").trained_tokens
    assert (
        "negative"
        in again.ask("bed sad", done.fine_tuned_model, response_format=FORMAT).choices[0].message.content
    )


def test_answers_taught_as_json_are_asked_for_as_json(start: Start) -> None:
    running = start()
    taught = [(question, json.dumps({"answer": label})) for question, label in ROWS]
    job = running.until(running.job(training_file=running.upload(lines(taught))).id, "succeeded")
    reply = running.ask("the bed was sad", job.fine_tuned_model, response_format=FORMAT)
    assert '{"answer": "negative"}' == reply.choices[0].message.content


@pytest.mark.parametrize(("weight", "earlier"), [({}, True), ({"weight": 1}, True), ({"weight": 0}, False)])
def test_earlier_turns_of_weight_0_are_not_learnt(weight: dict[str, int], earlier: bool) -> None:
    turns = [("user", "hello", {}), ("assistant", "hi", weight), ("user", "bye", {}), ("assistant", "so long", {})]
    line = {"messages": [{"role": role, "content": text, **more} for role, text, more in turns]}
    [chat] = examples.read(json.dumps(line).encode(), least=1)
    assert ("so long", earlier) == (chat.answer, chat.earlier)
