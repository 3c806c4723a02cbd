"""`-o FILE`: what a comparison writes, by the file's extension."""

from __future__ import annotations

import json
import os
from pathlib import Path

from harness import journal
from harness.comparison import Compared
from harness.errors import SuiteError
from harness.report.document import document, rows
from harness.report.sheets import csv_text, inert

__all__ = ["FORMATS", "check", "inert", "json_text", "text", "write"]

FORMATS = {
    ".json": "every figure, for scripts",
    ".csv": "a row for each strategy and seed",
    ".html": "the report, one file that can be mailed",
    ".md": "for a pull request",
    ".xml": "JUnit, for CI",
    ".eml": "a mail with the report attached, to be opened and sent",
}


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


def write(compared: Compared, path: Path, *, texts: bool = True) -> None:
    """Writes a comparison.

    Args:
        compared: What was found.
        path: Its extension says as what.
        texts: Whether what tells of single rows goes along; `harness.report.silent` says what that is.

    Raises:
        SuiteError: The extension is none of `FORMATS`.
        StoreError: The file cannot be written.
    """
    check(path)
    in_a_run = (path.parent / "run.json").exists()
    journal.replace(path, text(compared, path.suffix, texts=texts), shared=not in_a_run)


def text(compared: Compared, suffix: str, *, texts: bool = True) -> str:
    """A comparison in one of the formats."""
    texts = texts and not any(run.forgotten for run in compared.runs)
    # Each writer brings libraries of its own along.
    if suffix == ".json":
        return json_text(compared, texts=texts)
    if suffix == ".csv":
        return _csv(compared, texts=texts)
    if suffix == ".html":
        from harness.report.html.page import html

        return html(compared, texts=texts)
    if suffix == ".md":
        from harness.report.markdown import markdown

        return markdown(compared, texts=texts)
    if suffix == ".eml":
        from harness.report.mail import mail

        return mail(compared, texts=texts)
    from harness.report.junit import junit

    return junit(compared, texts=texts)


def json_text(compared: Compared, *, texts: bool = True) -> str:
    texts = texts and not any(run.forgotten for run in compared.runs)
    told = document(compared, texts=texts).model_dump(mode="json")
    return json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _csv(compared: Compared, *, texts: bool) -> str:
    left_out = {"figures", "failures", "warnings"}
    told = [row.model_dump(mode="json", exclude=left_out) for row in rows(compared, texts=texts)]
    return csv_text(list(told[0]), told) if told else ""
