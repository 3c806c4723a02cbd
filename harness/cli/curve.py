"""`harness curve SUITE --sizes 8,16,…`: strategies against the number of labelled rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from harness.cli.guard import Guard
    from harness.suite.load import Loaded

EXAMPLES = """\b
Examples:
  harness curve suites/quick.yaml --sizes 16,64,256
  harness curve suites/sentiment.yaml --sizes 32,128,500 --strategy features --strategy lora-encoder
  harness curve suites/quick.yaml --sizes 16,64,256 --resume
"""

SEEDS = (0, 1, 2)  # where the suite has one only: without several a curve has no band


def add(app: typer.Typer, guard: Guard) -> None:
    from harness.cli.run import INTERRUPTED

    app.command("curve", epilog=EXAMPLES)(guard(curve, interrupted=INTERRUPTED))


def curve(  # noqa: PLR0913, PLR0917  (a command's options)
    suite: Annotated[Path, typer.Argument(help="A suite's YAML file.", show_default=False)],
    sizes: Annotated[
        str,
        typer.Option(
            help="Labelled rows, train and validation together, such as 16,64,256; a larger size holds the rows"
            " of every smaller one."
        ),
    ],
    output: Annotated[
        list[Path] | None,
        typer.Option("-o", "--output", help="Also write the report here; .html, .json, .csv, .md, .xml or .eml."),
    ] = None,
    seed: Annotated[
        list[int] | None,
        typer.Option(
            help="Each draws other rows. Without it the suite's, or 0, 1, 2 where it has one. Repeatable."
        ),
    ] = None,
    strategy: Annotated[list[str] | None, typer.Option(help="Only this strategy. Repeatable.")] = None,
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=1, help="Requests under way at once, at most.")] = 8,
    cost_limit: Annotated[float | None, typer.Option(min=0, help="Dollars that the run may spend.")] = None,
    allow_unpriced: Annotated[
        list[str] | None,
        typer.Option(help="A model without a known price that may be asked under --cost-limit. Repeatable."),
    ] = None,
    results: Annotated[Path, typer.Option(help="Where run folders are kept.")] = Path("results"),
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the latest unfinished run of this suite.")
    ] = False,
    old_cache: Annotated[
        bool, typer.Option("--old-cache", help="Also use endpoints' answers older than the suite's cache_days.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would run, and run nothing.")] = False,
) -> None:
    """Run every strategy with more and more labelled rows: from how many on which one is better.

    It says whether more labels would still help, and by about how much.
    """
    from harness.api import resumable
    from harness.cli.run import finish, plan_lines, taken_up, watched
    from harness.report import files
    from harness.running.runner import Options

    for path in output or []:
        files.check(path)
    loaded = _loaded(suite, seed)
    options = Options(
        results=results,
        jobs=jobs,
        strategies=tuple(strategy or ()),
        cost_limit=cost_limit,
        unpriced=tuple(allow_unpriced or ()),
        old_cache=old_cache,
        sizes=_sizes(sizes),
    )
    if resume:
        loaded, options = taken_up(resumable(loaded, results, curve=True), suite, options)
    if dry_run:
        for line in plan_lines(loaded, options):
            typer.echo(line)
        return
    finish(watched(loaded, options), output or [])


def _loaded(suite: Path, seeds: list[int] | None) -> Loaded:
    from harness.suite.load import load_suite

    loaded = load_suite(suite)
    chosen = seeds or (list(loaded.suite.seeds) if len(loaded.suite.seeds) > 1 else list(SEEDS))
    return load_suite(suite, None, seeds=[*chosen])


def _sizes(words: str) -> tuple[int, ...]:
    from harness.errors import SuiteError

    try:
        return tuple(int(word) for word in words.split(","))
    except ValueError:
        raise SuiteError(f"--sizes {words!r} are no sizes; write whole numbers, such as 16,64,256") from None
