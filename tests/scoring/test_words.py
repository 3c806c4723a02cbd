from __future__ import annotations

import doctest
import random
import string

import pytest
from rouge_score.tokenize import tokenize

from harness.scoring import words as module
from harness.scoring.words import last_number, normalised, token_f1, words


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("eiffel tower", "The  Eiffel Tower!"),
        ("it is apple", "It is\tan \n apple."),
        ("theatre", "theatre"),  # an article within a word stays
        ("wellknown", "well-known"),
        ("cest lété", "C\u2019est l\u2019été"),  # typographic apostrophes
        ("strasse", "Straße"),
        ("file", "\ufb01le"),  # a ligature
        ("a", "A"),  # the answer of a quiz
        ("the", "The"),
        ("...", "..."),
        ("", "  "),
        ("दिल्ली", "दिल्ली।"),  # vowel signs stay with their letters
    ],
)
def test_normalised_leaves_what_counts(expected: str, text: str) -> None:
    assert expected == normalised(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (["it", "s", "3", "5", "km"], "It's 3.5 km"),
        (["café", "olé"], "Café -- olé!"),
        (["東", "京", "tower"], "東京Tower"),
        (["москва", "2024"], "Москва, 2024"),
        (["दिल्ली", "में"], "दिल्ली में।"),
        ([], "?! _"),
    ],
)
def test_words_of_every_script(expected: list[str], text: str) -> None:
    assert expected == words(text)


def test_words_of_ascii_are_rouge_scores() -> None:
    rng = random.Random(0)
    for _ in range(200):
        text = "".join(rng.choices(string.printable, k=40))
        assert tokenize(text, None) == words(text)


@pytest.mark.parametrize(
    ("expected", "target", "answer"),
    [
        (1.0, "The cat", "cat!"),
        (2 / 5, "42", "So it is 42."),
        (2 * 2 / (3 + 2), "red red blue", "red red"),
        (2 * 1 / (1 + 3), "red", "red red red"),  # a word counts as often as both have it
        (0.0, "red", ""),
        (0.0, "", "red"),
        (1.0, "", " "),
        (2 * 1 / (2 + 2), "東京", "東北"),
    ],
)
def test_token_f1_counts_shared_words(expected: float, target: str, answer: str) -> None:
    assert pytest.approx(expected) == token_f1(target, answer)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (18.0, "24 - 6 = 18."),
        (1018.5, "so $1,018.50"),
        (-5.0, "It is -5"),
        (-5.0, "It is \u22125"),  # the typographic minus
        (-5.0, "-$5"),
        (5.0, "10-5"),
        (5.0, "+5"),
        (0.5, "about .5"),
        (1500.0, "1.5e3 J"),
        (3.0, "1, 2,3"),
        (1234567.0, "1,234,567"),
        (50.0, "50%"),
        (42.0, "#### 42"),
        (3.0, "3 of H2O"),
        (42.0, "答えは42です"),
        (5.0, "5eggs"),
        (None, "none"),
        (None, ""),
        (None, "9" * 400),  # beyond what a float holds
    ],
)
def test_the_last_number_is_found(expected: float | None, text: str) -> None:
    assert expected == last_number(text)


def test_a_long_text_of_digits_and_commas_takes_no_time() -> None:
    assert 7.0 == last_number("1," * 100_000 + "x 7")


def test_examples_in_the_docstrings_hold() -> None:
    assert (0, 3) == doctest.testmod(module)
