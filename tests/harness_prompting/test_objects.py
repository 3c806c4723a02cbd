"""Strategies that ask a chat model, on a task whose answer is a JSON object."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness import Brief, Example, Query, Strategy
from harness.records import Prediction
from harness.testing import HashEmbedder, ScriptedModel, try_strategy
from harness_fewshot.fewshot import FewShot
from harness_prompting.prompt import Prompt
from harness_prompting.search import PromptSearch
from harness_retrieval.retrieval import Retrieval

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "amount": {"type": "number"}},
}
BRIEF = Brief(name="notes", instructions="Note it.", kind="fields", answer_schema=SCHEMA)


def row(number: int) -> Example:
    target = json.dumps({"name": f"N{number}", "amount": number})
    return Example(query=Query(id=str(number), text=f"N{number} paid {number} euros"), targets=(target,))


@pytest.mark.parametrize(
    "strategy",
    [
        Prompt(model="m"),
        FewShot(model="m", shots=2),
        FewShot(model="m", shots=2, select="diverse", embedder="e"),
        Retrieval(model="m", embedder="e", k=2),
        PromptSearch(model="m", validation_rows=3, consistency_rows=2, paraphrases=1),
    ],
    ids=lambda strategy: f"{type(strategy).__name__}",
)
def test_it_asks_with_the_schema_and_reads_the_object(strategy: Strategy, tmp_path: Path) -> None:
    seen = try_strategy(
        strategy,
        brief=BRIEF,
        train=[row(n) for n in range(6)],
        validation=[row(n) for n in range(6, 9)],
        queries=[row(9)],
        models={"m": ScriptedModel(otherwise='Sure: {"name": "N9", "amount": 9}'), "e": HashEmbedder()},
        folder=tmp_path,
    )
    said = seen.outcomes["9"]
    assert isinstance(said, Prediction)
    assert ('{"name": "N9", "amount": 9}',) == said.answers
    (exchange,) = seen.exchanges["9"]
    assert json.dumps(SCHEMA) in exchange.messages[0].content
    for shown in exchange.messages[1:-1:2]:
        assert ["name", "amount"] == list(json.loads(shown.content))
    assert 1 + 4 * isinstance(strategy, FewShot | Retrieval) == len(exchange.messages)
