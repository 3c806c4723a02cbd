from __future__ import annotations

import math

import pytest

from harness_openai.likelihood import choice_probabilities

LABELS = ("positive", "negative", "neutral")


def token(text: str, **alternatives: float) -> dict[str, object]:
    """A token of a reply, with the probability of each alternative."""
    listed = [{"token": name.replace("_", " "), "logprob": math.log(p)} for name, p in alternatives.items()]
    return {"token": text, "logprob": -0.1, "top_logprobs": listed}


def test_each_alternative_counts_for_the_one_choice_that_it_begins() -> None:
    found = choice_probabilities([token("pos", pos=0.6, positive=0.1, neg=0.2, the=0.1)], 0, LABELS)
    assert found == pytest.approx({"positive": 7 / 9, "negative": 2 / 9, "neutral": 0.0})


def test_case_and_space_before_an_answer_do_not_matter() -> None:
    tokens = [token("\n"), token(" Neg", _Neg=0.75, _Neutral=0.25)]
    assert choice_probabilities(tokens, 0, LABELS) == pytest.approx(
        {"positive": 0, "negative": 0.75, "neutral": 0.25}
    )


def test_a_token_that_holds_more_than_the_answer_is_read_from_its_beginning() -> None:
    tokens = [{"token": '{"answer":"pos', "top_logprobs": [{"token": '{"answer":"neutral"}', "logprob": 0.0}]}]
    assert choice_probabilities(tokens, 11, LABELS) == {"positive": 0, "negative": 0, "neutral": 1}


def test_choices_that_begin_alike_cannot_be_told_apart() -> None:
    assert choice_probabilities([token("ne", ne=0.5, pos=0.5)], 0, LABELS) is None
    assert choice_probabilities([token("refund", refund=1.0)], 0, ("refund", "refund status")) is None


def test_a_model_that_was_not_choosing_has_no_probabilities() -> None:
    assert choice_probabilities([token("I", I=0.7, pos=0.3)], 0, LABELS) is None


@pytest.mark.parametrize(
    "tokens",
    [
        None,
        [],
        "pos",
        [None],
        [{"token": 3}],
        [{"token": "pos"}],
        [{"token": "pos", "top_logprobs": [None, {"token": "pos"}, {"token": "pos", "logprob": "high"}]}],
        [{"token": "pos", "top_logprobs": [{"token": "pos", "logprob": math.nan}]}],
        [{"token": "pos", "top_logprobs": [{"token": "pos", "logprob": 5.0}]}],
    ],
)
def test_what_is_not_as_it_should_be_tells_nothing(tokens: object) -> None:
    assert choice_probabilities(tokens, 0, LABELS) is None
