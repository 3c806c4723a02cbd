"""The examples of docs/data-quality.md are what suites take, and its table is what is looked for."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
import yaml

from harness.data import checking
from harness.suite import Data

PAGE = (Path(__file__).parents[2] / "docs" / "data-quality.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.S)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_what_a_suite_takes(example: str) -> None:
    assert Data.model_validate(yaml.safe_load(example)).path


def test_every_finding_is_in_the_table() -> None:
    named = set(
        re.findall(r'"([a-z]+-[a-z]+|leaks|conflicts|duplicates|undecodable)"', inspect.getsource(checking))
    )
    table = PAGE[PAGE.index("| found |") : PAGE.index("`-o FOLDER`")]
    assert len(named) >= 10
    assert named == {name for name in named if f"`{name}`" in table}
