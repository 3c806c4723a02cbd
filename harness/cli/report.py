"""`harness report RUN…`: the report of a comparison, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.compare import Only, Results, Runs, Text
from harness.cli.judging import Max, Min, PricesFile, Set

if TYPE_CHECKING:
    from harness.cli.guard import Guard

EXAMPLES = """\b
Examples:
  harness report latest
  harness report latest -o mail.eml --no-text
  harness report latest -o summary.md -o junit.xml -o figures.csv
"""


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("report", epilog=EXAMPLES)(guard(report))


def report(  # noqa: PLR0913, PLR0917  (a command's options)
    runs: Runs,
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "-o",
            "--output",
            help=".html, .json, .csv, .md, .xml (JUnit) or .eml (a mail). Repeatable. Without it: report.html "
            "beside the run.",
        ),
    ] = None,
    strategy: Only = None,
    minimum: Min = None,
    maximum: Max = None,
    decide: Set = None,
    prices: PricesFile = None,
    text: Text = True,
    results: Results = Path("results"),
) -> None:
    """Write the report of a run, or of several compared. Nothing is asked again."""
    from harness.cli.compare import compared
    from harness.report import files
    from harness.running.store import find

    paths = output or [find(results, runs[-1]).path / "report.html"]
    for path in paths:
        files.check(path)
    found = compared(runs, results, strategy, (minimum, maximum, decide), prices)
    for path in paths:
        found.write(path, texts=text)
        typer.echo(str(path))
