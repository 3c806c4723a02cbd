from __future__ import annotations

import pytest

from harness.estimate import estimated_tokens


@pytest.mark.parametrize(
    ("text", "really"),  # as SmolLM2's tokenizer counts
    [
        ("The quick brown fox jumps over the lazy dog.", 10),
        ("😀😀😀😀", 12),
        ("今天天气很好", 13),
        ("x = [i ** 2 for i in range(10)]", 15),
        ("@united WHY is gate 4 closed?!? #fail http://t.co/x8Kd2", 25),
    ],
)
def test_the_estimate_is_from_above_and_not_far(text: str, really: int) -> None:
    assert really <= estimated_tokens(text) <= 1.5 * really


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("positive", 3), ("a b", 2), ("a  b\n", 4), ("42", 2)])
def test_each_kind_of_piece_has_its_tokens(text: str, tokens: int) -> None:
    assert tokens == estimated_tokens(text)


def test_half_a_surrogate_pair_is_counted() -> None:
    assert estimated_tokens("\ud83d") >= 1
