"""A corrections file, written whole after each answer, so that a stop at any moment loses none."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from harness import journal
from harness.data.corrections import FIELDS, Correction, read_corrections
from harness.report.sheets import inert

_EXCERPT = 120  # characters of the text, for people


class CorrectionsFile:
    """The lines of a file; it is made with the first one.

    Args:
        path: Where it is, or will be.

    Raises:
        DataError: It is there and is no corrections file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = list(read_corrections(path)) if path.exists() else []

    def first_old(self, row: str, now: str) -> str:
        """What the source says of a row: corrections before it may have changed what is seen."""
        return next((line.old for line in self.lines if line.id == row), now)

    def append(self, line: Correction) -> None:
        """Adds a line, on disk before it returns."""
        cut = " ".join(line.text.split())
        excerpt = cut if len(cut) <= _EXCERPT else f"{cut[: _EXCERPT - 1]}…"
        self._write([*self.lines, line._replace(text=excerpt)])

    def undo(self) -> Correction | None:
        """Takes the last line away."""
        if not self.lines:
            return None
        last = self.lines[-1]
        self._write(self.lines[:-1])
        return last

    def _write(self, lines: list[Correction]) -> None:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(FIELDS)
        writer.writerows([inert(cell) for cell in line] for line in lines)
        journal.replace(self.path, out.getvalue())
        self.lines = lines
