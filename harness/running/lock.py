"""One process at a time is at work on a run."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import StoreError


@contextmanager
def locked(run: Path) -> Iterator[None]:
    """Holds a run's folder for this process; a second one is refused, a dead one's lock is gone by itself.

    Raises:
        StoreError: Another process holds it.
    """
    fd = os.open(run / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        raise StoreError(f"another process is at work on run {run.name!r}; wait for it, or stop it") from None
    try:
        yield
    finally:
        os.close(fd)


def is_locked(run: Path) -> bool:
    """Whether a process is at work on it now."""
    try:
        with locked(run):
            return False
    except StoreError:
        return True
