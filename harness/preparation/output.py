"""The folder that prepared files go into."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.errors import StoreError
from harness.finetuning import FileRules
from harness.trainingfiles import Line
from harness.trainingfiles.writing import WrittenFile, put

TRAIN, VALIDATION = "train.jsonl", "validation.jsonl"


def folder_for(source: str, provider: str) -> Path:
    """Where files go without a word from the user: a folder in the current one, by the source's name."""
    stem = Path(source.rpartition(":")[2]).name.partition(".")[0].strip("*?[]") or "rows"
    return Path(f"{stem}-{provider}")


def refuse_taken(folder: Path, source: str, *, force: bool) -> None:
    """Refuses a folder that holds anything, and one whose files would be the source itself.

    Raises:
        StoreError: Says what to do instead.
    """
    source_path = Path(source).expanduser()
    for name in (TRAIN, VALIDATION):
        if source_path.exists() and (folder / name).exists() and (folder / name).samefile(source_path):
            raise StoreError(f"{str(folder / name)!r} is the input, which is never changed: give another --output")
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"--output {str(folder)!r} is a file; give a folder")
    if not force and folder.exists() and any(folder.iterdir()):
        raise StoreError(f"{str(folder)!r} is there already: give another --output, or --force replaces its files")


def write_files(
    folder: Path, train: Sequence[Line], validation: Sequence[Line], rules: FileRules
) -> list[WrittenFile]:
    """Writes the files, each whole; a validation file of an earlier time that there is none of now goes.

    Raises:
        StoreError: They cannot be written.
    """
    written = []
    for name, lines in ((TRAIN, train), (VALIDATION, validation)):
        path = folder / name
        if not lines:
            path.unlink(missing_ok=True)
            continue
        written.append(put(path, lines, rules))
    return written
