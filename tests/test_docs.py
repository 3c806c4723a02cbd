"""What the docs say of names, hooks and examples holds."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import harness
from harness import hookspecs
from harness.errors import HarnessError, RunFailed
from harness.suite.load import load_suite

DOCS = Path(__file__).parents[1] / "docs"
PLUGINS = (DOCS / "plugins.md").read_text()
SUITES = (DOCS / "suites.md").read_text()


def test_every_public_name_is_documented_and_loads() -> None:
    listed = PLUGINS[PLUGINS.index("## The public names") :]
    assert sorted(harness.__all__) == sorted(set(re.findall(r"`(\w+)`", listed)))
    for name in harness.__all__:
        assert getattr(harness, name) is not None


def test_every_hook_is_documented_with_its_signature() -> None:
    for name in (n for n in dir(hookspecs) if n.startswith("harness_")):
        signature = str(inspect.signature(getattr(hookspecs, name))).replace("'", "")
        assert f"def {name}{signature}" in PLUGINS


def test_the_strategy_in_the_docs_keeps_the_contract(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PLUGINS, flags=re.S)
    code = "\n".join(block for block in blocks if "class " in block or "def test_it" in block)
    (tmp_path / "docs_plugin.py").write_text(code)
    namespace: dict[str, object] = {"__name__": "docs_plugin"}
    module = type(harness)("docs_plugin")
    import sys

    sys.modules["docs_plugin"] = module
    module.__dict__.update(namespace)
    exec(compile(code, "docs/plugins.md", "exec"), module.__dict__)
    module.test_it_keeps_the_contract(tmp_path / "first")
    module.test_so_does_the_other(tmp_path / "other")
    assert [15, 15] == [
        len(path.read_text().splitlines())
        for strategy in ("first", "other")
        for path in (tmp_path / strategy / "a").rglob("outcomes.jsonl")
    ]


def test_the_suite_in_the_docs_loads(tmp_path: Path) -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", SUITES, flags=re.S)
    block = "\n".join(line for line in block.splitlines() if "hosted:" not in line and "mine.py" not in line)
    (tmp_path / "tickets.yaml").write_text(block)
    assert ["zero-shot", "few-shot", "features"] == [
        s.name for s in load_suite(tmp_path / "tickets.yaml").suite.strategies
    ]


@pytest.mark.parametrize("error", [*HarnessError.__subclasses__(), RunFailed])
def test_every_exit_code_is_documented(error: type[HarnessError]) -> None:
    assert f"\n| {error.exit_code} |" in SUITES


def test_the_private_suite_in_the_docs_loads(tmp_path: Path) -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", (DOCS / "privacy.md").read_text(), flags=re.S)
    (tmp_path / "tickets.yaml").write_text(block)
    assert "local" == load_suite(tmp_path / "tickets.yaml").suite.privacy
