from __future__ import annotations

import pytest

from harness import DataError, Row, SuiteError
from harness_retrieval.passages import cut, pieces, written


def test_pieces_overlap_and_cover_every_word() -> None:
    assert pieces("a b c d e f g", words=4, overlap=1) == ["a b c d", "d e f g"]
    assert pieces("a b c d e", words=2, overlap=0) == ["a b", "c d", "e"]


def test_a_last_piece_of_nothing_but_overlap_is_not_made() -> None:
    assert pieces("a b c d e f", words=4, overlap=2) == ["a b c d", "c d e f"]


@pytest.mark.parametrize(("words", "overlap"), [(1, 0), (2, 1), (3, 0), (5, 4), (7, 3), (100, 20)])
def test_no_word_is_split_and_white_space_inside_a_piece_is_kept(words: int, overlap: int) -> None:
    text = "  Opening  hours:\n\n- Monday\u00a09 to 5\n- Sonnenallee 12,\tBerlin-Neukölln 🙂  "
    found = pieces(text, words, overlap)
    assert set(text.split()) == {word for piece in found for word in piece.split()}
    assert all(piece in text and len(piece.split()) <= words for piece in found)


def test_a_text_without_a_word_has_no_pieces() -> None:
    assert pieces(" \n ", words=3, overlap=1) == []


def test_a_passage_is_named_for_its_row_and_its_place_in_it() -> None:
    rows = [Row(id="faq-1", fields={"text": "a b c"}), Row(id="faq-2", fields={"text": ""})]
    assert [("faq-1#0", "a b"), ("faq-1#1", "c")] == [(p.id, p.text) for p in cut(rows, "text", 2, 0)]


def test_an_unknown_text_column_is_refused_with_a_near_name() -> None:
    with pytest.raises(SuiteError, match=r"no column 'text'.*Did you mean 'texts'"):
        cut([Row(id="1", fields={"texts": "a"})], "text", 2, 0)


@pytest.mark.parametrize("rows", [[], [Row(id="1", fields={"text": " "})]])
def test_a_table_without_text_is_refused(rows: list[Row]) -> None:
    with pytest.raises(DataError, match=f"has {len(rows)} rows and no word"):
        cut(rows, "text", 2, 0)


def test_a_template_takes_the_piece_and_any_column_of_its_row() -> None:
    passages = cut(
        [Row(id="1", fields={"text": "a b c", "title": "T {text}"}), Row(id="2", fields={"text": "d"})],
        "text",
        2,
        0,
    )
    assert ["T {text}: a b", "T {text}: c", ": d"] == written(passages, "{title}: {text}")


def test_a_template_with_an_unknown_column_is_refused() -> None:
    passages = cut([Row(id="1", fields={"text": "a", "title": "T"})], "text", 2, 0)
    with pytest.raises(SuiteError, match=r"no column 'titel'.*Did you mean 'title'"):
        written(passages, "{titel}: {text}")
