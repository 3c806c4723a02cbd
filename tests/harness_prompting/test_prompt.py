from __future__ import annotations

from pathlib import Path

import pytest

from harness import Prediction, Wording
from harness.testing import ScriptedModel, check_strategy, try_strategy
from harness_prompting.prompt import Prompt

MODELS = {"m": ScriptedModel(replies={"great": "positive"}, otherwise="negative")}


@pytest.mark.parametrize(
    "strategy", [Prompt(model="m"), Prompt(model="m", normalise="sum"), Prompt(model="m", calibrate=True)]
)
def test_it_keeps_the_contract(strategy: Prompt, tmp_path: Path) -> None:
    check_strategy(strategy, folder=tmp_path, models=MODELS)


def test_the_prompt_is_the_instructions_and_the_text_and_the_wording_changes_it(tmp_path: Path) -> None:
    wording = Wording(system="Be brief.", answer_format="", query="Review: {text}")
    for folder, given, expected in (
        (
            "plain",
            Wording(),
            ["Is this review positive or negative?\nAnswer with one of: positive, negative.\n\n{}"],
        ),
        ("own", wording, ["Be brief.", "Is this review positive or negative?\n\nReview: {}"]),
    ):
        got = try_strategy(Prompt(model="m", wording=given), folder=tmp_path / folder, models=MODELS)
        query_id, exchanges = next(iter(got.exchanges.items()))
        thing, word = query_id.split("-")
        text = f"the {thing} was {word}"
        assert [each.replace("{}", text) for each in expected] == [m.content for m in exchanges[0].messages]


def test_label_words_are_answered_as_labels(tmp_path: Path) -> None:
    words = {"m": ScriptedModel(replies={"great": "good"}, otherwise="bad")}
    strategy = Prompt(model="m", wording=Wording(label_words={"positive": "good", "negative": "bad"}))
    got = try_strategy(strategy, folder=tmp_path, models=words)
    for query_id, outcome in got.outcomes.items():
        assert isinstance(outcome, Prediction)
        assert ("positive" if query_id.endswith("great") else "negative",) == outcome.answers
        assert outcome.probabilities is not None
        assert {"positive", "negative"} == set(outcome.probabilities)


def test_a_word_for_an_unknown_label_stops_the_trial_before_anything_is_asked(tmp_path: Path) -> None:
    strategy = Prompt(model="m", wording=Wording(label_words={"positiv": "good"}))
    with pytest.raises(AssertionError, match=r"no label 'positiv'.*Did you mean 'positive'"):
        try_strategy(strategy, folder=tmp_path, models=MODELS)
    assert [] == list(tmp_path.rglob("steps/*"))
