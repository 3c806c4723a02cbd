"""What docs/data.md says holds."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from harness.starting.roles import Asked
from harness.starting.seen import look
from harness.starting.showing import shown
from harness.starting.table import Given
from harness.starting.usual import templates
from harness.suite import Data
from harness.suite.load import load_suite

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.S))
def test_every_example_of_data_can_stand_in_a_suite(block: str) -> None:
    Data.model_validate(yaml.safe_load(block))


def test_every_template_is_in_the_table_with_its_metric() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \|.*?\| `(\w+)` \|", PAGE, flags=re.M))
    folder = ROOT / "harness" / "starting" / "templates"
    assert {name: load_suite(folder / f"{name}.yaml").suite.tasks[0].metric for name in templates()} == rows


def test_the_made_tickets_look_as_the_page_shows_them(tmp_path: Path) -> None:
    made = tmp_path / "tickets.csv"
    subprocess.run([sys.executable, str(ROOT / "suites" / "made" / "tickets.py"), str(made)], check=True)
    said = "\n".join(
        part for part in shown(look("tickets.csv", Given(), Asked(), tmp_path)) if isinstance(part, str)
    )
    page = PAGE[PAGE.index("tickets.csv · ") : PAGE.index("These are made tickets")]
    for line in page.splitlines():
        if line.startswith(("tickets.csv", "60 labels", "Texts", "The same", "Nearly", "Suspicious: 'customer'")):
            assert line in said
