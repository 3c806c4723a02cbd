"""`hosted-finetune` with a scripted provider."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from harness import Brief, Example, Message, Query, Row, Wording
from harness.errors import DataError
from harness.finetuning import FileRules
from harness.prompts import request
from harness.records import Failed
from harness.testing import ScriptedTuning, Tried, check_strategy, tiny_task, try_strategy
from harness.trainingfiles import Line
from harness_hosted.lines import Lines, Order, write
from harness_hosted.strategy import HostedFineTune

TINY = tiny_task()


class Shop:
    """A provider and a trial's folder; each `run` is an attempt."""

    def __init__(self, folder: Path, **script: Any) -> None:
        self.folder = folder
        self.script: dict[str, Any] = {"folder": folder / "provider", "states": ("running", "succeeded"), **script}

    @property
    def model(self) -> ScriptedTuning:
        return ScriptedTuning.model_validate(self.script)

    def run(
        self, *, tables: Mapping[str, Any] | None = None, task: dict[str, Any] | None = None, **params: Any
    ) -> Tried:
        strategy = HostedFineTune.model_validate({"model": "m", "poll_seconds": 0.01, **params})
        return try_strategy(
            strategy, folder=self.folder / "run", models={"m": self.model}, tables=tables, **(task or {})
        )

    def problem(self, **params: Any) -> str:
        """What an attempt that fails says; its status before it."""
        with pytest.raises(AssertionError):
            self.run(**params)
        header = json.loads((self.folder / "run" / "trials" / "tiny" / "tried" / "0-0" / "trial.json").read_text())
        return f"{header['status']}: {header['problem']['message']}"

    def lines(self, file: str = "file-1") -> list[dict[str, Any]]:
        text = self.model.provider.content(file).read_text(encoding="utf-8-sig")
        return [json.loads(line) for line in text.splitlines()]

    @property
    def state(self) -> dict[str, Any]:
        return self.model.provider.read()


def accuracy(tried: Tried) -> float:
    wanted = {example.query.id: example.targets for example in TINY.test}
    right = [bool(getattr(o, "answers", None) == wanted[i]) for i, o in tried.outcomes.items()]
    return sum(right) / len(right)


def test_it_keeps_the_contract(tmp_path: Path) -> None:
    model = ScriptedTuning(folder=tmp_path / "provider", states=("succeeded",))
    check_strategy(HostedFineTune(model="m", poll_seconds=0.01), folder=tmp_path / "kit", models={"m": model})
    assert 2 == len(model.provider.read()["jobs"]), "one for each fresh folder, none for the resume"


