from __future__ import annotations

from pathlib import Path

from harness.viewing.building import build
from harness.viewing.index import Index
from harness.viewing.pairs import Both, Side, pair, searched

from .conftest import ANSWERS, TEXTS, write_run


def test_two_runs_are_joined_by_query_id_and_their_differences_counted(tmp_path: Path) -> None:
    later = {"q9": ("new", "positive", "web"), **{k: v for k, v in reversed(TEXTS.items()) if k != "q0"}}
    later["q3"] = (later["q3"][0], "positive", "web")  # relabelled
    answers = {"good": {"q9": ("positive", 0.5), **{k: v for k, v in ANSWERS["shy"].items() if k in later}}}
    indexes = []
    for name, texts, said in (("a", TEXTS, ANSWERS), ("b", later, answers)):
        folder = write_run(tmp_path / name, texts, said)
        build(folder, "t", tmp_path / f"{name}.sqlite", lambda _: None)
        indexes.append(Index(tmp_path / f"{name}.sqlite", folder, "t"))
    a, b = indexes
    paired = pair(Side(a, 0), Side(b, 0))
    told = paired.counts
    assert (3, 1, 1, 1) == (told.shared, told.only_a, told.only_b, told.retargeted)
    assert (3, 2, 0, 1) == (told.changed, told.a_better, told.b_better, told.neither)
    q1, q2, q3 = Both(1, 3), Both(2, 2), Both(3, 1)
    assert [q1, q2, q3] == paired.select("")
    assert [q1, q2] == paired.select("a-better")
    assert [q3] == paired.select("neither", searched(a, "great"))
    assert [] == paired.select("b-better")
    for index in indexes:
        index.close()
