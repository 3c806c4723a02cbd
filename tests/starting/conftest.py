from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from harness.starting.roles import Asked
from harness.starting.seen import Seen, look
from harness.starting.table import Given

Look = Callable[..., Seen]
_SAID = {
    "Billing": (
        "My card was charged twice. Order {n}",
        "The invoice {n} shows the wrong address",
        "Refund of {n} €?",
    ),
    "Outage": (
        "No signal since day {n}, größer als gestern",
        "The line in café {n} is down",
        "Router {n} blinks red",
    ),
    "Praise": (
        "Thank you, number {n} was very kind",
        "“Lovely” service, {n} points",
        "Ten of {n} stars, naïve me",
    ),
}


def as_csv(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    """An export as it comes: Windows-1252, semicolons, labels in two writings, a rare one, a busy customer."""
    draw = Random(3)
    rows = [["Ticket", "Created", "Customer", "Channel", "Queue no", "Subject", "Body", "Queue", "Source"]]
    for number in range(150):
        label = draw.choice(list(_SAID))
        said = draw.choice(_SAID[label]).format(n=1000 + number)
        written = " billing " if label == "Billing" and number % 9 == 0 else label
        customer = "C-7" if number % 10 == 0 else f"C-{draw.randint(100, 220)}"
        channel, day = draw.choice(["mail", "chat"]), f"2026-03-{1 + number % 28:02d}"
        place = str(list(_SAID).index(label) + 17)
        rows.append(
            [f"T-{number}", day, customer, channel, place, "Help me, please", f"{said}, on my word", written, "x"]
        )
    rest = ["2026-03-01", "C-8", "mail", "17", "Press"]
    rows += [[f"T-90{n}", *rest, f"We write of {n} firms", "Press", "x"] for n in range(2)]
    path = tmp_path / "tickets 2026.csv"
    path.write_bytes(as_csv(rows, ";").encode("cp1252"))
    return path


@pytest.fixture
def looked(tmp_path: Path) -> Look:
    """Looks at rows that are written as a CSV first."""

    def looked(rows: Sequence[Sequence[str]], asked: Asked | None = None) -> Seen:
        (tmp_path / "rows.csv").write_text(as_csv(rows), encoding="utf-8")
        return look("rows.csv", Given(), asked or Asked(), tmp_path)

    return looked
