"""Whole runs of a suite with an endpoint: what the cap refuses, and what the cache leaves aside."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import harness
from harness.api import Run
from harness.errors import BudgetError, SuiteError
from harness.running.runner import Options
from harness.running.store import CACHE
from harness.running.watch import Watcher

if TYPE_CHECKING:
    from tests.harness_openai.conftest import FakeServer

SUITE = """
name: hosted
tasks:
  - name: reviews
    kind: label
    instructions: Is the review positive or negative?
    labels: [positive, negative]
    data: {path: reviews.csv, columns: {text: text, target: label, id: id},
           splits: {train: 20, validation: 10, test: 6}}
models:
  mine: {use: openai, with: {model: m, base_url: "URL"}}
strategies:
  - {name: asked, use: prompt, with: {model: mine}}
yardsticks: []
latency_sample: 2
"""


class Heard(Watcher):
    def __init__(self) -> None:
        self.messages: list[str] = []

    def message(self, text: str) -> None:
        self.messages.append(text)


Go = Callable[..., tuple[Run, list[str]]]


@pytest.fixture
def go(suite: Path, server: FakeServer) -> Go:
    """Runs the suite with some options; gives the run and what it said."""
    path = suite.parent / "hosted.yaml"
    path.write_text(SUITE.replace("URL", server.url))
    choice = {"finish_reason": "stop", "message": {"content": '{"answer": "positive"}'}}
    server.says({"choices": [choice], "usage": {"prompt_tokens": 30, "completion_tokens": 5}})

    def run(more: str = "", **options: Any) -> tuple[Run, list[str]]:
        path.write_text(SUITE.replace("URL", server.url) + more)
        heard = Heard()
        chosen = Options(results=suite.parent / "results", **options)
        return harness.run(path, options=chosen, watcher=heard), heard.messages

    return run


def test_under_a_cap_a_model_without_a_price_is_refused_before_anything_is_sent(
    go: Go, server: FakeServer
) -> None:
    with pytest.raises(BudgetError, match=r"price of '127.0.0.1:\d+/m' is not known.*--allow-unpriced mine"):
        go(cost_limit=1.0)
    assert [] == server.received


@pytest.mark.parametrize("by", ["mine", "price name"])
def test_it_may_be_allowed_by_either_name_and_the_end_says_what_is_not_in_the_cost(
    go: Go, server: FakeServer, by: str
) -> None:
    price_name = server.url.removeprefix("http://").removesuffix("/v1") + "/m"
    run, said = go(cost_limit=0.5, unpriced=("mine" if by == "mine" else price_name,))
    assert ["finished"] == [header.status for header in run.trials()]
    assert [f"the cost of '{price_name}' is not in what --cost-limit held: no price is known"] == said


def test_a_name_that_is_allowed_and_stands_nowhere_is_told(go: Go) -> None:
    with pytest.raises(SuiteError, match=r"--allow-unpriced 'mime' is no model of the suite.*Did you mean 'mine'"):
        go(cost_limit=1.0, unpriced=("mime",))


def test_answers_older_than_cache_days_are_asked_again_and_counted(
    go: Go, server: FakeServer, suite: Path
) -> None:
    go()
    sent = len(server.received)
    assert sent >= 7  # the warm-up's and the test rows'
    assert [] == go()[1]
    assert sent == len(server.received)
    with sqlite3.connect(suite.parent / "results" / CACHE) as file:
        file.execute("UPDATE completions SET at = '2026-01-01T00:00:00+00:00'")
    file.close()
    assert [] == go("cache_days: null\n")[1]
    [said] = go(old_cache=True)[1]
    assert said.startswith(f"{sent} cached answers older than 7 days")
    assert sent == len(server.received)
    [said] = go()[1]
    assert said.endswith("left aside and asked again; --old-cache uses such answers")
    assert 2 * sent == len(server.received)
    assert [] == go()[1]
    assert 2 * sent == len(server.received)
