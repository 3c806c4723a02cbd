"""A matrix of parameters, spread into candidates.

few-shot with matrix {shots: [2, 8], order: [fixed]}
    few-shot[shots=2,order=fixed]
    few-shot[shots=8,order=fixed]
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from harness.suite import StrategyEntry
from harness.suite.problems import Problems
from harness.suite.yaml_positions import join

MOST_CANDIDATES = 1000
LONGEST_WORD = 24  # characters of a value in a candidate's name


@dataclass(frozen=True)
class Candidate:
    """One combination of a matrix.

    Attributes:
        name: The strategy's name and the combination's values.
        params: All parameters that the suite gives, the combination's among them.
        origins: Where each of the combination's values stands in the suite.
    """

    name: str
    params: Mapping[str, JsonValue]
    origins: Mapping[str, str]


def spread(entry: StrategyEntry, at: str, problems: Problems) -> list[Candidate]:
    """Every combination of a strategy's matrix; none where something is wrong with it.

    Args:
        entry: The strategy.
        at: Where it stands, such as ``strategies[2]``.
        problems: Told what is wrong.
    """
    sound = True
    for name, values in entry.matrix.items():
        here = join(at, "matrix", name)
        texts = [_word(value) for value in values]
        if not values:
            problems.add(here, f"no values are given for {name!r}; list at least one, or leave it out")
        elif len(set(texts)) < len(texts):
            twice = sorted({text for text in texts if texts.count(text) > 1})
            problems.add(here, f"values that stand twice: {', '.join(twice)}")
        elif name in entry.params:
            problems.add(here, f"{name!r} stands in `with` too; give it in one of the two")
        else:
            continue
        sound = False
    if not sound:
        return []
    total = math.prod(len(values) for values in entry.matrix.values())
    if total > MOST_CANDIDATES:
        problems.add(
            join(at, "matrix"),
            f"{total:,} combinations, and each is prepared for every task and seed; at most {MOST_CANDIDATES:,}",
        )
        return []
    indices = itertools.product(*(range(len(values)) for values in entry.matrix.values()))
    return [_candidate(entry, at, index) for index in indices]


def _candidate(entry: StrategyEntry, at: str, index: tuple[int, ...]) -> Candidate:
    chosen = {name: entry.matrix[name][i] for name, i in zip(entry.matrix, index, strict=True)}
    words = ",".join(f"{name}={_word(value)}" for name, value in chosen.items())
    origins = {name: join(at, "matrix", name, i) for name, i in zip(entry.matrix, index, strict=True)}
    return Candidate(f"{entry.name}[{words}]", {**entry.params, **chosen}, origins)


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _word(value: JsonValue) -> str:
    """A value as part of a name; names become folders, so what is long or has a slash is shortened and hashed."""
    text = _text(value)
    plain = re.sub(r"[^\w .+:,=-]", "_", text)
    if plain == text and 0 < len(text) <= LONGEST_WORD:
        return text
    return f"{plain[:LONGEST_WORD]}~{hashlib.sha256(text.encode()).hexdigest()[:6]}"
