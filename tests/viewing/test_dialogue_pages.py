from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from harness import Message
from harness.data.taskdata import DataReport, TaskData
from harness.running.store import RunFolder

EVIL = "<script>alert(1)</script>"


def test_earlier_turns_stand_above_the_text_escaped_and_the_oldest_folded(
    made: RunFolder, serve: Callable[[Path], Any]
) -> None:
    known = made.data("t")
    turns = tuple(Message(role=("user", "assistant")[i % 2], content=f"turn {i} {EVIL}") for i in range(6))
    test = tuple(e.model_copy(update={"query": e.query.model_copy(update={"history": turns})}) for e in known.test)
    made.write_task(TaskData(known.brief, (), (), test, "f", DataReport()), "accuracy")
    url = serve(made.path.parent).url + "run/made/task/t"
    page = read(url + "/example?id=q0")
    folded, _, shown = page.partition("</details>")
    assert "2 older turns" in folded
    assert ["turn 0", "turn 1"] == [f"turn {i}" for i in range(6) if f"turn {i} " in folded]
    assert shown.index("turn 2 ") < shown.index("turn 5 ") < shown.index("the view was great")
    assert EVIL not in page
    listed = read(url)
    assert "(turn 7, after assistant: turn 5 &lt;script&gt;" in listed
    assert EVIL not in listed


def read(url: str) -> str:
    for _ in range(100):
        with urlopen(url, timeout=20) as reply:
            page: str = reply.read().decode()
        if 'http-equiv="refresh"' not in page:
            return page
        time.sleep(0.05)
    raise AssertionError("the page never came")
