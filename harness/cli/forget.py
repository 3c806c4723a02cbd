"""`harness forget RUN`: a run without its texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from harness.cli.guard import Guard

EXAMPLES = """\b
Examples:
  harness forget 2026-11-21-0915-sentiment
  harness forget latest --yes
"""

INTERRUPTED = "Stopped. The same command again ends it; until then some texts may be left."


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("forget", epilog=EXAMPLES)(guard(forget, interrupted=INTERRUPTED))


def forget(
    run: Annotated[
        str, typer.Argument(help="A run's folder, its id or how it begins, or `latest`.", show_default=False)
    ],
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Do not ask.")] = False,
    figures: Annotated[
        bool,
        typer.Option(
            "--figures/--no-figures",
            help="Without, nothing is computed first: for a run whose suite does not load any more.",
        ),
    ] = True,
    results: Annotated[Path, typer.Option(help="Where run folders are kept.")] = Path("results"),
) -> None:
    """Remove texts, prompts, free answers, fitted strategies and cached answers of a run, for good.

    Figures stay: compare, report, show, gate and ls go on as before. Ids of rows, labels, the suite with its
    instructions, what was used and what it cost stay too.
    """
    from harness import numbers
    from harness.api import Run
    from harness.errors import SuiteError
    from harness.forgetting.forget import forget as forget_run
    from harness.running.hosted import book, left_there
    from harness.running.store import find

    opened = Run(find(results, run))
    folder = opened.folder
    if not yes:
        typer.echo(
            f"This removes all texts, prompts and fitted strategies of {folder.id} for good; figures stay."
            " Nothing can be predicted with it or taken up again.",
            err=True,
        )
        try:
            agreed = typer.confirm("Forget them?", err=True)
        except typer.Abort:
            raise SuiteError("nothing was removed: nobody could be asked; say --yes") from None
        if not agreed:
            typer.echo("Nothing was removed.")
            return
    again = folder.header.forgotten is not None
    gone = forget_run(folder, opened.loaded if figures else None)
    if figures and folder.tasks():
        opened.compare().write(folder.path / "report.html", texts=False)
    typer.echo(f"Forgotten: {folder.id}{' (it was before; what was left is counted again)' if again else ''}")
    typer.echo(
        f"  gone   {numbers.plural(gone.rows, 'text')}, prompts of {numbers.plural(gone.answers, 'answer')},"
        f" {numbers.plural(gone.deleted, 'file')} (fitted strategies, reports, indexes),"
        f" {numbers.plural(gone.cached, 'cached answer')}; {gone.bytes:,} bytes"
    )
    typer.echo("  stays  figures, labels, scores, ids and hashes of rows, the suite with its instructions, costs")
    for held in left_there(book(folder)):
        typer.echo(f"  not here: {held.what} {held.id} at {held.provider}; `harness jobs --delete {held.id}`")
    for name in gone.untouched:
        typer.echo(f"  not touched: {folder.path / name}, which the harness did not write")
