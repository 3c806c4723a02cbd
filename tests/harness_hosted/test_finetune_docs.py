"""What docs/hosted/finetune.md says holds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from harness.suite.load import load_suite
from harness.testing import ScriptedTuning, try_strategy
from harness_hosted.strategy import HostedFineTune

GUIDE = (Path(__file__).parents[2] / "docs" / "hosted" / "finetune.md").read_text()


def test_its_suite_loads(tmp_path: Path) -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", GUIDE, flags=re.S)
    (tmp_path / "tickets.yaml").write_text(block)
    loaded = load_suite(tmp_path / "tickets.yaml")
    assert ["zero-shot", "tuned", "preferred"] == [each.name for each in loaded.suite.strategies]


def test_it_names_every_parameter_and_every_step(tmp_path: Path) -> None:
    parameters = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`[a-z_`, ]+) \|", GUIDE, flags=re.M)))
    assert set(HostedFineTune.model_fields) <= set(parameters)
    table = GUIDE[GUIDE.index("| step |") : GUIDE.index("Beside them")]
    named = re.findall(
        r"`([a-z0-9 -]+)`", " ".join(line.split("|")[1] for line in table.splitlines() if "`" in line)
    )
    model = ScriptedTuning(folder=tmp_path / "provider", states=("succeeded",))
    tried = try_strategy(HostedFineTune(model="m", epochs=1), folder=tmp_path / "run", models={"m": model})
    assert set(tried.steps) == set(named)


def test_its_test_passes(tmp_path: Path) -> None:
    [block] = re.findall(r"```python\n(.*?)```", GUIDE, flags=re.S)
    names: dict[str, Any] = {}
    exec(compile(block, "docs/hosted/finetune.md", "exec"), names)
    names["test_a_lost_answer_makes_no_second_job"](tmp_path)
    assert ["job-1"] == list(ScriptedTuning(folder=tmp_path / "provider").provider.read()["jobs"])
