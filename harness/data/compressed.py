"""A data file's bytes, whatever they are packed in: told by how the file begins, not by its name.

tickets.csv.gz             gzip; also .bz2, .xz and .zst
export.zip: tickets.csv    a ZIP archive that holds one data file, whose name says the format
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, cast

from harness.data.saying import few
from harness.errors import DataError

if TYPE_CHECKING:
    from zstandard import ZstdDecompressor

# The end of a name that says how the file is packed, and nothing of the format inside.
PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
ZIP = b"PK\x03\x04"
_GZIP, _BZIP2, _XZ, _ZSTD = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"
_CHUNK = 1 << 16  # bytes
# What a workbook of Excel or LibreOffice, itself a ZIP archive, always holds.
_WORKBOOK = ("[Content_Types].xml", "content.xml", "mimetype")


@contextmanager
def unpacked(file: Path) -> Iterator[BinaryIO]:
    """Opens the bytes of a file, unpacked where they are packed; a workbook stays as it is.

    Raises:
        DataError: It is damaged, encrypted, or an archive of several files; or the library is missing.
    """
    try:
        with _opened(file) as stream:
            yield stream
    except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile) as error:
        raise DataError(f"{file.name} is packed and cannot be unpacked: {error}. Is it whole?") from error
    except OSError as error:
        if error.errno is not None:  # the disk's own; bz2 raises a bare one for what is not its format
            raise
        raise DataError(f"{file.name} is packed and cannot be unpacked: {error}. Is it whole?") from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "zstandard":
            raise
        raise DataError(f"{file.name} is packed and cannot be unpacked: {error}. Is it whole?") from error


def inner_name(file: Path) -> str:
    """The name that says the format: without ``.gz`` and the like, or that of the one file in an archive."""
    if _start(file) == ZIP and not is_workbook(file):
        with _damaged(file), zipfile.ZipFile(file) as archive:
            return PurePosixPath(_only(archive, file)).name
    return file.stem if file.suffix.lower() in PACKED else file.name


def is_workbook(file: Path) -> bool:
    """Whether a ZIP archive is a workbook."""
    if _start(file) != ZIP:
        return False
    with _damaged(file), zipfile.ZipFile(file) as archive:
        return any(name in _WORKBOOK for name in archive.namelist())


def _opened(file: Path) -> BinaryIO:
    start = _start(file)
    if start.startswith(_GZIP):
        return cast("BinaryIO", gzip.open(file, "rb"))
    if start.startswith(_BZIP2):
        return cast("BinaryIO", bz2.open(file, "rb"))
    if start.startswith(_XZ[:4]):
        return cast("BinaryIO", lzma.open(file, "rb"))
    if start == _ZSTD:
        return _zstd(file)
    if start == ZIP and not is_workbook(file):
        return _member(file)
    return file.open("rb")


def _start(file: Path) -> bytes:
    with file.open("rb") as probe:
        return probe.read(4)


@contextmanager
def _damaged(file: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, EOFError) as error:
        raise DataError(f"{file.name} is a damaged ZIP archive or workbook: {error}") from error


def _zstd(file: Path) -> BinaryIO:
    try:
        import zstandard
    except ImportError as error:
        raise DataError(f"{file.name} is packed with Zstandard: pip install zstandard, or unpack it") from error
    return cast("BinaryIO", io.BufferedReader(_Frames(file.open("rb"), zstandard.ZstdDecompressor())))


class _Frames(io.RawIOBase):
    """Zstandard frames, unpacked; the library's own reader says nothing of a file that was cut off."""

    def __init__(self, packed: BinaryIO, decompressor: ZstdDecompressor) -> None:
        self._packed = packed
        self._decompressor = decompressor
        self._frame = decompressor.decompressobj()
        self._begun = False
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._waiting:
            chunk = self._frame.unused_data if self._frame.eof else b""
            chunk = chunk or self._packed.read(_CHUNK)
            if not chunk:
                if self._begun and not self._frame.eof:
                    raise EOFError("it ends in the middle")
                return 0
            if self._frame.eof:
                self._frame = self._decompressor.decompressobj()
            self._begun = True
            self._waiting = self._frame.decompress(chunk)
        size = min(len(buffer), len(self._waiting))
        buffer[:size] = self._waiting[:size]
        self._waiting = self._waiting[size:]
        return size

    def close(self) -> None:
        self._packed.close()
        super().close()


def _member(file: Path) -> BinaryIO:
    with zipfile.ZipFile(file) as archive:
        name = _only(archive, file)
        if archive.getinfo(name).flag_bits & 1:
            raise DataError(f"{file.name} is encrypted: unpack it with its password first")
        # The member keeps the archive's file open until it is closed itself.
        return cast("BinaryIO", archive.open(name))


def _only(archive: zipfile.ZipFile, file: Path) -> str:
    names = [
        name
        for name in archive.namelist()
        # macOS puts a shadow of each file beside it.
        if not name.endswith("/")
        and not name.startswith("__MACOSX/")
        and not PurePosixPath(name).name.startswith(".")
    ]
    if len(names) == 1:
        return names[0]
    holds = f"holds {len(names)} files ({few(names)})" if names else "holds no file"
    raise DataError(
        f"{file.name} {holds}, not one: unpack it; a path such as `folder/*.csv` takes all of a folder"
    )
