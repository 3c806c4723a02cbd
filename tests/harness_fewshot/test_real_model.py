"""`few-shot` and its calibration on the packaged model and embedder."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import Brief, Example, Prediction, Query
from harness.calibration import RULES, Calibration
from harness.testing import try_strategy
from harness_fewshot.fewshot import Demonstrations, FewShot
from harness_transformers.embedder import SentenceTransformersModel
from harness_transformers.model import TransformersModel

BRIEF = Brief(
    name="t",
    instructions="Is this review positive or negative?",
    kind="label",
    labels={"positive": "", "negative": ""},
    max_output_tokens=8,
)
GOOD = ["I love it", "what a wonderful day", "the best crew ever", "a superb meal", "thank you, that was perfect"]
BAD = [
    "I hate it",
    "what a horrible day",
    "the worst crew ever",
    "a disgusting meal",
    "shame on you, that was awful",
]
ROWS = [
    Example(query=Query(id=text, text=text), targets=(label,))
    for pair in zip(GOOD, BAD, strict=True)
    for text, label in zip(pair, ("positive", "negative"), strict=True)
]


@pytest.mark.models
def test_demonstrations_fit_the_real_tokens_and_every_answer_is_a_label_with_its_likelihood(
    tmp_path: Path,
) -> None:
    strategy = FewShot(
        model="m",
        select="diverse",
        embedder="e",
        shots=4,
        order="interleaved",
        max_prompt_tokens=100,
        calibrate=True,
    )
    models = {
        "m": TransformersModel(weights="smollm2-135m-instruct"),
        "e": SentenceTransformersModel(weights="all-minilm-l6-v2"),
    }
    got = try_strategy(
        strategy,
        folder=tmp_path,
        brief=BRIEF,
        train=ROWS[2:8],
        validation=ROWS[8:],
        queries=ROWS[:2],
        models=models,
    )
    shown = Demonstrations.model_validate(got.steps["demonstrations"])
    assert 4 == len(shown.ids) + len(shown.dropped)
    assert 0 < len(shown.dropped) < 4
    assert shown.tokens <= 100
    assert set(RULES) == set(Calibration.model_validate(got.steps["calibration"]).validation)
    for example in ROWS[:2]:
        outcome = got.outcomes[example.query.id]
        assert isinstance(outcome, Prediction)
        assert outcome.probabilities is not None
        assert pytest.approx(1.0) == sum(outcome.probabilities.values())
        assert outcome.answers == (max(outcome.probabilities, key=dict(outcome.probabilities).__getitem__),)
        (exchange,) = got.exchanges[example.query.id]
        assert "likelihood" == exchange.asked
        assert 2 * len(shown.ids) + 1 == sum(m.role != "system" for m in exchange.messages)
