"""The page that puts two trials side by side: of two runs, two seeds or two strategies.

compare?a=RUN&b=RUN&task=tweets&sa=0-0/knn&sb=0-0/knn&only=changed&q=late&page=2
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from harness.numbers import count
from harness.viewing import pairs
from harness.viewing.contents import Trial
from harness.viewing.filters import PAGE_SIZE, page_number
from harness.viewing.index import Index
from harness.viewing.pairs import Paired, Side
from harness.viewing.server import Reply
from harness.viewing.shelf import Shelf
from harness.viewing.showing import Showing


def compare_page(shelf: Shelf, showing: Showing, query: str) -> Reply | None:
    """Two trials' answers to the same rows."""
    asked = {name: value.replace("\0", "") for name, value in parse_qsl(query) if value}
    runs = shelf.runs()
    a, b = runs.get(asked.get("a", "")), runs.get(asked.get("b", ""))
    if a is None or b is None:
        return None
    values: dict[str, object] = {"a": asked["a"], "b": asked["b"], "runs": list(runs)}
    shared = [task for task in a.tasks() if task in b.tasks()]
    if not shared:
        return showing.page("compare.html", values | {"tasks": [], "task": None})
    task = asked["task"] if asked.get("task") in shared else shared[0]
    index_a, index_b = shelf.index(a, task), shelf.index(b, task)
    for name, index in (("a", index_a), ("b", index_b)):
        if not isinstance(index, Index):
            return showing.page("making.html", {"run": asked[name], "task": task, "share": index.share})
    assert isinstance(index_a, Index)
    assert isinstance(index_b, Index)
    values |= {"tasks": shared, "task": task, "only": asked.get("only", ""), "q": asked.get("q", "")}
    trial_a = _trial(index_a, asked.get("sa", ""))
    trial_b = _trial(index_b, asked.get("sb", ""), like=trial_a, other=index_a is index_b)
    if trial_a is None or trial_b is None:
        return showing.page("compare.html", values | {"trial_a": None})
    values |= {
        "trials_a": index_a.contents.trials,
        "trials_b": index_b.contents.trials,
        "trial_a": trial_a,
        "trial_b": trial_b,
        "filters": pairs.ONLY,
    }
    paired = shelf.paired(Side(index_a, trial_a.number), Side(index_b, trial_b.number))
    return showing.page(
        "compare.html", values | _rows(Side(index_a, trial_a.number), Side(index_b, trial_b.number), paired, asked)
    )


def _rows(a: Side, b: Side, paired: Paired, asked: Mapping[str, str]) -> dict[str, object]:
    """The page's rows, and where its other pages are."""
    found = paired.select(asked.get("only", ""), pairs.searched(a.index, asked.get("q", "")))
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(pages, page_number(asked.get("page", "")))
    rows = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    in_a = {line.row: line for line in a.index.lines([row.a for row in rows], [a.trial])}
    in_b = {line.row: line for line in b.index.lines([row.b for row in rows], [b.trial])}
    kept = {name: value for name, value in asked.items() if name != "page"}
    return {
        "counts": paired.counts,
        "lines": [(in_a[row.a], in_b[row.b]) for row in rows],
        "said": f"{count(len(found))} of {count(paired.counts.shared)} shared rows",
        "page": page,
        "pages": pages,
        "to": lambda number: urlencode({**kept, "page": number}),
        "only_link": lambda only: urlencode({**kept, "only": only}),
    }


def _trial(index: Index, asked: str, *, like: Trial | None = None, other: bool = False) -> Trial | None:
    """The trial that is asked for; else the same strategy as A's, or in the same run the next one."""
    trials = index.contents.trials
    found = [trial for trial in trials if f"{trial.arm}/{trial.strategy}" == asked]
    if not found and like is not None:
        alike = [trial for trial in trials if trial.arm == like.arm]
        found = [trial for trial in alike if (trial.strategy == like.strategy) != other]
    return next(iter([*found, *trials]), None)
