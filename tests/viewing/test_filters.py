from __future__ import annotations

from dataclasses import replace

import pytest

from harness.viewing.filters import Filters, parse, query

EVERYTHING = Filters(
    search="a&b=c ü",
    arm="1-0",
    show=("zero-shot", "few shot"),
    disagree=True,
    of="zero-shot",
    state="wrong",
    said="positive",
    target="negative",
    metadata=(("channel", "mail"), ("a.b", "x=y")),
    sort="sure:zero-shot",
    page=3,
)


def test_the_address_holds_the_whole_state() -> None:
    assert EVERYTHING == parse(query(EVERYTHING))
    assert "" == query(Filters())


def test_an_empty_field_is_no_filter() -> None:
    assert Filters() == parse("q=&of=&state=&target=&meta.channel=&sort=&page=")


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 5000, "²"])
def test_a_page_that_is_no_number_is_the_first(page: str) -> None:
    assert 1 == parse(f"page={page}").page


def test_what_is_not_known_is_left_out() -> None:
    assert Filters(target="a") == parse("id=7&state=odd&target=a&disagree=yes")


def test_only_the_page_is_no_part_of_the_selection() -> None:
    assert replace(EVERYTHING, page=1) == EVERYTHING.selection
    assert not Filters(sort="longest", page=2).narrows
    assert EVERYTHING.narrows
