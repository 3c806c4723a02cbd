"""What a command prints, where whoever reads it may leave (`| head`): all else that it does is done all the same.

harness gate latest --min accuracy=0.9 | true     the exit code is the verdict's
harness compare latest -o out.json | head -3      out.json is written
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import RenderableType


@contextmanager
def unread(stream: TextIO | None = None) -> Iterator[None]:
    """Prints that perhaps nobody reads any more; from there on what is printed goes nowhere.

    Args:
        stream: Where they go; standard output without it.
    """
    stream = sys.stdout if stream is None else stream
    try:
        yield
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def show(*parts: RenderableType | str) -> None:
    """Prints tables and the like; a text in one line however long it is, and no markup is looked for in it."""
    from rich.console import Console

    class Reader(Console):
        def on_broken_pipe(self) -> None:  # Rich would end the process with an exit code of its own
            raise BrokenPipeError

    with unread():
        console = Reader()
        for part in parts:
            if isinstance(part, str):
                console.print(part, soft_wrap=True, markup=False, highlight=False)
            else:
                console.print(part)
