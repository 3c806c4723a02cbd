r"""Bytes to text, with what is not text shown and counted, never dropped and never a crash.

b"na\xefve, I know"   read as utf-8   ->   "na\ufffdve, I know", 1 byte counted
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path

from harness.data.compressed import ZIP, unpacked
from harness.errors import DataError, did_you_mean

SHOWN = "\ufffd"
# A lone surrogate cannot come out of a decoder that works, so these mark the first byte of a sequence that did
# not decode and its other bytes: one U+FFFD for the sequence, as Unicode recommends, and every byte counted.
_FIRST, _OTHER = "\udc80", "\udc81"
_BROKEN = re.compile(f"{_FIRST}{_OTHER}*|[\ud800-\udfff]")
_ENCODINGS = ("utf-8", "utf-16", "utf-32", "latin-1", "cp1252", "mac_roman", "shift_jis", "gb18030", "big5")
_OTHER_FORMATS = {
    ZIP: "a workbook: say `format: xlsx`",
    b"\xd0\xcf\x11\xe0": "a workbook of an old Excel: say `format: xlsx`",
    b"PAR1": "a Parquet file: say `format: parquet`",
    b"%PDF": "a PDF: save its text or table as one of the formats that can be read",
}


@dataclass
class Tally:
    """How many bytes of a file were not its encoding's.

    Attributes:
        undecodable: Bytes shown as U+FFFD so far.
    """

    undecodable: int = 0

    def shown(self, text: str) -> str:
        """The text with what did not decode, and half of a surrogate pair out of JSON, as U+FFFD; counts it."""
        return text if text.isascii() else _BROKEN.sub(self._show, text)

    def _show(self, broken: re.Match[str]) -> str:
        self.undecodable += len(broken.group())
        return SHOWN


@dataclass(frozen=True)
class Opened:
    """A file and how it is to be read.

    Attributes:
        path: The file.
        name: What messages call it.
        encoding: Of its bytes.
        delimiter: Between cells, where the suite says so.
        tally: What reading it counts.
        sheet: Of a workbook, where the suite says so.
    """

    path: Path
    name: str
    encoding: str
    delimiter: str | None
    tally: Tally
    sheet: str | None = None

    def lines(self) -> Iterator[str]:
        r"""Its lines with their ends, split at ``\n``, ``\r`` or both; without a byte order mark."""
        with unpacked(self.path) as probe:
            start = probe.read(4)
        for magic, what in _OTHER_FORMATS.items():
            if start.startswith(magic):
                raise DataError(f"{self.name} is {what}", where="format")
        encoding = self._encoding(start)
        with (
            unpacked(self.path) as stream,
            TextIOWrapper(stream, encoding, errors="harness-mark", newline="") as file,
        ):
            for line in file:
                yield self.tally.shown(line)

    def whole(self) -> BytesIO:
        """All of it, unpacked: for formats that are read from their end."""
        with unpacked(self.path) as stream:
            return BytesIO(stream.read())

    def text(self) -> str:
        return "".join(self.lines())

    def bytes_as_text(self, value: bytes) -> str:
        return self.tally.shown(value.decode("utf-8", errors="harness-mark"))

    def _encoding(self, start: bytes) -> str:
        try:
            name = codecs.lookup(self.encoding).name
            "".encode(name)  # refuses codecs that are none of text, such as base64
        except (LookupError, ValueError) as error:
            hint = did_you_mean(self.encoding, _ENCODINGS) or " Such as utf-8, cp1252 or utf-16."
            raise DataError(f"Python knows no encoding {self.encoding!r}.{hint}", where="encoding") from error
        if name == "utf-8" and start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise DataError(
                f"{self.name} begins with the mark of UTF-16, not UTF-8: say `encoding: utf-16`", where="encoding"
            )
        return "utf-8-sig" if name == "utf-8" else name


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _FIRST + _OTHER * (error.end - error.start - 1), error.end


codecs.register_error("harness-mark", _mark)
