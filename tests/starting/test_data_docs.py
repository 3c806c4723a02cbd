"""What docs/data.md says holds."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from harness.starting.columns import columns_of
from harness.starting.labels import labels_of
from harness.starting.roles import Asked, roles_of
from harness.starting.table import Given, read_table
from harness.starting.usual import templates
from harness.suite import Data
from harness.suite.load import load_suite

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.S))
def test_every_example_of_data_can_stand_in_a_suite(block: str) -> None:
    given = yaml.safe_load(block)
    data = Data.model_validate(given)
    assert (given["path"], set(given)) == (data.path, data.model_fields_set)


def test_every_template_is_in_the_table_with_its_metric() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \|.*?\| `(\w+)` \|", PAGE, flags=re.M))
    folder = ROOT / "harness" / "starting" / "templates"
    assert {name: load_suite(folder / f"{name}.yaml").suite.tasks[0].metric for name in templates()} == rows


def test_the_made_tickets_are_seen_as_the_page_shows_them(tmp_path: Path) -> None:
    made = tmp_path / "tickets.csv"
    subprocess.run([sys.executable, str(ROOT / "suites" / "made" / "tickets.py"), str(made)], check=True)
    table = read_table("tickets.csv", Given(), tmp_path)
    columns = columns_of(table)
    shown = re.findall(r"^(\w+) +(id|date|category|text) +([\d,]+) +([\d,]+) ", PAGE, flags=re.M)
    assert [(c.name, c.what, f"{c.filled:,}", f"{c.different:,}") for c in columns.values()] == shown
    roles = roles_of(table, columns, Asked())
    assert ("ticket", "customer", ("channel",)) == (roles.id, roles.group, roles.metadata)
    assert f'tickets.csv · {len(table.rows):,} rows · CSV with "{table.delimiter}" · {table.encoding}' in PAGE
    targets = table.column(roles.target)
    labels = labels_of(targets, targets, "label", roles.target)
    assert f"\n{len(labels.counts)} labels\n" in PAGE
