"""New files and folders are their owner's alone, whatever the umask.

drwx------ results/2026-11-21-0915-sentiment/
-rw------- results/2026-11-21-0915-sentiment/run.json
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_OTHERS = 0o077


@contextmanager
def owner_only() -> Iterator[None]:
    """While it lasts, what this process makes is readable by its owner only.

    It goes by the process's umask: other threads' new files are private meanwhile too.
    """
    before = os.umask(_OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def close_off(folder: Path) -> None:
    """Takes from others what they may do with a folder and all that is in it; what is not ours stays as it is."""
    for place in (folder, *folder.rglob("*")):
        with suppress(OSError):
            mode = stat.S_IMODE(place.lstat().st_mode)
            if mode & _OTHERS and not place.is_symlink():
                place.chmod(mode & ~_OTHERS)
