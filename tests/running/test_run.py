"""Whole runs: kept, killed, taken up again, side by side."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.api import Run, resumable
from harness.errors import BudgetError, DataError, StoreError, SuiteError
from harness.records import Outcome, Prediction
from harness.running.runner import Options
from harness.running.store import RunFolder, runs
from harness.suite.load import load_suite

SLOW = '''
"""Answers by a rule, slowly; keeps a diary of what it did."""
import time
from contextlib import contextmanager
from pathlib import Path
from harness import Prediction, Record, Strategy, Usage


class Done(Record):
    step: int


class Slow(Strategy):
    diary: str
    seconds: float = 0.02

    @contextmanager
    def prepare(self, brief, train, validation, context):
        for number in range(3):
            context.step(f"step {number}", Done, lambda number=number: self.work(number, context))
        yield self

    def work(self, number, context):
        time.sleep(self.seconds)
        self.write(f"step {number}")
        with context.spend(Usage(model="this", device_seconds=2.0)) as spending:
            spending.actual(Usage(model="this", device_seconds=1.0))
        return Done(step=number)

    def answer(self, queries):
        for query in queries:
            time.sleep(self.seconds)
            self.write(query.id)
            yield Prediction(query_id=query.id, answers=("positive" if "great" in query.text else "negative",))

    def write(self, line):
        with Path(self.diary).open("a") as diary:
            diary.write(line + "\\n")
'''


def options(suite: Path, **more: Any) -> Options:
    return Options(results=suite.parent / "results", **more)


def answers(run: Run) -> dict[tuple[str, str], tuple[str, ...]]:
    found = {}
    for trial in run.folder.trials():
        for outcome in trial.outcomes():
            assert isinstance(outcome.result, Prediction)
            found[trial.header.key.strategy, outcome.query_id] = outcome.result.answers
    return found


def add_slow(suite: Path, seconds: float = 0.02) -> Path:
    """Puts the slow strategy into the suite; returns its diary."""
    diary = suite.parent / "diary"
    (suite.parent / "slow.py").write_text(SLOW)
    entry = f'  - {{name: slow, use: "./slow.py:Slow", with: {{diary: "{diary}", seconds: {seconds}}}}}\n'
    suite.write_text(suite.read_text().replace("latency_sample", entry + "latency_sample"))
    return diary


def command(suite: Path, *more: str, **kwargs: Any) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "harness", "run", suite.name, *more]
    process: subprocess.Popen[str] = subprocess.Popen(
        words,
        cwd=suite.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **kwargs,
    )
    return process


def wait_for(happened: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_every_strategy_answers_the_same_rows_and_the_figures_follow_from_them(suite: Path) -> None:
    run = harness.run(suite, options=options(suite))
    rows = {row.strategy: row for row in run.rows()}
    assert ["asks", "shots", "near", "majority", "tf-idf"] == list(rows)
    assert {30} == {row.n for row in rows.values()}
    test = {e.query.id: e for e in run.folder.data("reviews").test}
    right = sum(
        ("positive" if "great" in e.query.text or "lovely" in e.query.text else "negative") == e.targets[0]
        for e in test.values()
    )
    assert right / 30 == pytest.approx(rows["asks"].value)
    assert rows["asks"].low is not None
    assert rows["asks"].low < right / 30 < (rows["asks"].high or 0)
    assert rows["shots"].chosen in ("shots[shots=1]", "shots[shots=2]")
    assert 5 == rows["asks"].timed
    assert rows["asks"].p95_seconds is None  # five rows bound no 95th percentile
    assert rows["asks"].dollars_per_month is not None
    assert run.header.finished is not None


def test_a_run_keeps_suite_versions_hardware_data_and_prompts(suite: Path) -> None:
    folder = harness.run(suite, options=options(suite)).folder
    header = folder.header
    assert {"python", "harness", "numpy"} <= set(header.versions)
    assert header.hardware.cores >= 1
    assert 0o700 == folder.path.stat().st_mode & 0o777
    assert "asks" in json.dumps(folder.suite)
    assert 20 == header.data["reviews"].train
    outcome = next(t for t in folder.trials() if t.header.key.strategy == "asks").outcomes()
    assert "positive, negative" in next(iter(outcome)).exchanges[0].messages[0].content


def test_test_rows_looked_at_before_are_counted(suite: Path) -> None:
    first = harness.run(suite, options=options(suite))
    second = harness.run(suite, options=options(suite))
    assert [{"reviews": 0}, {"reviews": 1}] == [dict(r.header.looks) for r in (first, second)]


def test_a_run_killed_at_any_moment_ends_as_an_unbroken_one_and_repeats_nothing(suite: Path) -> None:
    diary = add_slow(suite)
    unbroken = harness.run(suite, options=options(suite, strategies=("slow", "asks"), cache=False))
    assert 3 + 1 + 30 == len(lines(diary))  # steps, the warm-up, the test rows
    diary.unlink()
    results = suite.parent / "killed"
    for moment in (1, 4, 12, 25):  # in prepare, in the warm-up, in the sample or bulk, near the end
        more = ["--resume"] if results.exists() and runs(results) else []
        process = command(
            suite, "--strategy", "slow", "--strategy", "asks", "--no-cache", "--results", "killed", *more
        )
        wait_for(lambda moment=moment: len(lines(diary)) >= moment)  # type: ignore[misc]
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    loaded = load_suite(suite)
    folder = resumable(loaded, results)
    resumed = harness.run(
        load_suite(suite), options=Options(results=results, resume=folder, strategies=("slow", "asks"))
    )
    assert answers(unbroken) == answers(resumed)
    asked = [line for line in lines(diary) if not line.startswith("step")]
    train = {e.query.id for e in resumed.folder.data("reviews").train}
    tested = [line for line in asked if line not in train]
    # What was under way when it was killed may be asked again: at most one row a kill.
    assert len(tested) <= 30 + 4
    assert {"step 0", "step 1", "step 2"} == {line for line in lines(diary) if line.startswith("step")}
    by_strategy = {row.strategy: row for row in resumed.rows()}
    before = {row.strategy: row for row in unbroken.rows()}
    assert before["slow"].value == by_strategy["slow"].value
    # Three steps of a second each, whatever was lost in between.
    spent = [e for t in resumed.folder.trials() for e in t.ledger() if "spend" in e.name]
    assert 3.0 == sum(e.usage.device_seconds for e in spent)


def test_ctrl_c_stops_with_130_and_says_how_to_go_on(suite: Path) -> None:
    diary = add_slow(suite)
    process = command(suite, "--strategy", "slow")
    wait_for(lambda: len(lines(diary)) >= 6)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert 130 == process.returncode
    assert "--resume goes on" in said
    assert "Traceback" not in said
    again = command(suite, "--resume")
    out, said = again.communicate(timeout=120)
    assert 0 == again.returncode, said
    assert "slow" in out


def test_two_runs_at_once_do_not_disturb_each_other(suite: Path) -> None:
    add_slow(suite)
    both = [command(suite, "--strategy", "slow", "--strategy", "asks") for _ in range(2)]
    told = [process.communicate(timeout=120) for process in both]
    assert [0, 0] == [process.returncode for process in both], told
    found = runs(suite.parent / "results")
    assert 2 == len(found)
    first, second = (answers(Run(folder)) for folder in found)
    assert first == second
    assert 60 == len(first)


def test_a_run_that_another_process_works_on_is_refused(suite: Path) -> None:
    diary = add_slow(suite, seconds=0.1)
    process = command(suite, "--strategy", "slow")
    wait_for(lambda: len(lines(diary)) >= 1)
    again = command(suite, "--resume")
    _, said = again.communicate(timeout=60)
    assert 7 == again.returncode
    assert "another process is at work" in said
    process.kill()
    process.communicate()


def test_a_strategy_that_raises_does_not_stop_the_others(suite: Path) -> None:
    (suite.parent / "bad.py").write_text(
        "from contextlib import contextmanager\nfrom harness import Strategy\n\n\nclass Bad(Strategy):\n"
        "    @contextmanager\n    def prepare(self, brief, train, validation, context):\n"
        "        raise ValueError('no luck')\n        yield\n"
    )
    entry = '  - {name: bad, use: "./bad.py:Bad"}\n'
    suite.write_text(suite.read_text().replace("latency_sample", entry + "latency_sample"))
    process = command(suite)
    out, said = process.communicate(timeout=120)
    assert 1 == process.returncode
    assert "bad: failed: ValueError: no luck" in out.replace("\n", " ")
    assert "1 of" in said
    assert "Traceback" not in said + out
    assert all(name in out for name in ("asks", "shots", "near"))


def test_a_changed_suite_is_not_resumed(suite: Path) -> None:
    run = harness.run(suite, options=options(suite))
    suite.write_text(suite.read_text().replace("otherwise: negative", "otherwise: positive"))
    with pytest.raises(SuiteError, match="models of the suite changed since run"):
        harness.run(suite, options=options(suite, resume=run.folder))


def test_a_finished_run_taken_up_again_does_nothing(suite: Path) -> None:
    diary = add_slow(suite)
    run = harness.run(suite, options=options(suite))
    done = lines(diary)
    harness.run(suite, options=options(suite, resume=run.folder))
    assert done == lines(diary)


def test_without_an_unfinished_run_resume_says_so(suite: Path) -> None:
    harness.run(suite, options=options(suite))
    with pytest.raises(StoreError, match="no unfinished run of 'tiny'"):
        resumable(load_suite(suite), suite.parent / "results")


def test_another_run_pays_nothing_again_unless_the_cache_is_off(suite: Path) -> None:
    def paid(**more: Any) -> int:
        run = harness.run(suite, options=options(suite, strategies=("asks",), **more))
        return sum(
            e.phase == "bulk" and e.usage.model == "scripted" for t in run.folder.trials() for e in t.paid()
        )

    assert [25, 0, 25] == [paid(), paid(), paid(cache=False)]


def test_a_limit_holds_for_every_split_and_only_named_strategies_run(suite: Path) -> None:
    run = harness.run(suite, options=options(suite, limit=8, strategies=("asks",)))
    data = run.header.data["reviews"]
    assert (8, 8, 8) == (data.train, data.validation, data.test)
    assert ["asks"] == [row.strategy for row in run.rows()]


def test_several_seeds_and_repeats_are_trials_of_their_own(suite: Path) -> None:
    loaded = load_suite(suite, seeds=[0, 1], repeats=2)
    run = harness.run(loaded, options=options(suite, strategies=("asks",)))
    assert [(0, 0), (0, 1), (1, 0), (1, 1)] == [(row.seed, row.repeat) for row in run.rows()]


def test_a_cost_limit_ends_the_run_and_keeps_what_is_finished(suite: Path) -> None:
    add_slow(suite, seconds=0.0)
    # The slow strategy reserves two seconds of a machine at 1 $ an hour for each step.
    with pytest.raises(BudgetError, match="--resume with a higher --cost-limit"):
        harness.run(suite, options=options(suite, cost_limit=0.0007))
    folder = runs(suite.parent / "results")[-1]
    states = {t.header.key.strategy: t.header.status for t in folder.trials()}
    assert ("finished", "stopped") == (states["asks"], states["slow"])
    run = harness.run(suite, options=options(suite, resume=folder, cost_limit=1.0))
    assert {"finished"} == {row.status for row in run.rows()}


def test_test_rows_that_stand_in_train_refuse_the_run_before_anything_is_spent(suite: Path) -> None:
    rows = (suite.parent / "reviews.csv").read_text().splitlines()
    (suite.parent / "test.csv").write_text("\n".join([rows[0], *rows[1:11]]) + "\n")
    suite.write_text(suite.read_text().replace("test: 30", "test: test.csv"))
    with pytest.raises(DataError, match="leakage"):
        harness.run(suite, options=options(suite))
    assert not (suite.parent / "results").exists()


def test_fits_are_dropped_where_the_suite_says_so(suite: Path) -> None:
    suite.write_text(suite.read_text() + "keep: false\n")
    run = harness.run(suite, options=options(suite))
    assert [] == list(run.folder.path.glob("trials/*/*/*/fit"))


def test_a_full_disk_ends_the_run_with_one_message_and_it_can_be_taken_up(suite: Path) -> None:
    long = "Is this review positive or negative? " * 100
    suite.write_text(suite.read_text().replace("Is this review positive or negative?", long))

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        # Rows and headers fit, the outcomes of thirty prompts do not.
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    process = command(suite, "--strategy", "asks", "--no-cache", preexec_fn=small_files)
    _, said = process.communicate(timeout=120)
    assert 7 == process.returncode, said
    assert "cannot be written" in said
    assert "Traceback" not in said
    folder = runs(suite.parent / "results")[-1]
    kept = [o for t in folder.trials() for o in t.outcomes()]
    assert 0 < len(kept) < 30
    assert all(isinstance(outcome, Outcome) for outcome in kept)
    again = command(suite, "--resume")
    _, said = again.communicate(timeout=120)
    assert 0 == again.returncode, said
    assert 30 == Run(RunFolder(folder.path)).rows()[0].n
