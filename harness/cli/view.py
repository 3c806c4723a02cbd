"""`harness view`: runs in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.cli.guard import Guard
    from harness.running.rows import Row
    from harness.running.store import RunFolder

EXAMPLES = """\b
Examples:
  harness view
  harness view latest
  harness view 2026-11-21-0915 2026-11-22-1010 --no-open
"""


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("view", epilog=EXAMPLES)(guard(view))


def view(
    run: Annotated[
        list[str] | None,
        typer.Argument(help="Runs: folder, id or how it begins, or `latest`. All without it.", show_default=False),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Where to listen; 0 for any that is free.", show_default="8765, else any"
        ),
    ] = None,
    open_it: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser.")] = True,
    results: Annotated[Path, typer.Option(help="Where run folders are kept.")] = Path("results"),
) -> None:
    """Browse runs: every example by every strategy, prompts as sent, two runs side by side.

    The pages are served to this machine alone and need the key in the printed address. Ctrl-C ends it.
    """
    from harness.running.store import find, runs
    from harness.viewing.serving import serve

    named = [find(results, name) for name in run or ()]
    serve(
        (lambda: named) if named else (lambda: runs(results)),
        _rows,
        results=results,
        port=port,
        say=typer.echo,
        open_at=_open if open_it else None,
    )


def _rows(folder: RunFolder) -> Sequence[Row]:
    from harness.api import Run

    return Run(folder).rows()


def _open(url: str) -> None:
    import webbrowser

    webbrowser.open(url)
