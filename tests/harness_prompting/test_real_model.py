"""`prompt-search` on the packaged model: every wording, the scale among them, is really scored."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import Brief, Example, Prediction, Query
from harness.calibration import RULES
from harness.testing import try_strategy
from harness_prompting.search import CandidateScore, PromptSearch
from harness_transformers.model import TransformersModel

BRIEF = Brief(
    name="t",
    instructions="Is this review positive or negative?",
    kind="label",
    labels={"positive": "", "negative": ""},
    max_output_tokens=8,
)
TEXTS = {"I love it": "positive", "a superb meal": "positive", "I hate it": "negative", "a vile meal": "negative"}
ROWS = [Example(query=Query(id=text, text=text), targets=(label,)) for text, label in TEXTS.items()]


@pytest.mark.models
def test_every_wording_is_scored_by_likelihood_and_the_best_one_answers(tmp_path: Path) -> None:
    strategy = PromptSearch(model="m", variations=("label_words", "scale"), consistency_rows=2, paraphrases=1)
    models = {"m": TransformersModel(weights="smollm2-135m-instruct")}
    got = try_strategy(
        strategy, folder=tmp_path, brief=BRIEF, train=ROWS, validation=ROWS, queries=ROWS[:1], models=models
    )
    scored = [CandidateScore.model_validate(v) for k, v in got.steps.items() if k.startswith("candidate/")]
    assert ["label_words-capitalised", "label_words-letters", "plain", "scale-10"] == sorted(
        c.name for c in scored
    )
    for candidate in scored:
        assert 0 == candidate.failed
        assert set(RULES) == set(candidate.calibration.validation)
        assert max(candidate.calibration.validation.values()) == candidate.value
        assert candidate.consistency in (0.0, 0.5, 1.0)
    # A label that is hard to say is no handicap once likelihoods are weighed.
    assert max(c.value for c in scored) >= 0.75
    outcome = got.outcomes["I love it"]
    assert isinstance(outcome, Prediction)
    assert {"positive", "negative"} == set(outcome.probabilities or {})
