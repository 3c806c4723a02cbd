"""Under a cap a hosted fine-tune whose answers could not be asked afterwards is refused before it is paid for."""

from __future__ import annotations

from pathlib import Path

import pytest

import harness
from harness.errors import BudgetError
from harness.running.runner import Options
from harness.suite.load import load_suite
from harness.testing import ScriptedTuning
from tests.reviews import TASK

SUITE = (
    TASK.format(test=8)
    + """\
models:
  base: {use: "harness.testing:ScriptedTuning", with: {folder: FOLDER, states: [succeeded]}}
strategies:
  - {name: tuned, use: hosted-finetune, with: {model: base, epochs: 2, poll_seconds: 0.05}}
yardsticks: []
latency_sample: 2
prices: {models: {"scripted/base": {input: 1, output: 1, training: 8}}}
"""
)


def test_nothing_is_trained_whose_answers_have_no_price(suite: Path, tmp_path: Path) -> None:
    suite.write_text(SUITE.replace("FOLDER", str(tmp_path / "provider")))
    options = Options(results=tmp_path / "r", cost_limit=100.0)
    with pytest.raises(BudgetError, match=r"price of 'scripted/ft:base' is not known.*--allow-unpriced base"):
        harness.run(load_suite(suite), options=options)
    assert {} == ScriptedTuning(folder=tmp_path / "provider").provider.read()["jobs"]
    allowed = Options(results=tmp_path / "r", cost_limit=100.0, unpriced=("base",))
    run = harness.run(load_suite(suite), options=allowed)
    assert [8] == [row.n for row in run.rows()]
