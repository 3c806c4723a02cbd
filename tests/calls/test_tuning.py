"""A provider's fine-tuning behind what makes it safe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.calls.patience import Asker
from harness.calls.tuning import SafeTuning
from harness.calls.tuning_book import TuningBook
from harness.errors import ModelError, StillRunning, TuningRefused
from harness.finetuning import JobOrder, TuningJob
from harness.models import CallFailed
from harness.testing import ScriptedTuning
from harness.testing.tuning import ScriptedFineTuning

LINE = '{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes"}]}\n'


class Desk:
    """A provider, and a run's way to it; each `safe` is another process's."""

    def __init__(self, folder: Path, **script: Any) -> None:
        self.folder = folder
        self.script = ScriptedTuning(folder=folder / "provider", **script)
        self.slept: list[float] = []
        self.said: list[str] = []
        (folder / "train.jsonl").write_text(LINE)

    def safe(self, **script: Any) -> SafeTuning:
        model = self.script.model_copy(update=script)
        asker = Asker("t/tuned/0-0", "m", self.slept.append, self.said.append)
        return SafeTuning(ScriptedFineTuning(model), TuningBook(self.folder / "jobs.jsonl"), asker)

    def uploaded(self, key: str = "run/train") -> str:
        return self.safe(faults={}).upload(self.folder / "train.jsonl", key)

    def order(self, file: str = "file-1", key: str = "run/job") -> JobOrder:
        return JobOrder(key=key, training_file=file)

    def made(self, what: str) -> int:
        return len(self.script.provider.read()[what])

    def calls(self, call: str) -> int:
        return int(self.script.provider.read()["calls"].get(call, 0))


def test_what_was_made_under_a_key_is_not_made_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert "file-1" == desk.uploaded() == desk.uploaded()
    assert "job-1" == desk.safe().create(desk.order()).id == desk.safe().create(desk.order()).id
    assert (1, 1) == (desk.made("files"), desk.made("jobs"))
    assert (0, 0) == (desk.calls("find"), desk.calls("find_file"))


@pytest.mark.parametrize("fault", ["lost", "timeout", "server"])
def test_after_an_unclear_ending_the_list_is_asked_before_another_attempt(tmp_path: Path, fault: str) -> None:
    desk = Desk(tmp_path, faults={"create": [fault], "upload": [fault]})
    file = desk.safe().upload(tmp_path / "train.jsonl", "run/train")
    assert "job-1" == desk.safe().create(desk.order(file)).id
    assert (1, 1) == (desk.made("files"), desk.made("jobs"))
    assert {"lost": 1}.get(fault, 2) == desk.calls("create") == desk.calls("upload")


def test_a_list_that_is_behind_is_looked_at_for_as_long_as_it_may_be(tmp_path: Path) -> None:
    desk = Desk(tmp_path, faults={"create": ["lost"]}, behind=3, lag_seconds=20.0)
    desk.uploaded()
    assert "job-1" == desk.safe().create(desk.order()).id
    assert (1, 1, 4) == (desk.made("jobs"), desk.calls("create"), desk.calls("find"))
    assert 20.0 == pytest.approx(sum(desk.slept[1:]))


def test_an_intent_without_an_id_is_looked_for_by_the_next_process(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.uploaded()
    for _ in range(2):  # two processes that were killed before they read the answer
        killed = desk.safe()
        with pytest.raises(KeyboardInterrupt):
            killed._once("job", "run/job", lambda _: None, _interrupt)
    assert "job-1" == desk.safe().create(desk.order()).id
    sent = {held.sent for held in TuningBook(tmp_path / "jobs.jsonl").all() if held.what == "job"}
    assert 1 == len(sent), "the provider knows the job by one key in all attempts"


def _interrupt(sent: str) -> tuple[str, None]:
    raise KeyboardInterrupt


def test_an_attempt_that_never_ends_well_is_given_up_and_looked_for_later(tmp_path: Path) -> None:
    desk = Desk(tmp_path, faults={"create": ["timeout"] * 3})
    desk.uploaded()
    with pytest.raises(ModelError, match="--resume looks for the job first") as caught:
        desk.safe().create(desk.order())
    assert not isinstance(caught.value, TuningRefused), "it may have been made: nothing is given back"
    assert 3 == desk.calls("create")
    assert "job-1" == desk.safe().create(desk.order()).id


def test_a_limit_is_waited_for_as_the_provider_asks_and_nothing_is_looked_for(tmp_path: Path) -> None:
    desk = Desk(tmp_path, faults={"create": ["rate-limit", "rate-limit"]})
    desk.uploaded()
    desk.safe().create(desk.order())
    assert [0.01, 0.01] == desk.slept
    assert (3, 0, 1) == (desk.calls("create"), desk.calls("find"), desk.made("jobs"))


@pytest.mark.parametrize(
    ("fault", "says"),
    [("closed", "it was planted: closed"), ("quota", "the account has no credit"), ("auth", "planted: auth")],
)
def test_a_refusal_says_what_it_is_and_is_not_tried_again(tmp_path: Path, fault: str, says: str) -> None:
    desk = Desk(tmp_path, faults={"create": [fault]})
    desk.uploaded()
    with pytest.raises(TuningRefused, match=says) as caught:
        desk.safe().create(desk.order())
    assert (fault, 1) == (caught.value.kind, desk.calls("create"))
    assert "job-1" == desk.safe().create(desk.order()).id  # once the account is in order
    assert 0 == desk.calls("find"), "nothing was made, so there is nothing to look for"


def test_a_refused_file_says_so(tmp_path: Path) -> None:
    desk = Desk(tmp_path, faults={"file_ready": ["file"]})
    with pytest.raises(TuningRefused, match="scripted: the training file is refused: it was planted: file"):
        desk.safe().file_ready(desk.uploaded())


def test_reads_are_tried_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path, faults={"job": ["server", "timeout", "rate-limit"], "events": ["server"]})
    desk.uploaded()
    job = desk.safe().create(desk.order())
    assert "waiting" == desk.safe().job(job.id).state
    assert 1 == len(desk.safe().events(job.id))


def test_a_provider_that_is_out_of_reach_for_an_hour_leaves_the_job_to_go_on(tmp_path: Path) -> None:
    desk = Desk(tmp_path, faults={"job": ["server"] * 400})
    desk.uploaded()
    job = desk.safe().create(desk.order())

    class Slow(ScriptedFineTuning):
        def _call(self, call: str, effect: Any) -> Any:
            try:
                return super()._call(call, effect)
            except Exception as error:
                error.after = 120.0  # type: ignore[attr-defined]
                raise

    asker = Asker("t", "m", desk.slept.append, desk.said.append)
    with pytest.raises(StillRunning, match="--resume takes it up"):
        SafeTuning(Slow(desk.script), TuningBook(tmp_path / "jobs.jsonl"), asker).job(job.id)
    assert 3600 == sum(desk.slept)


def test_two_runs_of_one_name_do_not_take_each_others_job(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    mine, other = Desk(tmp_path), Desk(tmp_path / "other")
    other.script = mine.script.model_copy(update={"faults": {"create": ["", "lost"]}})  # one account
    mine.uploaded()
    assert "job-1" == mine.safe(faults={"create": [""]}).create(mine.order()).id
    assert "job-2" == other.safe().create(other.order()).id


def test_deleting_is_put_off_until_the_run_is_whole(tmp_path: Path) -> None:
    desk = Desk(tmp_path, states=("succeeded",))
    file = desk.uploaded()
    job = desk.safe().create(desk.order(file))
    model = str(desk.safe().job(job.id).model)
    desk.safe().delete_file(file)
    desk.safe().delete_model(model)
    assert [] == desk.script.provider.read()["deleted"]
    book = TuningBook(tmp_path / "jobs.jsonl")
    assert {file, model} == {held.id for held in book.all() if held.stage == "unwanted"}
    assert model in desk.safe().endpoint(model).identity
    held = book.of_id("model", model)
    assert held is not None
    book.put(held, stage="deleted")
    with pytest.raises(ModelError, match="was deleted with scripted"):
        desk.safe().endpoint(model)


def test_a_place_among_an_accounts_jobs_is_waited_for_a_day(tmp_path: Path) -> None:
    desk = Desk(tmp_path)

    class Full(ScriptedFineTuning):
        def create(self, order: JobOrder) -> TuningJob:
            raise CallFailed("rate-limit", "three jobs at once", retry=True)

    asker = Asker("t", "m", desk.slept.append, desk.said.append)
    safe = SafeTuning(Full(desk.script), TuningBook(tmp_path / "jobs.jsonl"), asker)
    with pytest.raises(ModelError, match="three jobs at once"):
        safe.create(desk.order())
    assert 23.9 * 3600 < sum(desk.slept) <= 24 * 3600


def test_a_list_that_is_behind_for_longer_than_one_look_is_looked_at_before_each_attempt(tmp_path: Path) -> None:
    desk = Desk(tmp_path, faults={"create": ["lost", "rate-limit"]}, behind=6)
    desk.uploaded()
    assert "job-1" == desk.safe().create(desk.order()).id
    assert (1, 2) == (desk.made("jobs"), desk.calls("create"))


def test_a_job_that_a_killed_process_made_is_found_by_the_next(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.uploaded()
    killed = desk.safe()

    def make(sent: str) -> tuple[str, TuningJob]:
        killed._tuning.create(desk.order().model_copy(update={"key": sent}))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed._once("job", "run/job", lambda _: None, make)
    assert "job-1" == desk.safe().create(desk.order()).id
    assert 1 == desk.made("jobs")
