"""Processes that tests start, and what killed ones leave behind."""

from __future__ import annotations

import json
import os
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def environment(**more: str) -> dict[str, str]:
    """This process's environment, with the repository's packages to be imported, whatever is installed."""
    paths = os.pathsep.join(map(str, (REPOSITORY, REPOSITORY / "plugins")))
    return {**os.environ, "PYTHONPATH": paths, **more}


def reserved(path: Path) -> list[str]:
    """The reservations of a budget's journal that nobody settled."""
    held: dict[str, None] = {}
    for line in map(json.loads, path.read_text().splitlines()):
        if line.get("settled"):
            held.pop(line["name"], None)
        else:
            held[line["name"]] = None
    return list(held)
