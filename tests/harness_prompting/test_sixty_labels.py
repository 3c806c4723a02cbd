"""Sixty labels that begin each other, on the packaged model and embedder."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from harness import Prediction
from harness.candidates import Candidates
from harness.testing import try_strategy
from harness_prompting.prompt import Prompt
from harness_transformers.embedder import SentenceTransformersModel
from harness_transformers.model import TransformersModel


@pytest.mark.models
@pytest.mark.parametrize("listed", [60, 10])
def test_every_label_is_scored_to_its_own_end(listed: int, sixty: SimpleNamespace, tmp_path: Path) -> None:
    candidates = "all" if listed == 60 else Candidates(k=listed, embedder="e")
    got = try_strategy(
        Prompt(model="m", normalise="tokens", candidates=candidates),
        folder=tmp_path,
        brief=sixty.brief.model_copy(update={"labels": dict.fromkeys(sixty.brief.labels, "")}),
        train=sixty.train,
        validation=sixty.validation[:2],
        queries=sixty.test[: 1 if listed == 60 else 2],
        models={
            "m": TransformersModel(weights="smollm2-135m-instruct"),
            "e": SentenceTransformersModel(weights="all-minilm-l6-v2"),
        },
    )
    for query_id, outcome in got.outcomes.items():
        exchange = got.exchanges[query_id][-1]
        assert isinstance(outcome, Prediction)
        assert "likelihood" == exchange.asked
        assert exchange.logprobs is not None
        assert listed == len(set(exchange.choices)) == len(exchange.logprobs)
        # Of two labels neither of which is the other, no likelihood is shared, though one begins the other.
        assert listed == len(set(exchange.logprobs.values()))
