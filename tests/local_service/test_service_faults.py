from __future__ import annotations

import json
import time
from typing import Any

import openai
import pytest

from harness.errors import SuiteError
from suites.local_service.faults import read
from tests.local_service.conftest import BASE, Running, Start, lines


def batch(running: Running, *texts: str) -> Any:
    bodies = [{"model": BASE, "messages": [{"role": "user", "content": text}]} for text in texts]
    asked = [
        {"custom_id": f"r{i}", "method": "POST", "url": "/v1/chat/completions", "body": b}
        for i, b in enumerate(bodies)
    ]
    data = "\n".join(map(json.dumps, asked)).encode()
    file = running.client.files.create(file=("batch.jsonl", data), purpose="batch")
    made = running.client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", metadata={"run": "a"}
    )
    until = time.monotonic() + 10
    while made.status not in ("completed", "expired", "failed"):
        assert time.monotonic() < until
        time.sleep(0.01)
        made = running.client.batches.retrieve(made.id)
    return made


def ids(running: Running, file: str | None) -> list[str]:
    text = running.client.files.content(file).text if file else ""
    return [json.loads(line)["custom_id"] for line in text.splitlines()]


def test_a_batch_is_answered_line_by_line_under_the_ids_it_came_with(start: Start) -> None:
    running = start()
    made = batch(running, "a", "b", "c")
    assert ("completed", 3) == (made.status, made.request_counts.completed)
    assert ["r0", "r1", "r2"] == ids(running, made.output_file_id)
    assert [made.id] == [found.id for found in running.client.batches.list()]


def test_an_expired_batch_gives_what_was_answered_and_names_the_rest(start: Start) -> None:
    running = start("expire")
    made = batch(running, "a", "b", "c", "d")
    assert "expired" == made.status
    assert (["r0", "r1"], ["r2", "r3"]) == (ids(running, made.output_file_id), ids(running, made.error_file_id))


@pytest.mark.parametrize(
    ("fault", "code"), [("rate-limit", "rate_limit_exceeded"), ("quota", "insufficient_quota")]
)
def test_a_refusal_is_told_by_its_code_and_is_over_after_as_many(start: Start, fault: str, code: str) -> None:
    running = start(fault)
    with pytest.raises(openai.RateLimitError) as refused:
        running.ask("?")
    assert code == refused.value.code
    assert "ok" == running.ask("?").choices[0].message.content


@pytest.mark.parametrize(
    ("fault", "finish", "text"),
    [("odd-finish", "tired", "ok"), ("filter", "content_filter", ""), ("empty-length", "length", "")],
)
def test_an_answer_ends_otherwise_than_it_should(start: Start, fault: str, finish: str, text: str) -> None:
    (choice,) = start(fault).ask("?").choices
    assert (finish, text) == (choice.finish_reason, choice.message.content)


@pytest.mark.parametrize("fault", ["html", "truncated", "cut-off", "null-choices", "no-choices"])
def test_a_reply_that_is_none_was_served_all_the_same(start: Start, fault: str) -> None:
    running = start(fault)
    try:
        raw = running.client.chat.completions.with_raw_response.create(
            model=BASE, messages=[{"role": "user", "content": "?"}]
        )
        try:
            whole = json.loads(raw.content)
        except ValueError:
            whole = {}
        assert not whole.get("choices")
    except openai.APIConnectionError:
        assert "cut-off" == fault
    log = (running.service.folder / "served.jsonl").read_text().splitlines()
    assert [2] == [json.loads(line).get("tokens") for line in log]


def test_a_job_whose_reply_is_lost_is_there(start: Start) -> None:
    running = start("lost-create")
    with pytest.raises(openai.APIConnectionError):
        running.job(metadata={"run": "a"})
    assert 1 == len(list(running.client.fine_tuning.jobs.list(metadata={"run": "a"})))


def test_no_new_jobs_are_taken_where_that_is_closed(start: Start) -> None:
    with pytest.raises(openai.PermissionDeniedError) as refused:
        start("closed").job()
    assert "training_not_available" == refused.value.code


def test_jobs_fail_pause_and_say_words_that_nobody_knows(start: Start) -> None:
    running = start("fail")
    assert "server_error" == running.until(running.job().id, "failed").error.code
    running = start("pause")
    job = running.until(running.job().id, "paused")
    running.client.fine_tuning.jobs.resume(job.id)
    running.until(job.id, "succeeded")
    running = start("odd-state")
    job = running.job()
    running.until(job.id, "preparing_cluster")
    running.until(job.id, "succeeded")


def test_a_file_and_a_tuned_model_can_be_used_only_after_a_while(start: Start) -> None:
    running = start("late-file=0.3", "late-model=0.3")
    file = running.upload(lines())
    assert "uploaded" == running.client.files.retrieve(file).status
    with pytest.raises(openai.BadRequestError):
        running.job(training_file=file)
    time.sleep(0.31)
    assert "processed" == running.client.files.retrieve(file).status
    job = running.until(running.job(training_file=file).id, "succeeded")
    with pytest.raises(openai.NotFoundError):
        running.ask("?", job.fine_tuned_model)
    time.sleep(0.31)
    assert running.ask("?", job.fine_tuned_model)


def test_a_fault_that_nobody_knows_is_refused_with_those_there_are() -> None:
    with pytest.raises(SuiteError, match="Did you mean 'late-model'"):
        read(["late-modl=3"])
    with pytest.raises(SuiteError, match="'soon' is no number"):
        read(["late-model=soon"])
