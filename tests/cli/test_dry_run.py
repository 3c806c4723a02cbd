"""`harness run --dry-run`: what would be sent, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.rehearsing import Rehearsal
from tests.cli.conftest import Harness

HOSTED = """
models:
  m: {use: openai, with: {model: m, base_url: "http://127.0.0.1:9/v1"}}
strategies:
  - {name: zero-shot, use: prompt, with: {model: m}}
prices: {models: {"127.0.0.1:9/m": {input: 1.0, output: 2.0, as_of: 2020-01-01}}}
"""


@pytest.fixture
def hosted(suite: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny suite with an endpoint at which nothing answers."""
    monkeypatch.chdir(suite.parent)
    suite.write_text(suite.read_text().partition("models:\n")[0] + HOSTED)
    return suite


def test_a_dry_run_tells_calls_tokens_and_dollars_and_sends_nothing(hosted: Path, harness: Harness) -> None:
    done = harness("run", "tiny.yaml", "--dry-run", "--cost-limit", "0.001", "-o", "plan.json")
    assert 0 == done.code, done.err
    assert "$ at most" in done.out
    assert "127.0.0.1:9/m: $1.00 in, $2.00 out for 1M tokens (suite, as of 2020-01-01)" in done.out
    assert "the price is of 2020-01-01" in done.out
    assert "majority   on this machine: no dollars beyond its time" in done.out
    assert "--cost-limit 0.001 might stop it" in done.out
    assert "Nothing was run, and nothing spent." in done.out
    told = Rehearsal.model_validate_json(Path("plan.json").read_bytes())
    assert ("zero-shot", 34) == (told.rows[0].strategy, told.rows[0].calls)
    assert told.dollars == pytest.approx((told.rows[0].input_tokens + 2 * told.rows[0].output_tokens) / 1e6)
    assert ["plan.json", "reviews.csv", "tiny.yaml"] == sorted(path.name for path in Path().iterdir())


def test_a_dry_run_has_no_report_to_write(hosted: Path, harness: Harness) -> None:
    done = harness("run", "tiny.yaml", "--dry-run", "-o", "out.html")
    assert 2 == done.code
    assert "would have to end in .json" in done.err
