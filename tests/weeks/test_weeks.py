"""Every page of docs/weeks/ is gone through word for word, in an empty folder beside the repository's suites.

```sh        is run as it stands
```yaml      is saved under the name in its first line, `# tickets.yaml`
```output    stands in what the commands before it printed, up to numbers, blanks and lines left out as …
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "weeks").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.models
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_week_goes_through_word_for_word(page: Path, tmp_path: Path) -> None:
    (tmp_path / "suites").symlink_to(ROOT / "suites")
    printed = ""
    for kind, block in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "yaml":
            name = block.splitlines()[0].removeprefix("# ").strip()
            (tmp_path / name).write_text(block, encoding="utf-8")
        elif kind == "sh":
            printed = ran(block, tmp_path)
        elif kind == "output":
            there = shape(printed)
            for line in block.splitlines():
                assert shape(line.strip(" …")) in there, f"{line!r} of {page.name} is not in:\n{printed}"


def ran(script: str, folder: Path) -> str:
    """What a reader who pastes these lines sees."""
    beside = Path(sys.executable).parent
    path = os.pathsep.join([str(beside), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": "100", "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"{script}\nended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def shape(text: str) -> str:
    """A text without what differs from machine to machine: numbers, and where lines break."""
    return " ".join(re.sub(r"\d[\d,.]*", "#", text).split())
