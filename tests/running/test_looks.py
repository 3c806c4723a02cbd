"""How many earlier runs looked at any of the same test rows."""

from __future__ import annotations

from pathlib import Path

import harness
from harness.api import Run
from harness.records import Example
from harness.running.looks import looks
from harness.running.runner import Options


def ran(suite: Path) -> Run:
    return harness.run(suite, options=Options(results=suite.parent / "results", strategies=("majority",)))


def relabelled(example: Example) -> Example:
    return example.model_copy(update={"targets": ("another",)})


def another(example: Example) -> Example:
    return example.model_copy(update={"query": example.query.model_copy(update={"text": "a new text"})})


def test_a_row_dropped_or_relabelled_does_not_make_the_rest_unseen(suite: Path) -> None:
    run = ran(suite)
    results, test = run.folder.path.parent, run.folder.data("reviews").test
    told = {
        "same": test,
        "dropped": test[1:],
        "relabelled": (relabelled(test[0]), *test[1:]),
        "one left": test[:1],
        "others": tuple(map(another, test)),
    }
    assert {"same": 1, "dropped": 1, "relabelled": 1, "one left": 1, "others": 0} == looks(results, told)
    ran(suite)
    assert {"dropped": 2} == looks(results, {"dropped": test[1:]})


def test_no_text_is_noted(suite: Path) -> None:
    run = ran(suite)
    noted = (run.folder.path / "data" / "reviews.seen").read_text().split()
    assert [16] * len(run.folder.data("reviews").test) == [len(each) for each in noted]


def test_runs_of_older_versions_count_by_their_rows_or_else_by_their_fingerprint(suite: Path) -> None:
    run = ran(suite)
    results, test = run.folder.path.parent, run.folder.data("reviews").test
    (run.folder.path / "data" / "reviews.seen").unlink()
    assert {"same": 1, "dropped": 1} == looks(results, {"same": test, "dropped": test[1:]})
    (run.folder.path / "data" / "reviews.json").unlink()
    assert {"same": 1, "dropped": 0} == looks(results, {"same": test, "dropped": test[1:]})
