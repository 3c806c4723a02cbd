"""The key in a server's address: kept beside the runs, so that bookmarks outlive the server.

results/.view-key    43 characters, readable by its owner alone
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

NAME = ".view-key"
_KEY = re.compile(r"[\w-]{43}")


def key(results: Path) -> str:
    """The results folder's key, made at the first time; a new one each time where it cannot be kept.

    A file that another user owns or may read is not trusted.
    """
    path = results / NAME
    made = secrets.token_urlsafe(32)
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError:
        return made
    with os.fdopen(fd, "r+", encoding="ascii", errors="replace") as file:
        stat = os.fstat(file.fileno())
        if stat.st_uid != os.getuid() or stat.st_mode & 0o077:
            return made
        kept = file.read(100)
        if _KEY.fullmatch(kept):
            return kept
        file.seek(0)
        file.truncate()
        file.write(made)
    return made
