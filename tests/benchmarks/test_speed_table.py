"""README and docs/speed.md show what the benchmarks found, and the tables hide nothing that missed its goal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.speed import table
from benchmarks.speed.ratios import FOUND, Line, Ratio, alternating, paired, told

MISSED = Line("8-shot", "a | b", "least", 30, Ratio(12.345, 11.0, 13.0, 3), "300 of 300")
MET = Line("8-shot", "zero-shot", "most", 1.5, Ratio(1.234, 1.1, 1.4, 3))
SCORING = table.Found("scoring", (MISSED, MET), "2 cores of a CPU", "python 3.11")


def test_the_readme_and_the_docs_show_what_was_found() -> None:
    found = table.found()
    for file, shown in ((table.README, table.short(found)), (table.DOCS, table.whole(found))):
        text = file.read_text(encoding="utf-8")
        assert table.fill(text, shown, file.name) == text, "run: python -m benchmarks.speed table"


def test_every_benchmark_that_left_figures_is_in_the_table() -> None:
    left = {file.stem for file in FOUND.glob("*.json")}
    assert left == {benchmark.name for benchmark in table.found()}


def test_a_goal_that_was_missed_says_so_in_both_tables() -> None:
    assert r"| 8-shot | a \| b | at least 30 | 12 (11 to 13, n = 3), **not met** |" in table.short([SCORING])
    assert "| 8-shot | zero-shot | at most 1.5 | 1.2 (1.1 to 1.4, n = 3) |" in table.short([SCORING])
    assert "12 (11 to 13, n = 3), **not met** | 300 of 300 |" in table.whole([SCORING])
    assert "Not met: 1 of 2." in table.whole([SCORING])
    assert "Not met" not in table.whole([replace(SCORING, lines=(MET,))])


def test_each_machine_is_named_once() -> None:
    other = replace(SCORING, name="generation", machine="another")
    assert table.short([SCORING, SCORING, other]).endswith("Measured on 2 cores of a CPU; another.")


def test_only_what_stands_between_the_markers_is_written_anew() -> None:
    text = f"before\n{table.BEGIN}\nold\n{table.END}\nbehind\n"
    assert f"before\n{table.BEGIN}\nnew\n{table.END}\nbehind\n" == table.fill(text, "new", "README.md")


@pytest.mark.parametrize("text", ["no markers", table.BEGIN, f"{table.END} {table.BEGIN}"])
def test_a_file_without_its_markers_is_refused(text: str) -> None:
    with pytest.raises(SystemExit, match=r"README\.md must hold"):
        table.fill(text, "new", "README.md")


def test_a_ratio_is_the_median_over_pairs_that_ran_side_by_side() -> None:
    assert Ratio(2.0, 1.0, 3.0, 3) == paired([2.0, 30.0, 4.0], [1.0, 10.0, 4.0])


def test_a_ratio_has_two_digits_and_never_an_exponent() -> None:
    assert ["0.052", "1.2", "10", "30", "120"] == [told(x) for x in (0.0523, 1.234, 9.96, 30.4, 120.4)]


def test_sides_take_turns_in_being_first() -> None:
    ran: list[str] = []

    def side(name: str) -> float:
        ran.append(name)
        return float(len(ran))

    assert [[1.0, 4.0], [2.0, 3.0]] == alternating([lambda: side("a"), lambda: side("b")], 2)
    assert ["a", "b", "b", "a"] == ran


def test_every_benchmark_of_the_table_is_a_module_that_says_how_it_measures() -> None:
    for benchmark in table.found():
        source = Path(table.__file__).with_name(f"{benchmark.name}.py")
        assert source.read_text(encoding="utf-8").startswith('"""')
