"""What a command imports is most of what its help and `ls` take: held by name, since seconds differ by machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.cli.main import COMMANDS

HEAVY = {
    "asyncio", "datasketch", "genai_prices", "jinja2", "numpy", "openai", "pandas", "peft", "pyarrow", "scipy",
    "sentence_transformers", "sklearn", "torch", "transformers", "yaml",
}  # fmt: skip

ASK = """
import contextlib, io, json, sys
from harness.cli.main import main
for words in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main(words)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules} | set(sys.modules))))
"""


def _imported(*calls: Sequence[str]) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps(calls)], capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stdout))


def test_help_of_every_command_imports_nothing_heavy() -> None:
    found = _imported(["--help"], *([name, "--help"] for name in COMMANDS))

    assert set() == found & (HEAVY | {"pydantic", "harness.records", "harness.suite"})


def test_ls_imports_neither_what_checks_records_nor_anything_heavy(tmp_path: Path) -> None:
    found = _imported(["ls", "--results", str(tmp_path)])

    assert "harness.running.glance" in found
    told = {"rich", "pydantic", "harness.records", "harness.suite", "harness.data", "harness.plugins"}
    assert set() == found & (HEAVY | told)


def test_what_runs_a_suite_imports_nothing_heavy_before_it_is_needed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import harness, json, sys; harness.run; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    assert set() == set(json.loads(done.stdout)) & (
        HEAVY - {"asyncio", "yaml"} | {"harness.comparison", "harness.report.terminal", "harness.diagnosing"}
    )
