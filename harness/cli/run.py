"""`harness run SUITE`: every strategy on the same rows, compared."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.judging import Max, Min, Set

if TYPE_CHECKING:
    from harness.api import Run
    from harness.cli.guard import Guard
    from harness.running.runner import Options
    from harness.suite.load import Loaded

EXAMPLES = """\b
Examples:
  harness run suites/sentiment.yaml
  harness run suites/sentiment.yaml --limit 50 --strategy features --strategy knn
  harness run suites/sentiment.yaml --seed 0 --seed 1 -o out.json -o out.csv
  harness run suites/sentiment.yaml --min accuracy=0.85 --decide worth_per_month=20 -o report.html
  harness run suites/sentiment.yaml --resume
  harness run results/2026-11-21-0915-sentiment --resume
"""

INTERRUPTED = "Stopped. What is finished is kept; the same command with --resume goes on."


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("run", epilog=EXAMPLES)(guard(run, interrupted=INTERRUPTED))


def run(  # noqa: PLR0913, PLR0917  (a command's options)
    suite: Annotated[
        Path, typer.Argument(help="A suite's YAML file, or a run's folder with --resume.", show_default=False)
    ],
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "-o", "--output", help="Also write the report here; .html, .json, .csv, .md, .xml or .eml. Repeatable."
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=2, help="At most so many rows of each split, for a quick look.")
    ] = None,
    seed: Annotated[list[int] | None, typer.Option(help="Instead of the suite's seeds. Repeatable.")] = None,
    repeat: Annotated[int | None, typer.Option(min=1, help="Runs with the same seed.")] = None,
    strategy: Annotated[
        list[str] | None, typer.Option(help="Only this strategy of the suite. Repeatable.")
    ] = None,
    jobs: Annotated[
        int, typer.Option("-j", "--jobs", min=1, help="Requests to an endpoint under way at once, at most.")
    ] = 8,
    cost_limit: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Dollars that the run may spend; it stops before a call that could pass them. Seconds of this"
            " machine, where they have a price, are counted once they are spent, so the last step may pass them.",
        ),
    ] = None,
    allow_unpriced: Annotated[
        list[str] | None,
        typer.Option(help="A model without a known price that may be asked under --cost-limit. Repeatable."),
    ] = None,
    privacy: Annotated[
        str | None,
        typer.Option(help="Instead of the suite's: `local` refuses all that would reach beyond this machine."),
    ] = None,
    minimum: Min = None,
    maximum: Max = None,
    decide: Set = None,
    results: Annotated[Path, typer.Option(help="Where run folders are kept.")] = Path("results"),
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the latest unfinished run of this suite.")
    ] = False,
    cache: Annotated[bool, typer.Option("--cache/--no-cache", help="Use answers of earlier runs again.")] = True,
    old_cache: Annotated[
        bool, typer.Option("--old-cache", help="Also use endpoints' answers older than the suite's cache_days.")
    ] = False,
    canary: Annotated[
        int,
        typer.Option(min=0, help="First ask so many recorded prompts of each endpoint again, and say what moved."),
    ] = 0,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Say what would run, the tokens and dollars it would take at most, and run nothing."
        ),
    ] = False,
) -> None:
    """Run every strategy of a suite on the same rows, and compare them.

    A run is kept in results/ and can be taken up again wherever it was stopped.
    """
    from harness.api import resumable
    from harness.cli.dry_run import plan_lines
    from harness.cli.judging import decided
    from harness.errors import SuiteError
    from harness.report import files
    from harness.running.runner import Options
    from harness.running.store import RunFolder
    from harness.suite.load import load_suite

    outputs = output or []
    for path in outputs:
        files.check(path)
        if dry_run and path.suffix != ".json":
            raise SuiteError(f"--dry-run has no report to write: -o {str(path)!r} would have to end in .json")
    if privacy not in (None, "local", "open"):
        raise SuiteError(f"--privacy {privacy!r} is neither `local` nor `open`")
    overrides = {"seeds": seed, "repeats": repeat, "privacy": privacy}
    options = Options(
        results=results,
        jobs=jobs,
        limit=limit,
        strategies=tuple(strategy or ()),
        cost_limit=cost_limit,
        unpriced=tuple(allow_unpriced or ()),
        cache=cache,
        old_cache=old_cache,
        canary=canary,
    )
    if suite.is_dir() and not resume:
        raise SuiteError(f"{str(suite)!r} is a folder; a run is taken up again with --resume")
    if resume:
        folder = RunFolder(suite) if suite.is_dir() else resumable(load_suite(suite), results, curve=False)
        loaded, options = taken_up(folder, suite, options)
        if privacy not in (None, loaded.suite.privacy):
            raise SuiteError(f"run {folder.id!r} began with privacy {loaded.suite.privacy}; start a new run")
    else:
        loaded = load_suite(suite, None, **{k: v for k, v in overrides.items() if v is not None})  # type: ignore[arg-type]
    loaded = loaded.deciding(decided(loaded, minimum, maximum, decide))
    if dry_run:
        for line in plan_lines(loaded, options, outputs):
            typer.echo(line)
        return
    finish(watched(loaded, options), outputs)


def taken_up(folder: RunFolder, suite: Path, options: Options) -> tuple[Loaded, Options]:  # type: ignore[name-defined]  # noqa: F821
    """The suite and the options with which a run was begun."""
    from dataclasses import replace

    from harness.suite.load import load_suite

    header = folder.header
    path = folder.path / "suite.json" if suite.is_dir() else suite
    # What began with --privacy local goes on so; what did not, and now should, is refused as another suite.
    local = {"privacy": "local"} if folder.suite.get("privacy") == "local" else {}
    loaded = load_suite(
        path, None, folder=Path(header.suite_folder), seeds=list(header.seeds), repeats=header.repeats, **local
    )
    return loaded, replace(options, resume=folder, limit=header.limit, strategies=header.only, sizes=header.sizes)


def watched(loaded: Loaded, options: Options) -> Run:
    """Runs with progress on the terminal."""
    from harness.api import run as run_suite
    from harness.cli.leaving import leave_or_cancel, terminated
    from harness.cli.progress import watching
    from harness.running.store import RunFolder

    # A polite kill ends like Ctrl-C: with what is finished kept, and said.
    signal.signal(signal.SIGTERM, terminated)
    watcher = None
    try:
        with watching() as watcher:
            return run_suite(loaded, options=options, watcher=watcher)
    except KeyboardInterrupt as stopped:
        if watcher is not None and watcher.run is not None:
            folder = options.resume or RunFolder(options.results / watcher.run.id)
            leave_or_cancel(loaded, folder, stopped)
        raise


def finish(run: Run, outputs: list[Path]) -> None:
    """Shows what came out, writes the reports, and says by the exit code whether a trial failed."""
    from rich.text import Text

    from harness.cli.printing import show
    from harness.errors import RunFailed, StillRunning

    show(Text())
    if run.folder.tasks():
        compared = run.compare()
        show(compared)
        page = run.folder.path / "report.html"
        for path in (*outputs, page):
            compared.write(path)
        for path in outputs:
            typer.echo(f"Written: {path}", err=True)
        said = f"Report: {page} · `harness view {run.folder.id}` to browse"
        show(said)
    failed = [header for header in run.trials() if header.status == "failed"]
    if failed:
        names = ", ".join(str(header.key) for header in failed)
        error = RunFailed(
            f"{len(failed)} of {len(run.trials())} trials failed: {names}. Why stands above; `harness show"
            f" {run.folder.path} STRATEGY --debug` has the traceback, --resume tries them again"
        )
        error.exit_code = _code(run)
        raise error
    left = [h for h in run.trials() if h.status == "stopped" and h.problem and h.problem.kind == "StillRunning"]
    if left:
        told = "\n".join(f"{header.key}: {header.problem.message}" for header in left if header.problem)
        raise StillRunning(f"{told}\n`harness jobs {run.folder.id}` shows how it stands")


def _code(run: Run) -> int:
    """The code of what went wrong where nothing of the suite's own worked, and that for one reason."""
    from harness import errors

    own = [header for header in run.trials() if not header.yardstick and header.status != "candidate"]
    kinds = {header.problem.kind if header.problem else "" for header in own}
    cause = getattr(errors, kinds.pop(), None) if len(kinds) == 1 else None
    return cause.exit_code if isinstance(cause, type) and issubclass(cause, errors.HarnessError) else 1
