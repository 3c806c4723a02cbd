"""Rows of a text file whose first word is the label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from harness import DataError, RawRow


class Lines:
    """Reads `lines:FILE`."""

    local = True  # a file on this machine, so that `privacy: local` allows it

    def read(self, location: str, folder: Path, options: Mapping[str, str]) -> Iterator[RawRow]:
        path = folder / location
        if not path.is_file():
            raise DataError(f"there is no file {str(path)!r}")
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            label, _, text = line.partition(" ")
            yield RawRow(number=number, fields={"label": label, "text": text})
