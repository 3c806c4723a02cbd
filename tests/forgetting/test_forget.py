"""A run that is forgotten has its figures and none of its texts, however often it was cut off on the way."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.api import Run, compare
from harness.errors import StoreError, SuiteError
from harness.forgetting.forget import forget
from harness.gating.making import text as baseline_text
from harness.running.prediction import find_trial
from harness.running.runner import Options
from harness.running.store import CACHE

SECRETS = ("the room was", "great", "lovely", "Secretly", "the total", "surely")


# Kills itself before the nth file is replaced or deleted.
KILLED = """
import os, signal, sys
from harness.api import Run
from harness.forgetting.forget import forget
run = Run(sys.argv[1])
run.loaded
left = int(sys.argv[2])
def heard(event, args):
    global left
    if event in ("os.rename", "os.remove") and sys.argv[1] in str(args[0]):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(heard)
forget(run.folder, run.loaded)
"""


def figures(run: Run) -> dict[str, object]:
    """All that scripts read, without what tells of single rows."""
    from harness.report.files import json_text

    told = json.loads(json_text(Run(run.folder).compare().compared, texts=False))
    return {name: value for name, value in told.items() if name not in ("diagnoses", "data")}


def found(folder: Path, *, but: tuple[str, ...] = ("suite.json",)) -> list[str]:
    """Files that hold any of the texts; the suite's own words are the user's file."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in but]
    return [str(p.relative_to(folder)) for p in files if any(word.encode() in p.read_bytes() for word in SECRETS)]


def test_figures_stay_and_texts_go(labelled: Run) -> None:
    before, results = figures(labelled), labelled.folder.path.parent
    labelled.write(labelled.folder.path / "report.html")
    (labelled.folder.path / "data" / ".reviews.jsonl.ab12cd_9").write_text("the room was great")  # of a kill
    assert len(found(results)) >= 5
    gone = forget(labelled.folder, labelled.loaded)
    assert (60, []) == (gone.rows, gone.untouched)
    assert gone.cached > 50
    assert gone.bytes > 10_000
    assert [] == found(results)
    assert b"channel" not in (labelled.folder.path / "data" / "reviews.jsonl").read_bytes()
    assert before == figures(labelled)
    [task] = Run(labelled.folder).compare().tasks
    assert {"channel", "text length"} == {each.column for each in task.diagnosis.slices}


@pytest.mark.parametrize("worded", ["token_f1", "bleu", "field_accuracy", "field_f1"], indirect=True)
def test_figures_of_free_answers_stay_too(worded: Run) -> None:
    before, results = figures(worded), worded.folder.path.parent
    assert 0 < before["rows"][0]["value"] < 1  # type: ignore[index]
    forget(worded.folder, worded.loaded)
    assert [] == found(results)
    assert before == figures(worded)


@pytest.mark.parametrize("worded", ["token_f1"], indirect=True)
def test_paired_tests_of_free_answers_under_another_limit_use_the_scores_that_were_kept(worded: Run) -> None:
    limits = {"minimum": {"token_f1": 0.1}, "margin": 0.1}
    before = worded.compare(decide=limits).tasks[0].recommendation
    forget(worded.folder, worded.loaded)
    assert before == Run(worded.folder).compare(decide=limits).tasks[0].recommendation


def test_forgetting_twice_changes_nothing_more(labelled: Run) -> None:
    forget(labelled.folder, labelled.loaded)
    files = [p for p in sorted(labelled.folder.path.rglob("*")) if p.is_file() and p.name != ".lock"]
    first = {path: path.read_bytes() for path in files}
    forget(labelled.folder, labelled.loaded)
    assert first == {path: path.read_bytes() for path in files}


@pytest.mark.parametrize("worded", ["token_f1"], indirect=True)
def test_a_forgetting_that_is_killed_is_ended_by_the_next(worded: Run) -> None:
    before, path = figures(worded), worded.folder.path
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    states = []
    for moment in (2, 3, 4):  # in its first, second and third attempt
        command = [sys.executable, "-c", KILLED, str(path), str(moment)]
        ended = subprocess.run(command, env=env, check=False, timeout=120)
        assert -signal.SIGKILL == ended.returncode
        states.append((len(found(path)), (path / "kept" / "begun").exists()))
        assert Run(path).header.forgotten is None
    assert [False, True, True] == [begun for _, begun in states]
    assert states[0][0] > states[2][0] > 0
    with pytest.raises(StoreError, match="was cut off: `harness forget"):
        find_trial(worded.folder, "asks", None, None)
    forget(worded.folder, worded.loaded)
    assert [] == found(path.parent)
    assert before == figures(worded)


