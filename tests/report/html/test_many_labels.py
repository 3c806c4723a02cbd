"""Sixty labels stay readable: worst first, most confused pairs, narrow tables, the whole behind a click."""

from __future__ import annotations

from harness.comparing.records import Estimate
from harness.diagnosing.records import Confusion
from harness.report.html import confusion
from harness.report.html.parts import Fold, Table

LABELS = tuple(f"label {i:02d}" for i in range(60))


def made(n: int = 60) -> Confusion:
    """Label i has i errors, all answered as label 0; the others are right."""
    rows = [[0] * (n + 1) for _ in range(n)]
    for i in range(n):
        rows[i][i] += 100 - i
        rows[i][0 if i else 1] += i
    return Confusion(strategy="s", labels=LABELS[:n], counts=tuple(map(tuple, rows)))


def test_the_worst_of_sixty_labels_come_first_and_all_of_them_behind_a_click() -> None:
    worst, every, pairs, more = confusion.many(made())
    assert isinstance(worst, Table)
    assert isinstance(every, Fold)
    assert ["label 00", "label 59", "label 58"] == [row[0].text for row in worst.rows[:3]]
    assert (10, "All 60 labels") == (len(worst.rows), every.summary)
    [whole] = every.blocks
    assert isinstance(whole, Table)
    assert 60 == len(whole.rows)
    assert isinstance(pairs, Table)
    assert ["label 59", "label 00", "59"] == [cell.text for cell in pairs.rows[0][:3]]
    assert isinstance(more, Fold)
    assert "50 of 59 confused pairs" == more.summary


def test_the_matrix_of_sixty_has_twenty_numbered_columns_and_one_of_all_others() -> None:
    found = confusion.table(made())
    heads = [head.text for head in found.heads]
    assert ["target \\ answer", *map(str, range(1, 21)), "others", "found", "n"] == heads
    assert "label 40" == found.heads[1].hint
    assert "1\u2002label 40" == found.rows[0][0].text
    assert "40" == found.rows[0][21].text  # all answered as label 0, which has no column here
    assert "" == found.rows[0][2].text
    assert "heat dense" == found.look


def test_few_labels_keep_their_names_shares_and_one_table() -> None:
    found = confusion.table(made(3))
    assert ["target \\ answer", "label 00", "label 01", "label 02", "found", "n"] == [h.text for h in found.heads]
    assert "0" == found.rows[0][1 + 1].text
    assert [] == confusion.many(made(3))


def test_a_scale_says_how_far_off_answers_are() -> None:
    off = Estimate(value=0.25, low=0.2, high=0.3, n=300)
    found = made(3).model_copy(update={"off_by_one": off, "farther_off": off})
    assert (
        "S: one step of the scale off 0.250 (0.200 to 0.300) of the rows, farther 0.250 ("
        in confusion.table(found).note
    )
