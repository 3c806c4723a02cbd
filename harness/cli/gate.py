"""`harness gate RUN`: passes a run on, or not, by exit code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.judging import Max, Min

if TYPE_CHECKING:
    from harness.api import Run
    from harness.cli.guard import Guard
    from harness.gating.records import Gate

EXAMPLES = """\b
Examples:
  harness gate latest --min accuracy=0.85 --max p95_seconds=0.5
  harness gate latest --baseline baseline.json --no-regression
  harness gate results/X --baseline baseline.json --no-regression --strategy features --junit gate.xml

\b
Exit codes:
  0   passed
  10  failed: a limit is not met, or it is surely worse than the baseline
  11  inconclusive: too few rows to tell, or a figure is not known
  12  the run is incomplete
  13  the run was stopped by its cost limit
"""


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("gate", epilog=EXAMPLES)(guard(gate))


def gate(  # noqa: PLR0913, PLR0917  (a command's options)
    run: Annotated[
        str, typer.Argument(help="A run's folder, its id or how it begins, or `latest`.", show_default=False)
    ],
    minimum: Min = None,
    maximum: Max = None,
    baseline: Annotated[
        Path | None, typer.Option(help="What `harness baseline` wrote, to be held against.")
    ] = None,
    no_regression: Annotated[
        bool, typer.Option("--no-regression", help="It must not be worse than the baseline by the margin.")
    ] = False,
    strategy: Annotated[
        str | None, typer.Option(help="Who is judged; without it the one that the run recommends.")
    ] = None,
    baseline_strategy: Annotated[
        str | None,
        typer.Option(
            help="Who of the baseline it is held against; without it the same as --strategy, else the one"
            " recommended then."
        ),
    ] = None,
    margin: Annotated[
        float | None, typer.Option(help="A difference that does not matter; without it the baseline's.")
    ] = None,
    task: Annotated[str | None, typer.Option(help="Only this task.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Also write the checks here, as JUnit XML.")] = None,
    markdown: Annotated[
        Path | None,
        typer.Option(help="Also append the checks and the comparison here, such as to $GITHUB_STEP_SUMMARY."),
    ] = None,
    results: Annotated[Path, typer.Option(help="Where run folders are kept.")] = Path("results"),
) -> None:
    """Judge a run against limits and a baseline; the exit code says how it came out, and the rule is printed.

    A limit is judged on the end of the interval. "No regression" is non-inferiority, paired row by row. Latency is
    judged in this run alone: what another machine took says nothing.
    """
    from harness.api import Run, compare
    from harness.cli import gate_files
    from harness.cli.printing import unread
    from harness.gating import baseline as baselines
    from harness.gating.gate import gate as judge
    from harness.gating.limits import parse
    from harness.gating.records import Wanted
    from harness.running.store import find

    wanted = Wanted(
        minimum=parse(minimum or [], "--min"),
        maximum=parse(maximum or [], "--max"),
        no_regression=no_regression,
        strategy=strategy,
        baseline_strategy=baseline_strategy,
        task=task,
        margin=margin,
    )
    old = baselines.read(baseline) if baseline is not None else None
    opened = Run(find(results, run))
    _check_strategy(opened, strategy)
    compared = compare(opened).compared
    found = judge(compared, wanted, old)
    if junit is not None:
        gate_files.write_junit(found, compared, junit)
    if markdown is not None:
        gate_files.append_markdown(found, compared, markdown)
    with unread():
        for line in _told(found):
            typer.echo(line)
    raise typer.Exit(found.exit_code)


def _check_strategy(run: Run, strategy: str | None) -> None:
    """A name that the suite does not have is a mistake, however far the run has come."""
    from harness.errors import SuiteError, suggest

    known = [name for name, bound in run.loaded.strategies.items() if not bound.hidden]
    if strategy is not None and strategy.partition(" n=")[0] not in known:
        raise SuiteError(f"no strategy {strategy!r} in this run; {suggest(strategy, known)}")


def _told(found: Gate) -> Iterator[str]:
    """For the terminal: every check, the rules behind them, what it came to."""
    from textwrap import fill

    from harness.numbers import plain

    place = ("", "")
    for check in found.checks:
        if (check.task, check.strategy) != place:
            place = (check.task, check.strategy)
            yield plain(": ".join(each for each in place if each))
        yield f"  {check.outcome:12}  {plain(check.asked)}"
        yield fill(plain(check.words), 80, initial_indent=" " * 16, subsequent_indent=" " * 16)
    yield ""
    for told in (*found.rules, *found.notes):
        yield fill(plain(told), 80)
    against = f" against {plain(found.baseline)}" if found.baseline else ""
    yield f"{plain(found.run)}{against}: {said(found)}, exit code {found.exit_code}"


def said(found: Gate) -> str:
    """What it came to, in words."""
    return {"budget": "stopped by its cost limit"}.get(found.outcome, found.outcome)
