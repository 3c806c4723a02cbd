"""What docs/using.md shows runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import harness
from harness.cli.main import main
from harness.exporting.bundle import Wanted, export
from harness.running.prediction import find_trial
from harness.running.runner import Options
from harness.suite.load import load_suite

USING = (Path(__file__).parents[2] / "docs" / "using.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", USING, flags=re.S)


def test_the_strategy_with_an_export_answers_the_same_without_the_harness(suite: Path, tmp_path: Path) -> None:
    (suite.parent / "mine.py").write_text(PYTHON[0])
    (suite.parent / "standalone.py").write_text(PYTHON[1])
    given = yaml.safe_load(suite.read_text())
    given["strategies"] = [{"name": "mine", "use": "./mine.py:Shortest"}]
    suite.write_text(yaml.safe_dump(given))
    run = harness.run(suite, options=Options(results=suite.parent / "results"))
    key = find_trial(run.folder, "mine", None, None)
    made = export(run.loaded, run.folder, key, tmp_path / "out", Wanted(check=5))
    assert made.checked is not None
    assert (5, 5) == (made.checked.rows, made.checked.same)
    assert "nothing but the number of words" in (tmp_path / "out" / "README.md").read_text()


def test_the_row_beside_the_original_loads(suite: Path) -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", USING, flags=re.S)
    suite.write_text(yaml.safe_dump(yaml.safe_load(suite.read_text()) | yaml.safe_load(block)))
    runtimes = [model.runtime for model in load_suite(suite).models.values()]  # type: ignore[attr-defined]
    assert ["torch", "onnx-int8"] == runtimes


@pytest.mark.parametrize("command", ["export", "serve"])
def test_every_option_that_is_named_is_there(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    section = USING[USING.index(f"## {command.capitalize()}") :]
    with pytest.raises(SystemExit):
        main([command, "--help"])
    there = capsys.readouterr().out
    named = set(re.findall(r"`(--[\w-]+)", section.partition("\n## ")[0]))
    assert named
    assert not [option for option in named if option not in there]


def test_the_routes_are_those_of_the_server() -> None:
    from harness.serving.app import Service, app
    from harness.serving.limits import Limits
    from harness.serving.worker import Worker

    unused: Callable[..., None] = print
    service = Service(fitted=None, key=None, run="", say=unused)  # type: ignore[arg-type]
    routes = {route.path for route in app(service, Worker(Limits())).routes}  # type: ignore[attr-defined]
    assert set(re.findall(r"\| `(?:GET|POST) (/[\w/]+)`", USING)) == routes
