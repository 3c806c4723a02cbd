"""`-o FILE`: what a run writes beside its folder, by the file's extension."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path

from harness import journal
from harness.errors import SuiteError
from harness.records import RunHeader
from harness.report.document import document
from harness.running.rows import Row

FORMATS = (".json", ".csv")


def check(path: Path) -> None:
    """Says so before a long run where its output could not be written in the end."""
    if path.suffix not in FORMATS:
        raise SuiteError(f"-o {str(path)!r}: the format goes by the extension, one of {', '.join(FORMATS)}")
    if path.is_dir():
        raise SuiteError(f"-o {str(path)!r} is a folder; name a file in it")
    if not path.resolve().parent.is_dir():
        raise SuiteError(f"-o {str(path)!r}: there is no folder {str(path.resolve().parent)!r}")
    if not os.access(path.resolve().parent, os.W_OK):
        raise SuiteError(f"-o {str(path)!r}: the folder cannot be written")


def write(header: RunHeader, rows: Sequence[Row], path: Path) -> None:
    check(path)
    journal.replace(path, json_text(header, rows) if path.suffix == ".json" else _csv(rows))


def json_text(header: RunHeader, rows: Sequence[Row]) -> str:
    told = document(header, rows).model_dump(mode="json")
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def _csv(rows: Sequence[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    told = [row.model_dump(mode="json", exclude={"figures", "failures", "warnings"}) for row in rows]
    if told:
        writer.writerow(told[0])
        writer.writerows([["" if v is None else inert(v) for v in row.values()] for row in told])
    return out.getvalue()


def inert(value: object) -> object:
    """Text that a spreadsheet would run as a formula, made plain."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
