"""What retrieval writes for an export: vectors as .npy, what they stand for as JSONL, texts included."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic import JsonValue

from harness.exportable import ExportTarget
from harness.exportable.prompted import demonstration, export_prompt
from harness.exportable.texts import export_embedder
from harness.turns import key_of
from harness_retrieval.finding import Finder
from harness_retrieval.prompting import Retrieving

_STANDALONE = Path(__file__).parent / "templates"


def export_retrieving(fitted: Retrieving, model: str, embedder: str, target: ExportTarget) -> None:
    """Writes both indexes, what they find, and how a prompt is made of it.

    Args:
        fitted: What the strategy fitted.
        model: The chat model's name in the suite.
        embedder: The embedder's.
        target: Where to.
    """
    library, layout = fitted.prompts.library, fitted.prompts.layout
    rules: dict[str, JsonValue] = {}
    if library.demonstrations is not None:
        finder = library.demonstrations.finder
        shown = [demonstration(fitted, each) for each in library.examples]
        own = [_sha256(key_of(each.query)) for each in library.examples]
        rules["examples"] = _shelf("examples", finder, shown, own, target)
    if library.passages is not None:
        finder = library.passages.finder
        whole = {place: text for text, places in finder.own.by_text.items() for place in places}
        own = [_sha256(whole[place]) for place in range(len(library.texts))]
        rules["passages"] = _shelf("passages", finder, list(library.texts), own, target)
    target.json("retrieval.json", {"order": layout.order, "limit": layout.limit, "shelves": rules})
    target.code("strategy.py", _STANDALONE / "retrieving.py")
    target.require("numpy")
    target.note("examples.jsonl and passages.jsonl hold training rows and passages, texts included.")
    export_embedder(fitted.brief, target, embedder)
    export_prompt(target, model, fitted)


def _shelf(
    name: str, finder: Finder, values: Sequence[JsonValue], own: Sequence[str], target: ExportTarget
) -> JsonValue:
    import numpy as np

    vectors = np.stack([finder.index.vector(place) for place in range(len(values))])
    with target.file(f"{name}.npy").open("wb") as file:
        np.save(file, vectors.astype(np.float32), allow_pickle=False)
    target.lines(
        f"{name}.jsonl", [{"own_sha256": o, "value": value} for o, value in zip(own, values, strict=True)]
    )
    return {**asdict(finder.rule), "turns": finder.own.turns}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
