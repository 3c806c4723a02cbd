from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness import Message
from harness.comparison import Compared
from harness.report.html.page import html

EVIL = "<script>alert(1)</script>"


@pytest.mark.parametrize(("turns", "folded"), [(2, False), (6, True)])
def test_earlier_turns_stand_above_the_text_escaped_and_many_are_folded(
    compared: Compared, parsed: Callable[[str], Any], turns: int, folded: bool
) -> None:
    page = html(with_turns(compared, turns))
    assert EVIL not in page
    shown = parsed(page).all("details", class_="turns")
    assert shown
    for each in shown:
        assert f"{turns} earlier turns" in each.text
        assert turns == len(each.all("p", class_="turn"))
        assert f"user turn 0 {EVIL}" in each.text
        assert folded is ("open" not in each.attributes)


def test_without_texts_no_turn_is_in_the_page(compared: Compared) -> None:
    page = html(with_turns(compared, 2), texts=False)
    assert "turn 0" not in page
    assert "earlier turn" not in page


def with_turns(compared: Compared, turns: int) -> Compared:
    history = tuple(Message(role=("user", "assistant")[i % 2], content=f"turn {i} {EVIL}") for i in range(turns))
    evidence = compared.evidence["tweets"]
    test = tuple(
        e.model_copy(update={"query": e.query.model_copy(update={"history": history})}) for e in evidence.test
    )
    return replace(compared, evidence={"tweets": replace(evidence, test=test)})
