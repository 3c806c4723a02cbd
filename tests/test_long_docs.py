"""The examples of docs/long-texts.md run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

from harness.records import Long
from harness.suite.load import load_suite

PAGE = (Path(__file__).parents[1] / "docs" / "long-texts.md").read_text()


def test_the_suite_of_the_page_loads_and_says_what_is_done(tmp_path: Path) -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.S)
    (tmp_path / "hotel.yaml").write_text(block)
    [task] = load_suite(tmp_path / "hotel.yaml").suite.tasks
    assert "middle" == task.long


def test_the_code_of_the_page_runs() -> None:
    [block] = re.findall(r"```python\n(.*?)```", PAGE, flags=re.S)
    names: dict[str, Any] = {}
    exec(compile(block, "docs/long-texts.md", "exec"), names)
    assert ["The room was fine. Breakfast came late.", "But the view, and the staff, were superb."] == names[
        "kept"
    ]
    assert "The room […] view, and the staff, were superb." == names["middle"].text


def test_every_way_is_in_the_pages_table() -> None:
    for way in get_args(Long):
        assert f"| `{way}` |" in PAGE
