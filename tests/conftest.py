"""What tests of whole runs share: a small suite of made reviews, and a strategy that waits to be killed."""

from __future__ import annotations

import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness import Brief, Example, Query
from tests.reviews import TASK, write_rows

SUITE = (
    TASK.format(test=30)
    + """\
models:
  m:
    use: "harness.testing:ScriptedModel"
    with: {replies: {great: positive, lovely: positive}, otherwise: negative}
  e: {use: "harness.testing:HashEmbedder"}
strategies:
  - {name: asks, use: prompt, with: {model: m}}
  - {name: shots, use: few-shot, with: {model: m}, matrix: {shots: [1, 2]}}
  - {name: near, use: knn, with: {embedder: e}}
latency_sample: 5
prices: {device_hours: {this: 1.0}}
decide: {answers_per_month: 1000}
"""
)


# A shell starts what it puts in the background with SIGINT ignored, and what tests start would inherit it.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take minutes come first, so that no core is left alone with one at the end."""
    items.sort(key=lambda item: item.path.parent.name not in ("weeks", "local_service"))


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite beside its rows: sixty made reviews."""
    write_rows(tmp_path)
    path = tmp_path / "tiny.yaml"
    path.write_text(SUITE)
    return path


@pytest.fixture(scope="session")
def sixty() -> SimpleNamespace:
    """A made task of 60 labels that begin each other: brief, train, validation, test and the right answers."""
    things = {"card payment": "my card", "cash withdrawal": "the cash machine", "bank transfer": "my transfer",
              "direct debit": "a monthly debit", "top up": "adding money"}  # fmt: skip
    faults = {"failed": "was declined", "pending": "is still stuck", "charged twice": "was booked two times",
              "refund missing": "never came back"}  # fmt: skip
    places = {"": "", " abroad": " in Spain", " abroad in cash": " for pesos in Mexico"}
    texts = {f"{t} {f}{p}": f"{things[t]} {faults[f]}{places[p]}" for t in things for f in faults for p in places}

    def rows(split: str, count: int) -> tuple[Example, ...]:
        openings = {"train": ("hello", "help"), "validation": ("good day",), "test": ("sorry",)}[split][:count]
        return tuple(
            Example(query=Query(id=f"{split}/{opening}/{label}", text=f"{opening}, {text}"), targets=(label,))
            for opening in openings
            for label, text in texts.items()
        )

    brief = Brief(
        name="sixty",
        instructions="What is it about?",
        kind="label",
        labels={label: f"{text}, says the customer" for label, text in texts.items()},
    )
    return SimpleNamespace(
        brief=brief, train=rows("train", 2), validation=rows("validation", 1), test=rows("test", 1),
        replies={f"{opening}, {text}": label for label, text in sorted(texts.items(), key=lambda t: -len(t[1]))
                 for opening in ("good day", "sorry")},
    )  # fmt: skip
