from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import Brief, Model, Prediction, Query
from harness.errors import SuiteError
from harness.testing import Tried, tiny_task, try_strategy
from harness_lora.strategy import LoRA
from harness_transformers.model import TransformersModel

pytestmark = pytest.mark.models

TINY = tiny_task()
MINILM = TransformersModel(weights="all-minilm-l6-v2", dtype="float32")


def tried(
    folder: Path, *, model: Model = MINILM, brief: Brief = TINY.brief, query: str | None = None, **params: object
) -> Tried:
    asked = [Query(id="asked", text=query)] if query else TINY.test
    return try_strategy(
        LoRA.model_validate({"model": "m", "learning_rate": 1e-3, **params}),
        folder=folder,
        brief=brief,
        train=TINY.train,
        validation=TINY.validation[:10],
        queries=asked,
        models={"m": model},
    )


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tried, Path]:
    folder = tmp_path_factory.mktemp("encoder")
    return tried(folder, epochs=6, learning_rate=2e-3), folder / "trials/tiny/tried/0-0/fit"


def test_it_learns_to_tell_two_kinds_of_reviews_apart(learnt: tuple[Tried, Path]) -> None:
    result, _ = learnt
    right = sum(getattr(result.outcomes[e.query.id], "answers", ()) == e.targets for e in TINY.test)
    assert right >= 13
    first, last = result.steps["epoch-1"], result.steps["epoch-6"]
    assert isinstance(first, dict)
    assert isinstance(last, dict)
    assert last["train_loss"] < first["train_loss"]
    assert last["validation_loss"] < first["validation_loss"]


def test_probabilities_are_over_the_labels_and_sum_to_one(learnt: tuple[Tried, Path]) -> None:
    for outcome in learnt[0].outcomes.values():
        assert isinstance(outcome, Prediction)
        assert outcome.probabilities is not None
        assert set(TINY.brief.labels) == set(outcome.probabilities)
        assert 1.0 == pytest.approx(sum(outcome.probabilities.values()))


def test_the_head_and_the_labels_lie_beside_the_adapter(learnt: tuple[Tried, Path]) -> None:
    from safetensors import safe_open

    best = learnt[1] / "best"
    assert list(TINY.brief.labels) == json.loads((best / "labels.json").read_text())
    with safe_open(best / "adapter_model.safetensors", "pt") as file:
        names = set(file.keys())
    assert any(name.endswith("classifier.weight") for name in names)
    assert any("lora_A" in name for name in names)
    assert {".json", ".safetensors"} == {path.suffix for path in learnt[1].rglob("*") if path.is_file()}


def test_a_run_that_was_killed_ends_as_an_unbroken_one(breaking: Callable[..., Model], tmp_path: Path) -> None:
    unbroken = tried(tmp_path / "a", epochs=2)
    with pytest.raises(KeyboardInterrupt):
        tried(tmp_path / "b", model=breaking(MINILM.weights, leases=2), epochs=2)
    resumed = tried(tmp_path / "b", epochs=2)
    assert unbroken.outcomes == resumed.outcomes
    adapter = "trials/tiny/tried/0-0/fit/best/adapter_model.safetensors"
    assert (tmp_path / "a" / adapter).read_bytes() == (tmp_path / "b" / adapter).read_bytes()


def test_a_text_beyond_the_window_is_counted_and_said(tmp_path: Path) -> None:
    result = tried(tmp_path, epochs=1, query="lovely " * 600)
    (answer,) = result.outcomes.values()
    assert isinstance(answer, Prediction)
    assert {"truncated": "text", "long": "head"} == answer.notes
    assert any("1 texts are longer than m's window of 512 tokens" in warning for warning in result.warnings)


def test_an_encoder_on_free_text_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(AssertionError) as error:
        tried(tmp_path, brief=Brief(name="tiny", instructions="Go on.", kind="text"))
    assert SuiteError.__name__ in str(error.value)
    assert "lora on the encoder 'm' serves tasks of kind 'label'" in str(error.value)
