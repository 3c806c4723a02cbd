"""`harness baseline RUN -o FILE`: what later runs are held against, as one small file for git."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from harness.cli.guard import Guard

EXAMPLES = """\b
Examples:
  harness baseline latest -o baseline.json
  harness baseline results/2026-11-21-0915-sentiment -o baselines/sentiment.json
"""


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("baseline", epilog=EXAMPLES)(guard(baseline))


def baseline(
    run: Annotated[
        str, typer.Argument(help="A run's folder, its id or how it begins, or `latest`.", show_default=False)
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Where to write it; a file of that name is replaced.")
    ] = Path("baseline.json"),
    results: Annotated[Path, typer.Option(help="Where run folders are kept.")] = Path("results"),
) -> None:
    """Write what later runs can be held against: figures, hashes of the rows, answers as numbers.

    It has no texts and no ids of rows, and is small enough to be committed. `harness gate` reads it.
    """
    from harness import journal
    from harness.api import Run, compare
    from harness.gating import making
    from harness.running.store import find

    found = compare(Run(find(results, run))).compared
    made = making.make(found)
    text = making.text(made)
    journal.replace(output, text, shared=True)
    for line in making.left_out(found):
        typer.echo(line, err=True)
    counts = ", ".join(
        f"{task.task}: {len(task.strategies)} strategies on {len(task.hashes):,} rows" for task in made.tasks
    )
    typer.echo(f"Written: {output} ({len(text.encode()) / 1000:.1f} kB; {counts})")
