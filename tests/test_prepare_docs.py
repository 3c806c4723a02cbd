"""The commands of docs/hosted/prepare.md print what the page shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.trainingfiles import PROVIDERS

PAGE = (Path(__file__).parents[1] / "docs" / "hosted" / "prepare.md").read_text()


def _block(kind: str) -> str:
    [block] = re.findall(rf"```{kind}\n(.*?)```", PAGE, flags=re.S)
    return str(block)


def test_the_commands_of_the_page_print_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tickets.csv").write_text(_block("csv"))
    Path("prices.yaml").write_text(_block("yaml"))
    shown = re.findall(r"```console\n\$ harness (.*?)\n(.*?)```", PAGE, flags=re.S)
    for (command, output), code in zip(shown, (1, 0), strict=True):
        with pytest.raises(SystemExit) as ended:
            main(shlex.split(command))
        assert (code, output) == (ended.value.code or 0, capsys.readouterr().out)
    assert _block("json") == Path("tickets-openai/train.jsonl").read_text().splitlines(keepends=True)[0]


def test_the_table_of_providers_is_that_of_the_rules() -> None:
    for name, rules in PROVIDERS.items():
        [row] = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}` | ")]
        cells = [cell.strip() for cell in row.split("|")[2:6]]
        tokens = "by model" if rules.example_tokens is None else f"{rules.example_tokens:,}"
        size = {None: "not told", 512_000_000: "512 MB", 100_000_000_000: "100 GB"}[rules.file_bytes]
        assert [str(rules.minimum), tokens, size, "yes" if "dpo" in rules.methods else "no"] == cells
