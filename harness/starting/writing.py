"""Puts a suite, and the data of a template, onto the disk, and never over what is there unless it is asked to."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from harness import journal
from harness.errors import DataError, StoreError
from harness.starting.labels import RARE
from harness.starting.seen import Seen
from harness.starting.suite_text import suite_name, suite_text


def default_suite(path: str) -> Path:
    """Where the suite of a file stands without a word from the user: beside it, with its name."""
    file = Path(path)
    name = suite_name(file.name.partition(".")[0]) if not set("*?[") & set(path) else suite_name(file.parent.name)
    folder = Path(*(part for part in file.parent.parts if not set("*?[") & set(part)))
    return folder / f"{name}.yaml"


def write_suite(seen: Seen, output: Path, *, force: bool) -> bool:
    """Writes the suite of what was seen.

    Args:
        seen: What was seen.
        output: The suite's file.
        force: Whether a file that is there is replaced.

    Returns:
        Whether one was.

    Raises:
        StoreError: It is there, or cannot be written.
        DataError: Too few labels have rows enough for three splits, so that it could not run.
    """
    _refuse_too_few(seen)
    path = os.path.relpath(Path(seen.table.path).expanduser().absolute(), output.absolute().parent)
    text = suite_text(seen, suite_name(output.stem), Path(path).as_posix())
    return write_all({output: text}, force=force)


def _refuse_too_few(seen: Seen) -> None:
    if seen.labels is None or len(seen.labels.counts.keys() - seen.labels.rare.keys()) > 1:
        return
    column = seen.roles.target
    alone = len(seen.labels.counts) < 2
    few = "one label only" if alone else f"less than two labels with {RARE} different texts, one for each split"
    raise DataError(
        f"{column!r} has {few}: there is nothing to learn and test, and no suite was written. Give more rows, or "
        "say another column with --target, or what it holds with --kind"
    )


def write_all(files: Mapping[Path, str], *, force: bool) -> bool:
    """Writes several files, or none where one is in the way.

    Args:
        files: Path to text.
        force: Whether files that are there are replaced.

    Returns:
        Whether one was.

    Raises:
        StoreError: One is there, or cannot be written.
    """
    refuse_present(files, force=force)
    there = [path for path in files if path.exists()]
    for path, text in files.items():
        journal.replace(path, text, shared=True)
    return bool(there)


def refuse_present(paths: Iterable[Path], *, force: bool) -> None:
    """Refuses to write over what is there.

    Args:
        paths: What is to be written.
        force: Whether it may be replaced.

    Raises:
        StoreError: It may not, and is there.
    """
    for path in paths:
        if path.exists() and not force:
            raise StoreError(
                f"{str(path)!r} is there already: give another name with -o, or replace it with --force"
            )
