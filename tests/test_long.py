from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from harness.long import MARK, Cut, breaks, cut_of, pieces, surely_fits

HOWS: tuple[Cut, ...] = ("head", "middle", "chunks")


def words(text: str) -> int:
    """As a tokenizer with two tokens round each text would count."""
    return 2 + len(text.split())


def numbered(count: int) -> str:
    return " ".join(f"w{i}" for i in range(count))


@pytest.mark.parametrize("how", HOWS)
def test_a_text_within_the_limit_stays_whole(how: Cut) -> None:
    text = " two  words\n"
    [piece] = pieces(text, how, 4, words)
    assert (text, 4) == piece


def test_the_head_is_all_the_words_that_fit() -> None:
    [piece] = pieces(numbered(50), "head", 12, words)
    assert (numbered(10), 12) == piece


def test_of_the_middle_a_quarter_of_the_head_and_three_quarters_of_the_tail_are_left() -> None:
    [piece] = pieces(numbered(50), "middle", 15, words)
    head, tail = piece.text.split(MARK)
    assert ["w0", "w1", "w2"] == head.split()
    assert [f"w{i}" for i in range(41, 50)] == tail.split()
    assert 15 == piece.tokens


def test_chunks_cover_every_word_in_order_and_overlap_a_little() -> None:
    found = pieces(numbered(200), "chunks", 42, words)
    firsts = [int(piece.text.split()[0][1:]) for piece in found]
    lasts = [int(piece.text.split()[-1][1:]) for piece in found]
    assert (0, 199) == (firsts[0], lasts[-1])
    for last, first in zip(lasts, firsts[1:], strict=False):
        assert 1 <= last + 1 - first <= 5
    assert all(piece.tokens == words(piece.text) <= 42 for piece in found)
    assert min(piece.tokens for piece in found) >= 20


def test_a_chunk_ends_with_a_sentence_where_one_ends_late_in_it() -> None:
    text = " ".join(f"{numbered(7)} stop{i}." for i in range(20))
    found = pieces(text, "chunks", 23, words)
    assert all(piece.text.endswith(".") for piece in found)


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(
    "text", ["長い文章です。" * 40, "x" * 300, "e\u0301" * 200, "👩\u200d🚀" * 100, "ab " + "y" * 500 + " cd"]
)
def test_what_has_no_blanks_is_cut_between_characters_within_the_limit(how: Cut, text: str) -> None:
    found = pieces(text, how, 40, len)
    assert found
    for piece in found:
        assert len(piece.text) == piece.tokens <= 40
        assert not unicodedata.category(piece.text[0]).startswith("M")
        assert "\u200d" not in (piece.text[0], piece.text[-1])
    if how == "chunks":
        assert len("".join(piece.text for piece in found)) >= len(text.replace(" ", ""))


def test_nothing_is_left_where_not_even_a_character_fits() -> None:
    assert () == pieces("too long for this", "chunks", 5, lambda text: 5 + len(text))
    assert () == pieces("too long for this", "middle", 4, lambda text: 5 + len(text))


@pytest.mark.parametrize("how", HOWS)
def test_a_tokenizer_that_counts_unevenly_never_lets_a_piece_pass_the_limit(how: Cut) -> None:
    def uneven(text: str) -> int:
        return 3 + sum(1 if len(word) > 6 else len(word) for word in text.split())

    text = " ".join("extraordinary" if i % 3 else "odd" + str(i) for i in range(400))
    assert all(uneven(piece.text) <= 64 for piece in pieces(text, how, 64, uneven))


def test_short_texts_are_known_to_fit_without_counting() -> None:
    assert surely_fits("x" * 248, 256)
    assert not surely_fits("x" * 249, 256)
    assert not surely_fits("長" * 100, 256)  # three bytes each may be three tokens


def test_nothing_is_cut_where_the_task_does_not_say_so() -> None:
    assert [None, None, "head", "chunks"] == [cut_of(how) for how in (None, "fail", "head", "chunks")]


def test_a_text_may_be_cut_before_words_and_round_characters_of_scripts_without_blanks() -> None:
    assert [5, 6, 7, 8] == breaks("fine \u9577\u3044\u6587")


@pytest.mark.models
@pytest.mark.parametrize("how", HOWS)
def test_real_tokenizers_never_see_more_than_the_limit(how: Cut, real: Callable[[str], int]) -> None:
    texts = [
        "The room was fine, antidisestablishmentarianism aside. " * 40,
        "\u90e8\u5c4b\u306f\u3068\u3066\u3082\u826f\u304b\u3063\u305f\u3067\u3059\u3002" * 60,
        "\U0001f600" * 400,
        "deadbeef" * 200,
    ]
    for text in texts:
        found = pieces(text, how, 100, real)
        assert found
        assert all(real(piece.text) == piece.tokens <= 100 for piece in found)
        assert [text] == [piece.text for piece in found] or max(piece.tokens for piece in found) >= 80


@pytest.fixture(scope="module", params=["all-minilm-l6-v2", "smollm2-135m-instruct"])
def real(request: pytest.FixtureRequest) -> Callable[[str], int]:
    """Tokens by a packaged model's own tokenizer."""
    from transformers import AutoTokenizer

    from harness_transformers import places

    place = places.find(request.param, None)
    if place.is_file():
        tokenizer = AutoTokenizer.from_pretrained(place.parent, gguf_file=place.name)
    else:
        tokenizer = AutoTokenizer.from_pretrained(place)
    return lambda text: len(tokenizer(text, verbose=False)["input_ids"])
