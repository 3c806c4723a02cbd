"""What a command's errors look like: one message, an exit code, and no traceback unless it is asked for."""

from __future__ import annotations

import errno
import functools
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, ParamSpec, TypeVar

import typer

from harness.cli.printing import unread
from harness.privacy.secrets import hide

P = ParamSpec("P")
R = TypeVar("R")

BUG = 70  # sysexits.h: internal software error
INTERRUPTED = 130  # 128 + SIGINT, as shells count
FULL = 7  # a StoreError


@dataclass(frozen=True)
class Guard:
    """Wraps commands.

    Attributes:
        debug: Whether tracebacks are shown.
    """

    debug: bool = False

    def __call__(self, command: Callable[P, R], *, interrupted: str = "Stopped.") -> Callable[P, R]:
        """The same command, whose errors end the process with a message and their own exit code.

        Args:
            command: What to wrap.
            interrupted: What Ctrl-C says: what is kept, and how to go on.
        """

        @functools.wraps(command)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return command(*args, **kwargs)
            except KeyboardInterrupt as error:
                self.end(f"\n{interrupted}", INTERRUPTED, error)
            except BrokenPipeError:
                raise typer.Exit(0) from None
            except Exception as error:
                # Known errors exit by their code; typer's own pass.
                self._end(error)

        return guarded

    def end(self, message: str, code: int, error: BaseException) -> NoReturn:
        if self.debug:
            sys.stderr.write(hide("".join(traceback.format_exception(error))))
        with unread(sys.stderr):
            typer.echo(hide(message), err=True)
        raise typer.Exit(code) from None

    def _end(self, error: Exception) -> NoReturn:
        from harness.errors import HarnessError

        if isinstance(error, HarnessError):
            self.end(str(error), error.exit_code, error)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            self.end(f"{error}: make room and try again; what was finished is kept", FULL, error)
        if type(error).__module__.startswith(("typer", "click")):
            raise error
        said = f"This is a bug in the harness: {type(error).__name__}: {error}"
        self.end(said if self.debug else f"{said}\n{_written(error)}", BUG, error)


def _written(error: Exception) -> str:
    import tempfile

    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="harness-", suffix="-traceback.txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(hide("".join(traceback.format_exception(error))))
    except OSError:
        return "Run it again with --debug to see where."
    return f"Its traceback is in {file.name}; --debug shows it here. Please report it."
