"""The dry run and the prices of docs/hosted/costs.md are what the command prints and what a suite takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from harness.cli.dry_run import plan_lines
from harness.running.runner import Options
from harness.suite import PriceBook
from harness.suite.load import load_suite

PAGE = (Path(__file__).parents[1] / "docs" / "hosted" / "costs.md").read_text()


@pytest.mark.models
def test_the_dry_run_on_the_page_is_what_the_command_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    block = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.S)[0]
    (tmp_path / "sentiment.yaml").write_text(block)
    loaded = load_suite(tmp_path / "sentiment.yaml")
    said = plan_lines(loaded, Options(results=tmp_path / "results", cost_limit=0.5))
    [shown] = re.findall(r"```\n(task tweets: what would be sent\n.*?)```", PAGE, flags=re.S)
    # Estimates and prices move with versions; calls, and what is said of them, do not.
    assert [_without_figures(line) for line in shown.splitlines()] == [
        _without_figures(line) for line in said[said.index("task tweets: what would be sent") :]
    ]


def _without_figures(line: str) -> list[str]:
    row = re.match(r"  (\S+) +(\d+) +([\d,]+) +(\d+) ", line)
    return list(row.groups()) if row else re.sub(r"\$[\d.]+|genai-prices [\d.]+", "", line).split()


def test_the_prices_on_the_page_are_a_price_book() -> None:
    block = next(b for b in re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.S) if b.startswith("prices:"))
    book = PriceBook.model_validate(yaml.safe_load(block)["prices"])
    assert 1.7 == book.models["openai/ft:gpt-4.1-mini"].hosting
