"""`harness compare RUN…`: verdicts and a recommendation from what is on disk; no model is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.judging import Max, Min, PricesFile, Set

if TYPE_CHECKING:
    from harness.api import Comparison
    from harness.cli.guard import Guard

EXAMPLES = """\b
Examples:
  harness compare latest
  harness compare latest --min accuracy=0.85 --max p95_seconds=1 --decide answers_per_month=1000000
  harness compare results/2026-11-20-0915-sentiment results/2026-11-21-0915-sentiment --strategy features
  harness compare latest --prices new.yaml -o report.html -o out.json
"""

Runs = Annotated[
    list[str],
    typer.Argument(
        help="Runs' folders, ids or how they begin, or `latest`; the last one's limits hold.", show_default=False
    ),
]
Results = Annotated[Path, typer.Option(help="Where run folders are kept.")]
Only = Annotated[list[str] | None, typer.Option("--strategy", help="Only this strategy. Repeatable.")]
NO_TEXT = (
    "With --no-text files hold no text, prompt, parameter or answer, no warning and no reason of a failure (they"
    " may quote a row), no id of a row and no value of metadata. Figures, names and the task's labels stay."
)
Text = Annotated[bool, typer.Option("--text/--no-text", help=NO_TEXT)]


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("compare", epilog=EXAMPLES)(guard(compare))


def compare(  # noqa: PLR0913, PLR0917  (a command's options)
    runs: Runs,
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "-o", "--output", help="Also write it here; .html, .json, .csv, .md, .xml or .eml. Repeatable."
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
    """Compare strategies of one run or of several: paired tests, money, a recommendation with its reasons.

    Nothing is asked again. Rows are paired by id and text; a row whose target changed is scored anew.
    """
    from harness.cli.printing import show
    from harness.report import files

    for path in output or []:
        files.check(path)
    found = compared(runs, results, strategy, (minimum, maximum, decide), prices)
    show(found)
    for path in output or []:
        found.write(path, texts=text)
        typer.echo(f"Written: {path}", err=True)


def compared(
    runs: list[str],
    results: Path,
    strategies: list[str] | None,
    limits: tuple[list[str] | None, list[str] | None, list[str] | None],
    prices: Path | None,
) -> Comparison:
    """Runs by name, compared under the command line's limits and prices."""
    from harness.api import Run
    from harness.api import compare as compare_runs
    from harness.cli.judging import decided, priced
    from harness.running.store import find

    found = [Run(find(results, name)) for name in runs]
    decide = decided(found[-1].loaded, *limits)
    return compare_runs(*found, prices=priced(prices), decide=decide, strategies=strategies or ())
