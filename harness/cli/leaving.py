"""What Ctrl-C does with jobs that go on with their providers: it asks, and leaves them where nobody answers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from harness.calls.tuning_book import TuningBook
    from harness.running.store import RunFolder
    from harness.suite.load import Loaded


class Terminated(KeyboardInterrupt):
    """A polite kill: it ends like Ctrl-C, and nobody is there to be asked."""


def terminated(*_: object) -> NoReturn:
    """For `signal.signal`."""
    raise Terminated


def leave_or_cancel(loaded: Loaded, folder: RunFolder, stopped: KeyboardInterrupt) -> None:
    """Says which jobs of a run that was stopped go on, and asks what becomes of them.

    Args:
        loaded: The suite.
        folder: The run.
        stopped: What stopped it.
    """
    from harness.running.hosted import book, going_on

    kept = book(folder)
    left = going_on(kept)
    if not left:
        return
    many = "1 job is" if len(left) == 1 else f"{len(left)} jobs are"
    it = "it" if len(left) == 1 else "them"
    named = ", ".join(held.id or "one whose making was broken off" for held in left)
    at = " and ".join(sorted({held.provider for held in left}))
    typer.echo(f"\n{many} still running at {at} ({named}).", err=True)
    cancel = not isinstance(stopped, Terminated) and sys.stdin.isatty() and _asked(it)
    if not cancel:
        typer.echo(
            f"Left to go on: the same command with --resume takes {it} up, `harness jobs` shows {it}.", err=True
        )
        return
    _cancel(loaded, kept)


def _asked(it: str) -> bool:
    """Whether the user wants to cancel; another Ctrl-C, or the end of the input, leaves."""
    question = f"[l]eave {it} (the same command with --resume takes {it} up) or [c]ancel {it}?"
    try:
        answer = typer.prompt(question, default="l", err=True)
    except (KeyboardInterrupt, EOFError, typer.Abort):
        typer.echo("", err=True)
        return False
    return bool(str(answer).strip().lower().startswith("c"))


def _cancel(loaded: Loaded, kept: TuningBook) -> None:
    from harness.errors import HarnessError
    from harness.running.hosted import going_on, provider

    with provider(loaded, kept) as ways:
        for held in going_on(ways.book):
            try:
                seen = ways.cancel(held)
                said = (
                    f"{seen.id}: {seen.job.told if seen.job else 'cancelled'}" if seen.id else "it was never made"
                )
            except HarnessError as error:
                said = f"not cancelled: {error.message}"
            typer.echo(said, err=True)
