"""`-o FILE`: what a run writes beside its folder, by the file's extension."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from harness import journal
from harness.errors import SuiteError

if TYPE_CHECKING:
    from harness.api import Run

FORMATS = (".json", ".csv")


def check(path: Path) -> None:
    """Says so before a long run where its output could not be written in the end."""
    if path.suffix not in FORMATS:
        raise SuiteError(f"-o {str(path)!r}: the format goes by the extension, one of {', '.join(FORMATS)}")
    if not path.resolve().parent.is_dir():
        raise SuiteError(f"-o {str(path)!r}: there is no folder {str(path.resolve().parent)!r}")


def write(run: Run, path: Path) -> None:
    check(path)
    journal.replace(path, run.to_json() + "\n" if path.suffix == ".json" else _csv(run))


def _csv(run: Run) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    rows = [row.model_dump(mode="json", exclude={"figures", "warnings"}) for row in run.rows()]
    if rows:
        writer.writerow(rows[0])
        writer.writerows([["" if v is None else inert(v) for v in row.values()] for row in rows])
    return out.getvalue()


def inert(value: object) -> object:
    """Text that a spreadsheet would run as a formula, made plain."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
