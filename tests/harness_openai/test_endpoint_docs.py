"""What docs/hosted/endpoints.md says of the model `openai` holds."""

from __future__ import annotations

import re
from pathlib import Path

from harness.suite.load import load_suite
from harness_openai.model import OpenAIChat

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "hosted" / "endpoints.md").read_text()


def test_the_suite_on_the_page_loads(tmp_path: Path) -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.S)
    (tmp_path / "tickets.yaml").write_text(block)
    loaded = load_suite(tmp_path / "tickets.yaml")
    reached = {name: model.reaches() for name, model in loaded.models.items()}
    assert {
        "mini": "api.openai.com",
        "azure": "mine.openai.azure.com",
        "thinks": "api.deepseek.com",
        "here": None,
    } == reached


def test_every_field_is_on_the_page() -> None:
    # Batches and tuning have pages of their own.
    rows = "\n".join(line.partition(" | ")[0] for line in PAGE.splitlines() if line.startswith("| `"))
    elsewhere = {"batch", "batch_model", "deployment"}
    assert set(OpenAIChat.model_fields) - elsewhere <= set(re.findall(r"`(\w+)[`:]", rows))


def test_every_way_to_fail_is_on_the_page() -> None:
    code = "".join(
        (ROOT / "plugins" / "harness_openai" / f"{name}.py").read_text()
        for name in ("client", "endpoint", "problems", "reply")
    )
    kinds = set(re.findall(r'(?:CallFailed|_lost)\(\s*"([a-z-]+)"', code))
    kinds -= {"model-not-found"}  # a tuned model's first minutes
    table = PAGE[PAGE.index("| kind |") : PAGE.index("An answer that ended")]
    listed = {kind for line in table.splitlines() for kind in re.findall(r"`([a-z-]+)`", line.partition(" | ")[0])}
    assert kinds | {"server", "timeout"} == listed
    assert len(listed) > 15
