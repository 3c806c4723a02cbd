"""`harness ls`: the runs there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from harness.cli.guard import Guard
    from harness.running.store import RunFolder

EXAMPLES = """\b
Examples:
  harness ls
  harness ls --results elsewhere/results
"""


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("ls", epilog=EXAMPLES)(guard(ls))


def ls(
    results: Annotated[Path, typer.Option(help="Where run folders are kept.")] = Path("results"),
) -> None:
    """List the runs in results/, oldest first."""
    from harness.running.store import runs

    found = runs(results)
    if not found:
        typer.echo(f"No runs in {str(results)!r}; `harness run SUITE` makes one.")
    for folder in sorted(found, key=_started):
        typer.echo(_line(folder))


def _started(folder: RunFolder) -> float:
    from harness.errors import StoreError

    try:
        return folder.header.started.timestamp()
    except StoreError:
        return 0.0


def _line(folder: RunFolder) -> str:
    from collections import Counter

    from harness.errors import StoreError
    from harness.running.forgotten import when
    from harness.running.gaps import begun, gaps

    try:
        header = folder.header
        trials = begun(folder)
        counts = Counter[str](trial.header.status for trial in trials)
        missing = gaps(folder, trials) if header.finished else ()
    except StoreError as error:
        return f"{folder.id}  cannot be read: {error.message}"
    counts.pop("candidate", None)
    state = "complete" if header.finished and not missing else "ended" if header.finished else "unfinished"
    for what, said in (("missing", "missing"), ("rows", "lacking rows")):
        counts[said] += sum(gap.what == what for gap in missing)
    if counts["running"] and not folder.is_running:
        counts["stopped"] += counts.pop("running")
    told = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()) if number)
    gone = f"  texts forgotten {when(header)}" if header.forgotten else ""
    return f"{folder.id}  {state:10}  {told or 'no trial begun'}{gone}"
