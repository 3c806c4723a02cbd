from __future__ import annotations

import pytest

from harness.errors import SuiteError
from harness.trainingfiles import PROVIDERS, epochs_of, rules_of


def test_an_unknown_provider_is_named_with_those_that_are_known() -> None:
    with pytest.raises(SuiteError, match=r"no provider 'opnai'.*Did you mean 'openai'"):
        rules_of("opnai")
    assert all(name == rules.provider for name, rules in PROVIDERS.items())


@pytest.mark.parametrize(
    ("examples", "passes"), [(10, 10), (33, 3), (34, 3), (8000, 3), (10_000, 2), (200_000, 1), (1, 25)]
)
def test_openai_goes_more_often_over_few_examples(examples: int, passes: int) -> None:
    assert passes == epochs_of(rules_of("openai"), examples).passes


def test_epochs_that_nobody_says_are_unknown() -> None:
    assert None is epochs_of(rules_of("mistral"), 100).passes
    assert (1, 4) == (epochs_of(rules_of("together"), 100).passes, epochs_of(rules_of("mistral"), 100, 4).passes)


def test_a_model_may_take_less_than_its_provider_and_the_user_knows_best() -> None:
    assert [65_536, 16_385, 8_192, 100] == [
        rules_of("openai", *more).example_tokens
        for more in (("gpt-4.1",), ("ft:gpt-3.5-turbo-0125:me::a",), ("openai/gpt-4-0613",), ("gpt-4.1", 100))
    ]
    assert (None, 8000) == (rules_of("together").example_tokens, rules_of("together", "any", 8000).example_tokens)
