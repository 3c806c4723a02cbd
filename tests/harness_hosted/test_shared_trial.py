"""A hosted fine-tune that is a trial of its own and is used by another strategy beside it: one job, paid once."""

from __future__ import annotations

from pathlib import Path

import harness
from harness.running.runner import Options
from harness.suite.load import load_suite
from harness.testing import ScriptedTuning
from tests.reviews import TASK

SUITE = (
    TASK.format(test=8)
    + """\
models:
  base: {use: "harness.testing:ScriptedTuning", with: {folder: FOLDER, states: [running, running, succeeded]}}
strategies:
  - {name: tuned, use: hosted-finetune, with: {model: base, epochs: 2, poll_seconds: 0.05}}
  - {name: one, use: "./pair.py:Pair", with: {first: tuned, second: asked}}
  - {name: other, use: "./pair.py:Pair", with: {first: asked, second: tuned}}
  - {name: asked, use: prompt, with: {model: base, normalise: sum}}
yardsticks: []
latency_sample: 2
"""
)
PAIR = """\
from contextlib import contextmanager

from harness import Strategy, StrategyName


class Pair(Strategy):
    first: StrategyName
    second: StrategyName

    @contextmanager
    def prepare(self, brief, train, validation, context):
        with context.fitted(self.first) as first:
            context.sleep(0.3)
            with context.fitted(self.second):
                yield first
"""


def test_a_trial_that_others_use_at_the_same_time_is_prepared_once(suite: Path, tmp_path: Path) -> None:
    (tmp_path / "pair.py").write_text(PAIR)
    suite.write_text(SUITE.replace("FOLDER", str(tmp_path / "provider")))
    run = harness.run(load_suite(suite), options=Options(results=tmp_path / "r"))
    assert {8} == {row.n for row in run.rows()}
    state = ScriptedTuning(folder=tmp_path / "provider").provider.read()
    assert (2, 1) == (len(state["files"]), len(state["jobs"]))
    paid = [e.usage.training_tokens for t in run.folder.trials() for e in t.paid() if e.usage.training_tokens]
    assert 1 == len(paid)
