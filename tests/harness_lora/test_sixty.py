"""Sixty labels that begin each other, coded: trained on, scored and answered by their words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

from harness import Prediction
from harness.testing import try_strategy
from harness_lora.strategy import LoRA
from harness_transformers.model import TransformersModel


def test_a_tiny_model_is_trained_on_words_of_codes_and_answers_with_codes(
    sixty: SimpleNamespace, tiny_causal: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_causal, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 4096}))
    codes = {label: f"B{i}" for i, label in enumerate(sixty.brief.labels)}
    brief = sixty.brief.model_copy(
        update={"labels": dict.fromkeys(codes.values(), ""), "label_words": {c: k for k, c in codes.items()}}
    )
    # Training on the shortest label of a chain must leave the longer ones apart.
    train = [e.model_copy(update={"targets": (codes[e.targets[0]],)}) for e in sixty.train[:6]]
    got = try_strategy(
        LoRA(model="m", rank=4, learning_rate=1e-2, epochs=2, max_length=4000),
        folder=tmp_path / "run",
        brief=brief,
        train=train,
        validation=train[:2],
        queries=[e.query for e in sixty.test[:3]],
        models={"m": TransformersModel(weights=str(folder), dtype="float32")},
    )
    rows = got.steps["rows"]
    assert isinstance(rows, dict)
    assert "card payment failed<|im_end|>" == rows["answer"]
    assert "B0" not in str(rows["question"])
    for outcome in got.outcomes.values():
        assert isinstance(outcome, Prediction)
        assert outcome.answers[0] in brief.labels
        assert outcome.probabilities is not None
        assert brief.labels.keys() == outcome.probabilities.keys()
    exchange = got.exchanges[sixty.test[0].query.id][-1]
    assert exchange.logprobs is not None
    assert tuple(sixty.brief.labels) == exchange.choices == tuple(exchange.logprobs)
