"""Does a strategy keep the contract?"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.models import Model
from harness.records import (
    Failed,
    Prediction,
    Row,
)
from harness.strategy import Strategy

if TYPE_CHECKING:
    pass


from harness.testing.tiny import tiny_task
from harness.testing.trying import Tried, try_strategy


def check_strategy(
    strategy: Strategy,
    *,
    folder: Path,
    models: Mapping[str, Model] | None = None,
    tables: Mapping[str, Sequence[Row]] | None = None,
) -> None:
    """Checks that a strategy keeps the contract.

    It constructs without work and round-trips through pickle and JSON; every query gets exactly one outcome
    and only labels of the task; the same seed gives the same answers; a resume gives the same answers and pays
    nothing again for finished work.

    Args:
        strategy: With the parameters to check.
        folder: An empty one for its files.
        models: What its model parameters name; `ScriptedModel` and `HashEmbedder` serve.
        tables: What its table parameters name.

    Raises:
        AssertionError: Says which promise is broken.
    """
    assert strategy == type(strategy).model_validate_json(strategy.model_dump_json()), (
        "it does not round-trip through JSON: parameters must be fields, and nothing but parameters"
    )
    assert strategy == pickle.loads(pickle.dumps(strategy)), "it does not pickle"
    data = tiny_task()
    assert data.brief.kind in strategy.kinds, f"it serves {sorted(strategy.kinds)}; this check needs a label task"
    first = try_strategy(strategy, folder=folder / "a", models=models, tables=tables)
    asked = Counter(example.query.id for example in data.test)
    assert set(asked) == set(first.outcomes), "it did not answer every query"
    missing = [
        o for o in first.outcomes.values() if isinstance(o, Failed) and o.kind in ("unanswered", "not-a-label")
    ]
    assert not missing, f"{len(missing)} queries: {missing[0].error}" if missing else ""
    twice = [warning for warning in first.warnings if warning.startswith("it answered")]
    assert not twice, twice[0] if twice else ""
    again = try_strategy(strategy, folder=folder / "b", models=models, tables=tables)
    assert _answers(first) == _answers(again), "the same seed gives other answers: draw from context.rng"
    path = folder / "a" / "trials" / str(first.header.key)
    (path / "outcomes.jsonl").unlink()
    before = [entry.name for entry in first.paid if entry.phase == "prepare" and entry.usage.model != "this"]
    resumed = try_strategy(strategy, folder=folder / "a", models=models, tables=tables)
    assert _answers(first) == _answers(resumed), "a resumed trial answers otherwise: keep what prepare did"
    after = [entry.name for entry in resumed.paid if entry.phase == "prepare" and entry.usage.model != "this"]
    assert before == after, f"a resume paid again for {sorted(set(after[len(before) :]))[:3]}: use context.step"


def _answers(tried: Tried) -> dict[str, tuple[str, ...]]:
    return {i: o.answers for i, o in tried.outcomes.items() if isinstance(o, Prediction)}
