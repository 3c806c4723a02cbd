"""Queries in another form: what is changed, what is left alone, and who is asked."""

from __future__ import annotations

from random import Random

import pytest

from harness.data.probing import altered, case, drawn, rephrased, whitespace
from harness.data.swapping import Swap
from harness.data.typing_errors import typos
from harness.records import Message, Query
from harness.suite import Probes

GENDER = (("he", "she"), ("his", "her"), ("old", "young"), ("old man", "old woman"))


def queries(*texts: str) -> list[Query]:
    return [Query(id=f"r{i}", text=text) for i, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("she lost her keys", "he lost his keys"),
        ("She said: HER keys!", "He said: HIS keys!"),
        ("the theme, she-goat and (she)", "the theme, he-goat and (he)"),
        ("she's her own boss", "he's his own boss"),
        ("an Old woman, an OLD WOMAN", "an Old  man, an OLD\nMAN"),
        ("héros, here, she_", "héros, here, she_"),
        ("she and her", "she and her"),
    ],
)
def test_terms_are_swapped_as_whole_words_in_their_case(expected: str, text: str) -> None:
    assert expected == Swap.of(GENDER, 0, 1).apply(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [("Turkish food", "German food"), ("turkish food", "german food"), ("TURKISH FOOD", "GERMAN FOOD")],
)
def test_a_term_that_has_a_capital_of_its_own_keeps_the_texts_case(expected: str, text: str) -> None:
    assert expected == Swap.of([("German", "Turkish")], 0, 1).apply(text)


def test_a_term_of_several_sets_goes_by_the_first() -> None:
    swap = Swap.of([("his", "her"), ("him", "her")], 1, 0)
    assert ("her->his", "his keys") == (swap.name, swap.apply("her keys"))


def test_terms_are_text_and_no_patterns() -> None:
    swap = Swap.of([("c++", "java"), ("a.b", "x")], 0, 1)
    assert "java, x and axb" == swap.apply("c++, a.b and axb")


TEXT = "The friendly staff, it said: see https://x.org/Great or model2000 and c00l @someone #wonderful a@b.org"


@pytest.mark.parametrize("seed", range(30))
def test_typing_errors_are_one_or_two_small_edits_of_plain_words(seed: int) -> None:
    changed = typos(TEXT, Random(seed))
    assert changed == typos(TEXT, Random(seed))
    before, after = TEXT.split(), changed.split()
    assert len(before) == len(after)
    pairs = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert 1 <= len(pairs) <= 2
    for a, b in pairs:
        assert a in {"The", "friendly", "staff,", "said:", "see", "and"}
        assert a[0] == b[0]
        assert b in edits(a)


def edits(word: str) -> set[str]:
    """All that one error can make of a word: a letter left out, struck twice, or turned round with the next."""
    made = set()
    for i in range(1, len(word)):
        made |= {word[:i] + word[i + 1 :], word[: i + 1] + word[i:]}
        made.add(word[:i] + word[i + 1 : i + 2] + word[i] + word[i + 2 :])
    return made


def test_all_three_typing_errors_happen() -> None:
    made = {len(typos("friendly", Random(seed))) for seed in range(50)}
    assert {7, 8, 9} == made


@pytest.mark.parametrize("text", ["", "ok", "a1 b2", "@someone https://x.org/abc", "!!!"])
def test_a_text_without_a_word_to_mistype_stays(text: str) -> None:
    assert text == typos(text, Random(0))


@pytest.mark.parametrize(
    ("variant", "expected", "text"),
    [
        ("lower", "great, see https://X.org/Ab @Sam", "GREAT, See https://X.org/Ab @Sam"),
        ("upper", "SO SAD @sam", "so sad @sam"),
        ("", "@Sam 1!", "@Sam 1!"),
    ],
)
def test_case_is_lowered_or_where_there_is_nothing_to_lower_raised(variant: str, expected: str, text: str) -> None:
    assert (variant, expected) == case(text, Random(0))


@pytest.mark.parametrize("text", ["one two three\nfour five", "word", "already  two", ""])
def test_white_space_is_all_that_changes_and_lines_stay(text: str) -> None:
    changed = whitespace(text, Random(3)).text
    assert changed != text
    assert text.split() == changed.split()
    assert text.count("\n") == changed.count("\n")


def test_every_probe_asks_the_same_sample_whatever_the_order_of_the_rows() -> None:
    rows = queries(*(f"Text number {word}" for word in ["one", "two", "three", "four", "five", "six", "seven"]))
    probes = Probes(sample=3, perturb=("typos", "case", "whitespace"))
    made = list(altered(rows, probes, 7))
    asked = {name: [a.of for a in made if a.probe == name] for name in probes.perturb}
    assert 3 == len(asked["typos"])
    assert asked["typos"] == asked["case"] == asked["whitespace"]
    assert made == list(altered(rows[::-1], probes, 7))
    assert {q.id for q in drawn(rows, 3, 7)} < {q.id for q in drawn(rows, 5, 7)}
    others = [{q.id for q in drawn(rows, 3, seed)} for seed in range(5)]
    assert len({frozenset(each) for each in others}) > 1


def test_a_query_keeps_what_is_not_its_text_and_gets_an_id_of_its_own() -> None:
    query = Query(id="r1", text="Great", history=(Message(role="user", content="Hi"),), metadata={"age": "3"})
    [made] = altered([query], Probes(perturb=("case",)), 0)
    assert ("case", "lower", "r1") == made[:3]
    assert query.model_copy(update={"id": "r1~case", "text": "great"}) == made.query


def test_what_a_change_leaves_as_it_is_is_not_asked() -> None:
    assert [] == list(altered(queries("123 @a", "!!"), Probes(perturb=("typos", "case")), 0))


def test_counterfactual_texts_are_those_that_hold_a_term_up_to_the_sample() -> None:
    rows = queries("he is good", "she and he", "nobody", "her dog", "the", "his")
    probes = Probes(sample=10, counterfactual={"gender": (("he", "she"), ("his", "her"))})
    made = {(a.of, a.variant): a.query.text for a in altered(rows, probes, 0)}
    assert {
        ("r0", "he->she"): "she is good",
        ("r1", "he->she"): "she and she",
        ("r1", "she->he"): "he and he",
        ("r3", "she->he"): "his dog",
        ("r5", "he->she"): "her",
    } == made
    few = Probes(sample=2, counterfactual=probes.counterfactual)
    assert 2 == len({a.of for a in altered(rows, few, 0)})


def test_three_columns_stand_for_each_other_in_every_pair() -> None:
    probes = Probes(counterfactual={"from": (("German", "Turkish", "Polish"),)})
    made = list(altered(queries("A German baker", "a polish baker"), probes, 0))
    assert {"German->Turkish", "German->Polish", "Polish->German", "Polish->Turkish"} == {a.variant for a in made}
    assert "r1~counterfactual:from:Polish->German" in {a.query.id for a in made}


def test_other_instructions_ask_the_sample_as_it_stands() -> None:
    rows = queries("one", "two", "three")
    made = rephrased(rows, Probes(sample=2), 0, 1)
    assert [q.id for q in drawn(rows, 2, 0)] == [a.of for a in made]
    assert {"one", "two", "three"} > {a.query.text for a in made}
    assert {f"{a.of}~instructions-1" for a in made} == {a.query.id for a in made}
