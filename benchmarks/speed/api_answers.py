"""What each side was answered, by row, from the files that it leaves.

{"r0": "even", "r1": "odd", …}
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def ours(folder: Path) -> dict[str, str]:
    [outcomes] = folder.glob("results/*/trials/numbers/asked/*/outcomes.jsonl")
    lines = [json.loads(line) for line in outcomes.read_text(encoding="utf-8").splitlines()]
    return {line["query_id"]: line["exchanges"][0]["text"] for line in lines}


def promptfoo(folder: Path) -> dict[str, str]:
    return {
        result["vars"]["row"]: result["response"]["output"]
        for result in _read(folder / "out.json")["results"]["results"]
    }


def inspect(folder: Path) -> dict[str, str]:
    [log] = folder.glob("logs/*.json")
    return {sample["id"]: sample["output"]["choices"][0]["message"]["content"] for sample in _read(log)["samples"]}


def bare(folder: Path) -> dict[str, str]:
    return dict(_read(folder / "bare.json"))


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
