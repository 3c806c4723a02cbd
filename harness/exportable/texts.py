"""Exports what stands between a query and a model: earlier turns, and what is seen of a long text.

turns.py     a query's turns as one text, as a key, as a conversation
cutting.py   harness/long.py as it is       pooling.py   harness/pooling.py as it is
long.json    {"long": "chunks"}             embedding.py the embedder, with what is done beyond its window
"""

from __future__ import annotations

from pathlib import Path

from harness import answers, long, pooling
from harness.exportable import ExportTarget
from harness.records import Brief

_STANDALONE = Path(__file__).parent / "templates"


def export_turns(target: ExportTarget) -> None:
    """Writes `turns.py`, and `reading.py`, which it needs."""
    target.code("turns.py", _STANDALONE / "turns.py")
    target.code("reading.py", Path(answers.__file__))


def export_cutting(target: ExportTarget) -> None:
    """Writes `cutting.py`: what is seen of a text that is too long."""
    target.code("cutting.py", Path(long.__file__))


def export_long(brief: Brief, target: ExportTarget) -> None:
    """Writes what an encoder needs: turns, cuts, means over chunks, and in `long.json` what the task says."""
    export_turns(target)
    export_cutting(target)
    target.code("pooling.py", Path(pooling.__file__))
    target.json("long.json", {"long": brief.long})


def export_embedder(brief: Brief, target: ExportTarget, embedder: str) -> None:
    """Writes `embedding.py` and the embedder behind it.

    Args:
        brief: The task; says what is done with a text beyond the embedder's window.
        target: Where to.
        embedder: The embedder's name in the suite.
    """
    export_long(brief, target)
    target.code("embedding.py", _STANDALONE / "embedding.py")
    target.require("numpy")
    target.model("embedder", embedder)
