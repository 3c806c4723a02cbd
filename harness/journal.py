"""Files that only grow, one JSON line a record, and files that are replaced whole.

A line is written with one call and stands on disk, for every later process, before `append` returns. A kill
in the middle of a line loses that line alone: the torn end is cut off when the file is opened again.
Whatever is written, no key that this process knows is in it (harness/privacy/secrets.py).
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TypeVar

from pydantic import ValidationError

from harness.errors import StoreError
from harness.privacy.secrets import hide
from harness.records import Record

R = TypeVar("R", bound=Record)


class Journal:
    """An append-only file of records; safe for the threads of one process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            self._cut_torn_end()
        except OSError as error:
            raise cannot_write(path, error) from error

    def append(self, record: Record) -> None:
        line = hide(record.model_dump_json(exclude_defaults=True)).encode() + b"\n"
        with self._lock:
            written = 0
            try:
                while written < len(line):
                    written += os.write(self._fd, line[written:])
            except OSError as error:
                with suppress(OSError):  # else the torn end is cut off at the next opening
                    os.ftruncate(self._fd, os.fstat(self._fd).st_size - written)
                raise cannot_write(self.path, error) from error

    def close(self) -> None:
        with self._lock:
            if self._fd >= 0:
                try:
                    os.fsync(self._fd)
                except OSError as error:
                    raise cannot_write(self.path, error) from error
                finally:
                    os.close(self._fd)
                    self._fd = -1

    def _cut_torn_end(self) -> None:
        size = os.fstat(self._fd).st_size
        keep = size
        while keep > 0:
            start = max(0, keep - 65536)
            block = os.pread(self._fd, keep - start, start)
            end = block.rfind(b"\n")
            if end >= 0:
                keep = start + end + 1
                break
            keep = start
        if keep < size:
            os.ftruncate(self._fd, keep)


def read(path: Path, of: type[R]) -> Iterator[R]:
    """The records of a journal, in order; a torn last line is left out.

    Raises:
        StoreError: Where a whole line is not such a record.
    """
    if not path.exists():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                yield of.model_validate_json(line)
            except ValidationError as error:
                raise StoreError(
                    f"line {number} is not a {of.__name__}: it was changed, or written by another version",
                    where=str(path),
                ) from error


def replace(path: Path, text: str, *, shared: bool = False) -> None:
    """Writes a whole file so that a reader sees the old or the new one, never half of one.

    Args:
        path: Where to.
        text: What to.
        shared: For a file that is made to be handed on: as readable as what stood there, or as the umask has new
            files. Without it only its owner can read it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fd, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            if shared:
                os.fchmod(fd, _mode(path, Path(f"{temporary}.mode")))
            with os.fdopen(fd, "w", encoding="utf-8") as out:
                out.write(hide(text))
                out.flush()
                os.fsync(out.fileno())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise cannot_write(path, error) from error


def _mode(path: Path, beside: Path) -> int:
    """The permissions of a file, or those that a new one gets: to read the umask is to change it."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    try:
        return stat.S_IMODE(beside.stat().st_mode)
    finally:
        beside.unlink()


def cannot_write(path: Path, error: OSError) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(
            f"the disk is full: {str(path)!r} was not written. Nothing finished is lost: free some room, then"
            " go on with --resume"
        )
    return StoreError(f"{str(path)!r} cannot be written: {error.strerror or error}")
