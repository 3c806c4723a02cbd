"""The suites of docs/labels.md run, and what the page shows of prompts is what is sent."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from harness.api import run
from harness.data.task import load_task
from harness.prompts import Wording, head
from harness.running.runner import Options
from harness.suite.load import load_suite

PAGE = (Path(__file__).parents[1] / "docs" / "labels.md").read_text()
SUITES = {name: text for text in re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.S) for name in [text.split()[1]]}
TEXTS = {
    "card payment failed": "my card was refused",
    "card payment failed abroad": "my card was refused in Spain",
    "B12": "cash was missing",
    "ACHF": "a debit came back",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in SUITES.items():
        (tmp_path / name).write_text(text)
    tickets = [(f"{text}, {i}", label) for i in range(12) for label, text in TEXTS.items()]
    stars = [(f"{'very ' * n}good {i}", n) for i in range(12) for n in range(1, 6)]
    for path, column, rows in (("tickets.csv", "intent", tickets), ("stars.csv", "stars", stars)):
        with (tmp_path / path).open("w", newline="") as file:
            csv.writer(file).writerows([("text", column), *rows])
    return tmp_path


@pytest.mark.parametrize("name", ["tickets.yaml", "stars.yaml"])
def test_the_suites_of_the_page_run(name: str, folder: Path) -> None:
    found = run(folder / name, options=Options(results=folder / "results"))
    assert {"finished"} == {trial.status for trial in found.trials()}


def test_the_prompt_of_the_page_is_the_prompt(folder: Path) -> None:
    task = load_suite(folder / "tickets.yaml").suite.tasks[0]
    brief = load_task(task, folder, {}).brief
    assert f"```\n{head(brief, Wording())}\n```" in PAGE