def test_what_needs_texts_says_that_they_are_gone(labelled: Run) -> None:
    from harness import run as run_suite

    forget(labelled.folder, labelled.loaded)
    with pytest.raises(StoreError, match=r"nothing can be answered, and the texts of run .* were forgotten on 20"):
        find_trial(labelled.folder, "asks", None, None)
    with pytest.raises(StoreError, match="the run cannot go on"):
        run_suite(labelled.loaded, options=Options(resume=labelled.folder))
    html = Run(labelled.folder).compare().to_html()
    assert "The texts and prompts of" in html
    assert "\u2588" not in html


def test_a_run_that_is_at_work_is_not_forgotten(labelled: Run) -> None:
    with labelled.folder.locked(), pytest.raises(StoreError, match="another process is at work"):
        forget(labelled.folder, labelled.loaded)


def test_a_forgotten_run_is_compared_with_another_row_by_row(labelled: Run, suite: Path) -> None:
    from harness import run as run_suite

    other = run_suite(suite, options=Options(results=suite.parent / "results"))
    before = compare(other, labelled).tasks[0].pairs
    forget(labelled.folder, labelled.loaded)
    after = compare(other, Run(labelled.folder)).tasks[0]
    assert (30, before) == (after.pairing.rows, after.pairs)


@pytest.mark.parametrize("worded", ["token_f1"], indirect=True)
def test_a_forgotten_run_of_free_answers_is_compared_alone(worded: Run) -> None:
    from harness import run as run_suite

    other = run_suite(worded.loaded, options=Options(results=worded.folder.path.parent))
    forget(worded.folder, worded.loaded)
    with pytest.raises(SuiteError, match="such a run is compared alone"):
        compare(other, Run(worded.folder))


def test_answers_of_another_run_stay_in_the_cache_unless_both_asked_the_same(labelled: Run) -> None:
    from harness.calls.cache import Cache, request_key
    from harness.models import Completion, Request
    from harness.records import Message, Usage

    request = Request(messages=(Message(role="user", content="another question"),))
    key = request_key("m", request)
    with Cache(labelled.folder.path.parent / CACHE) as cache:
        cache.store(key, Completion(text="kept", usage=Usage(model="m")))
    forget(labelled.folder, labelled.loaded)
    with Cache(labelled.folder.path.parent / CACHE) as cache:
        assert (1, 0) == cache.stats()[:2]
        assert cache.completion(key) is not None


def test_a_run_whose_suite_does_not_load_any_more_is_forgotten_without_figures(labelled: Run) -> None:
    forget(labelled.folder, None)
    assert [] == found(labelled.folder.path.parent)
    assert 30 == Run(labelled.folder).rows()[0].n


def test_a_baseline_of_a_forgotten_run_is_the_same(labelled: Run) -> None:
    from harness.gating.making import make

    before = baseline_text(make(labelled.compare().compared))
    forget(labelled.folder, labelled.loaded)
    assert before == baseline_text(make(Run(labelled.folder).compare().compared))


def test_the_command_asks_first_and_says_what_went(
    labelled: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from harness.cli.main import main

    monkeypatch.chdir(labelled.folder.path.parent.parent)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    with pytest.raises(SystemExit):
        main(["forget", "latest"])
    assert "Nothing was removed" in capsys.readouterr().out
    assert len(found(labelled.folder.path)) > 2
    (labelled.folder.path / "mine.txt").write_text("my own")
    with pytest.raises(SystemExit) as ended:
        main(["forget", "latest", "--yes"])
    said = capsys.readouterr().out
    assert ended.value.code in (0, None)
    assert "60 texts" in said
    assert "mine.txt, which the harness did not write" in said
    assert [] == found(labelled.folder.path.parent)
    assert "were forgotten on" in (labelled.folder.path / "report.html").read_text()
    for words in (["ls"], ["show", "latest"]):
        with pytest.raises(SystemExit):
            main(words)
        assert "forgotten" in capsys.readouterr().out


def test_the_viewer_lists_a_forgotten_run_and_shows_no_row_of_it(labelled: Run) -> None:
    from harness.viewing.runlist import RunLine
    from harness.viewing.shelf import Shelf

    forget(labelled.folder, labelled.loaded)
    assert "complete, texts forgotten 20" in RunLine("r", labelled.folder).state
    shelf = Shelf(lambda: [labelled.folder], lambda folder: [])
    with pytest.raises(StoreError, match="there is no text to show"):
        shelf.index(labelled.folder, "reviews")


@pytest.mark.parametrize("worded", ["field_accuracy"], indirect=True)
def test_one_strategy_of_a_forgotten_run_of_objects_is_compared_without_its_fields(worded: Run) -> None:
    forget(worded.folder, worded.loaded)
    [task] = compare(Run(worded.folder), strategies=["asks"]).tasks
    assert (("asks",), ()) == (tuple(each.name for each in task.strategies), task.diagnosis.fields)