def test_a_tuned_model_answers_better_and_each_step_is_kept(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    tried = shop.run(epochs=2)
    assert 0.7 < accuracy(tried)
    steps = ["file", "uploaded", "job", "ended", "tuned", "rows", "epoch-1", "epoch-2", "best", "elapsed training"]
    assert [*steps, "deployed"] == list(tried.steps)
    assert 600.0 <= cast(float, tried.header.prepare_seconds) < 610.0, "the job's own time, not that of our looks"
    [order] = [job["order"] for job in shop.state["jobs"].values()]
    assert (2, "supervised", "file-2") == (order["epochs"], order["method"], order["validation_file"])


def test_it_is_trained_on_the_very_prompt_that_is_asked_later(tmp_path: Path) -> None:
    wording = Wording(system="Be curt.", instructions="Good or bad?", label_words={"positive": "good"})
    shop = Shop(tmp_path)
    tried = shop.run(wording=wording)
    lines = shop.lines()
    for example, line in zip(TINY.train, lines, strict=True):
        asked = request(TINY.brief, example.query, wording=wording).messages
        assert [message.model_dump() for message in asked] == line["messages"][:-1]
    [exchange, *_] = next(iter(tried.exchanges.values()))
    head = lines[0]["messages"][1]["content"].rpartition("\n")[0]
    assert ("Be curt.", head) == (exchange.messages[0].content, exchange.messages[1].content.rpartition("\n")[0])
    assert {"good", "negative"} == {line["messages"][-1]["content"] for line in lines}


def test_test_rows_never_reach_the_provider(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.run()
    sent = json.dumps([shop.lines("file-1"), shop.lines("file-2")])
    assert not [e.query.text for e in TINY.test if f'{e.query.text}"' in sent]
    assert all(f'{e.query.text}"' in sent for e in (*TINY.train, *TINY.validation))


@pytest.mark.parametrize("kind", ["labels", "fields", "text"])
def test_other_kinds_of_task_are_tuned_on_the_answer_as_it_is_read(tmp_path: Path, kind: Any) -> None:
    targets = {"labels": ("positive", "negative"), "fields": ('{"mood": "good"}',), "text": ("It was fine.",)}[
        kind
    ]
    said = {"labels": '["positive", "negative"]'}.get(kind, targets[0])
    schema = {"type": "object", "properties": {"mood": {"type": "string"}}} if kind == "fields" else None
    labels = {"positive": "", "negative": ""} if kind == "labels" else {}
    brief = Brief(name="tiny", instructions="Well?", kind=kind, labels=labels, answer_schema=schema)
    rows = [Example(query=Query(id=str(i), text=f"text {i}"), targets=targets) for i in range(4)]
    shop = Shop(tmp_path)
    tried = shop.run(task={"brief": brief, "train": rows, "validation": [], "queries": rows[:1]}, validation=False)
    assert {said} == {line["messages"][-1]["content"] for line in shop.lines()}
    [outcome] = tried.outcomes.values()
    assert not isinstance(outcome, Failed)
    assert targets == outcome.answers


def test_what_the_assistant_said_before_is_not_learnt(tmp_path: Path) -> None:
    history = (Message(role="user", content="hello"), Message(role="assistant", content="hi"))
    row = Example(query=Query(id="1", text="bye", history=history), targets=("positive",))
    shop = Shop(tmp_path)
    shop.run(task={"train": [row], "validation": []})
    [line] = shop.lines()
    assert [("user", None), ("assistant", 0), ("user", None), ("assistant", None)] == [
        (turn["role"], turn.get("weight")) for turn in line["messages"]
    ]


def test_preferences_are_tuned_from_a_table(tmp_path: Path) -> None:
    pairs = [
        Row(id=str(i), fields={"prompt": e.query.text, "chosen": e.targets[0], "rejected": "positive"})
        for i, e in enumerate(TINY.train)
        if e.targets != ("positive",)
    ]
    shop = Shop(tmp_path)
    tried = shop.run(method="dpo", pairs="wins", beta=0.2, tables={"wins": pairs})
    [line, *_] = shop.lines()
    assert ("negative", "positive") == (
        line["preferred_output"][0]["content"], line["non_preferred_output"][0]["content"]
    )  # fmt: skip
    assert pairs[0].fields["prompt"] in line["input"]["messages"][-1]["content"]
    [job] = shop.state["jobs"].values()
    assert ("dpo", 0.2, None) == (job["order"]["method"], job["order"]["beta"], job["order"]["validation_file"])
    assert 15 == len(tried.outcomes)


def test_pairs_about_test_rows_are_told(tmp_path: Path) -> None:
    texts = [TINY.test[0].query.text.upper(), *(e.query.text for e in TINY.train[:11])]
    pairs = [
        Row(id=f"pair-{i}", fields={"prompt": text, "chosen": "positive", "rejected": "negative"})
        for i, text in enumerate(texts)
    ]
    tried = Shop(tmp_path / "a").run(method="dpo", pairs="wins", tables={"wins": pairs})
    [told] = [said for said in tried.warnings if "test row" in said]
    assert "table 'wins' has the text of a test row in 1 row (pair-0)" in told
    tried = Shop(tmp_path / "b").run(method="dpo", pairs="wins", tables={"wins": pairs[1:]})
    assert not [said for said in tried.warnings if "test row" in said]


def test_a_pair_without_a_column_or_with_another_label_is_refused(tmp_path: Path) -> None:
    bad = Row(id="7", fields={"prompt": "x", "chosen": "great", "rejected": "positive"})
    said = Shop(tmp_path / "a").problem(method="dpo", pairs="wins", tables={"wins": [bad]})
    assert "pair '7': chosen is 'great', which is no label" in said
    less = Row(id="8", fields={"prompt": "x", "chosen": "positive"})
    said = Shop(tmp_path / "b").problem(method="dpo", pairs="wins", tables={"wins": [less]})
    assert "pair '8' has no 'rejected'" in said


def test_training_is_reserved_from_above_and_booked_as_trained(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    tried = shop.run()
    [entry] = [each for each in tried.paid if each.usage.training_tokens]
    ended, file = (cast(dict[str, Any], tried.steps[name]) for name in ("ended", "file"))
    assert ("scripted/ft:base", ended["trained_tokens"]) == (entry.usage.model, entry.usage.training_tokens)
    assert 3 * file["tokens"] == file["upper_tokens"] > entry.usage.training_tokens
    assert () == tried.warnings


def test_tokens_that_are_not_told_are_booked_from_above_with_a_warning(tmp_path: Path) -> None:
    tried = Shop(tmp_path, tells_tokens=False).run()
    [entry] = [each for each in tried.paid if each.usage.training_tokens]
    assert cast(dict[str, Any], tried.steps["file"])["upper_tokens"] == entry.usage.training_tokens
    assert "are an estimate from above" in tried.warnings[0]


def test_a_failed_job_fails_the_trial_and_a_resume_makes_another(tmp_path: Path) -> None:
    shop = Shop(tmp_path, states=("running", "failed"), error="row 3 is odd")
    assert (
        "failed: scripted job job-1 ended as 'failed': row 3 is odd. --resume makes another one" == shop.problem()
    )
    shop.script["states"] = ("running", "succeeded")
    tried = shop.run()
    assert ["job job-1 was failed: another one was made"] == [w for w in tried.warnings if "another" in w]
    assert (2, 2) == (len(shop.state["jobs"]), len(shop.state["files"])), "the files are sent once"
    assert 1 == sum(entry.usage.training_tokens > 0 for entry in tried.paid), "a failed job costs nothing"
    again = shop.run()
    assert (2, again.outcomes) == (len(shop.state["jobs"]), tried.outcomes)


def test_at_the_deadline_a_job_is_left_and_a_resume_takes_it_up(tmp_path: Path) -> None:
    shop = Shop(tmp_path, states=("running",))
    said = shop.problem(deadline_hours=1e-6)
    assert said.startswith("stopped: job job-1 is still 'running' at scripted after 1e-06 hours")
    shop.script["states"] = ("succeeded",)
    tried = shop.run(deadline_hours=1e-6)
    assert ("finished", 1) == (tried.header.status, len(shop.state["jobs"]))


def test_at_the_deadline_a_job_is_cancelled_where_the_suite_says_so(tmp_path: Path) -> None:
    shop = Shop(tmp_path, states=("running",) * 50)
    said = shop.problem(deadline_hours=1e-6, at_deadline="cancel")
    assert said.startswith("failed: scripted job job-1 ended as 'cancelled'")
    assert 1 == shop.state["calls"]["cancel"]


def test_unknown_states_go_on_and_a_pause_is_said(tmp_path: Path) -> None:
    tried = Shop(tmp_path, states=("waiting", "thinking_about_it", "paused", "running", "succeeded")).run()
    assert ("job job-1 was paused at scripted: it goes on once resumed there",) == tried.warnings


def test_a_job_that_is_not_found_right_after_it_was_made_is_looked_for_again(tmp_path: Path) -> None:
    shop = Shop(tmp_path, faults={"job": ("not-found", "not-found")})
    tried = shop.run()
    assert ("finished", 1) == (tried.header.status, len(shop.state["jobs"]))
    gone = Shop(tmp_path / "gone", faults={"job": ("not-found",) * 20})
    assert gone.problem().startswith("failed: ")
    assert 1 == len(gone.state["jobs"])


def test_a_job_without_a_name_for_its_model_yet_is_no_reason_to_make_another(tmp_path: Path) -> None:
    shop = Shop(tmp_path, nameless=3)
    tried = shop.run()
    assert ("finished", 1) == (tried.header.status, len(shop.state["jobs"]))


def test_a_file_that_is_not_ready_is_waited_for_and_one_that_expired_is_sent_again(tmp_path: Path) -> None:
    slow = Shop(tmp_path / "slow", unready=2)
    slow.run()
    assert 6 == slow.state["calls"]["file_ready"]
    gone = Shop(tmp_path / "gone", faults={"file_ready": ("not-found",)})
    tried = gone.run()
    assert ("an uploaded file was gone before its job was made: it was sent again",) == tried.warnings
    assert "file-3" == gone.state["jobs"]["job-1"]["order"]["training_file"]


def test_a_file_that_never_gets_ready_is_left_to_a_resume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness_hosted.life._FILE_SECONDS", 0.05)
    shop = Shop(tmp_path, unready=50)
    assert "still looks through file-1" in shop.problem()
    assert ({}, 2) == (shop.state["jobs"], shop.state["calls"]["upload"])
    shop.script["unready"] = 0
    tried = shop.run()
    assert ("finished", 2) == (tried.header.status, shop.state["calls"]["upload"])


def test_a_model_that_is_not_found_at_first_is_waited_for(tmp_path: Path) -> None:
    tried = Shop(tmp_path, late=2).run()
    assert not [o for o in tried.outcomes.values() if isinstance(o, Failed)]


def test_a_deployed_model_is_asked_by_its_own_name(tmp_path: Path) -> None:
    tried = Shop(tmp_path, deploys=True).run()
    assert {"name": "deployed-job-1"} == tried.steps["deployed"]
    assert "keeps 'deployed-job-1' ready, and may bill it by the hour" in tried.warnings[0]
    assert 0.7 < accuracy(tried)


def test_a_closed_provider_is_not_our_bug_and_gives_the_reservation_back(tmp_path: Path) -> None:
    shop = Shop(tmp_path, faults={"create": ("closed",)})
    assert shop.problem().startswith("failed: scripted: it was planted: closed")
    lines = [json.loads(line) for line in (tmp_path / "run" / "budget.jsonl").read_text().splitlines()]
    assert {"settled": True}.items() <= [line for line in lines if "spend" in line["name"]][-1].items()
    tried = shop.run()
    assert 1 == sum(entry.usage.training_tokens > 0 for entry in tried.paid)


def test_too_few_rows_and_a_method_that_the_provider_lacks_are_said_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    few = Shop(tmp_path / "few", minimum=50)
    assert "50" in few.problem()
    assert "upload" not in few.state["calls"]
    supervised = Shop(tmp_path / "dpo", methods=("supervised",))
    pairs = [Row(id="1", fields={"prompt": "x", "chosen": "positive", "rejected": "negative"})]
    assert "does not tune by 'dpo'" in supervised.problem(method="dpo", pairs="p", tables={"p": pairs})


def test_a_validation_file_that_is_too_large_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    def line(text: str) -> Line:
        return Line(({"role": "user", "content": text},), ({"role": "assistant", "content": "yes"},))

    order = Order(tmp_path, FileRules(provider="p", file_bytes=1000), "m", None)
    small, large = [line("short")], [line("long " * 400)]
    write(Lines(small, small), order)
    with pytest.raises(DataError, match="the validation file has"):
        write(Lines(small, large), order)


def test_pairs_and_dpo_go_together() -> None:
    with pytest.raises(ValueError, match="method dpo needs `pairs`"):
        HostedFineTune(model="m", method="dpo")
    with pytest.raises(ValueError, match="pairs are for method dpo alone"):
        HostedFineTune(model="m", pairs="p")
    with pytest.raises(ValueError, match=r"beta 0\.1 is for method dpo alone"):
        HostedFineTune(model="m", beta=0.1)


def test_what_the_provider_says_is_told_once(tmp_path: Path) -> None:
    shop = Shop(tmp_path, states=("running",))
    shop.problem(deadline_hours=1e-6)
    shop.script["states"] = ("running", "succeeded")
    shop.run(deadline_hours=1e-6)
    told = (
        (tmp_path / "run" / "trials" / "tiny" / "tried" / "0-0" / "fit" / "events.jsonl").read_text().splitlines()
    )
    assert ["job-1-0", "job-1-1"] == [json.loads(line)["id"] for line in told]
