"""`harness show RUN [STRATEGY]`: a run's table, or all that is known of one trial."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from harness.api import Run
    from harness.cli.guard import Guard
    from harness.records import Outcome
    from harness.running.store import TrialFolder

EXAMPLES = """\b
Examples:
  harness show latest
  harness show latest prompt-search --task tweets
  harness show 2026-11-21-0915 few-shot --wrong --answers 5 --prompts
"""


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("show", epilog=EXAMPLES)(guard(show))


def show(  # noqa: PLR0913, PLR0917  (a command's options)
    run: Annotated[
        str, typer.Argument(help="A run's folder, its id or how it begins, or `latest`.", show_default=False)
    ],
    strategy: Annotated[str | None, typer.Argument(help="One of its strategies.", show_default=False)] = None,
    task: Annotated[str | None, typer.Option(help="Only this task.")] = None,
    answers: Annotated[int, typer.Option(min=0, help="Show so many answers of each trial.")] = 0,
    wrong: Annotated[bool, typer.Option("--wrong", help="Only wrong answers.")] = False,
    failed: Annotated[bool, typer.Option("--failed", help="Only failures.")] = False,
    prompts: Annotated[bool, typer.Option("--prompts", help="With the prompts as sent.")] = False,
    results: Annotated[Path, typer.Option(help="Where run folders are kept.")] = Path("results"),
) -> None:
    """Show a run's table; or a strategy's parameters, steps, cost, warnings and answers."""
    from harness.api import Run
    from harness.cli import printing
    from harness.errors import SuiteError, suggest
    from harness.running.forgotten import refuse
    from harness.running.store import find

    opened = Run(find(results, run))
    if strategy is None:
        printing.show(opened)
        return
    trials = [(trial, trial.header) for trial in opened.folder.trials()]
    chosen = [t for t, h in trials if h.key.strategy == strategy and task in (None, h.key.task)]
    if not chosen:
        known = {h.key.strategy for _, h in trials}
        raise SuiteError(f"no strategy {strategy!r} in this run; {suggest(strategy, known)}")
    for trial in chosen:
        for line in _trial(trial, opened):
            typer.echo(line)
        if (answers or wrong or failed or prompts) and opened.header.forgotten:
            refuse(opened.folder, "there are no answers to show")
        shown = answers or (10 if wrong or failed or prompts else 0)
        for outcome in islice(_outcomes(trial, wrong=wrong, failed=failed), shown):
            for line in _outcome(outcome, opened, trial.header.key.task, prompts=prompts):
                typer.echo(line)


def _trial(trial: TrialFolder, run: Run) -> Iterator[str]:
    import json
    import os

    from harness import numbers
    from harness.calls.pricing import Prices
    from harness.cli.curve_lines import curve_lines

    header = trial.header
    yield f"{header.key}  {header.status}, attempt {header.attempts}"
    yield f"  use {header.use}, plugin {header.plugin.name} {header.plugin.version} {header.plugin.sha256[:12]}"
    for name, value in header.params.items():
        yield f"  {name}: {numbers.plain(json.dumps(value, ensure_ascii=False))}"
    for step in trial.steps():
        curve = list(curve_lines(step.result.get("curve"))) if isinstance(step.result, dict) else []
        result = {k: v for k, v in step.result.items() if k != "curve"} if curve else step.result  # type: ignore[union-attr]
        told = numbers.plain(json.dumps(result, ensure_ascii=False))
        yield f"  step {numbers.plain(step.name)} ({numbers.seconds(step.seconds)}): {told}"
        yield from (f"    {line}" for line in curve)
    prices = Prices(run.loaded.suite.prices)
    ledger = trial.ledger()
    for phase in ("prepare", "warm-up", "sample", "bulk", "validation", "probe"):
        used = [entry for entry in ledger if entry.phase == phase]
        if not used and phase in ("validation", "probe"):  # only where the suite asks for them
            continue
        tokens = sum(e.usage.input_tokens + e.usage.output_tokens + e.usage.training_tokens for e in used)
        device = sum(e.usage.device_seconds for e in used)
        cost = numbers.dollars(prices.total(e.usage for e in used))
        yield f"  {phase}: {numbers.count(tokens)} tokens, {numbers.seconds(device)} of a device, {cost}"
    for warning in header.warnings:
        yield f"  warning: {numbers.plain(warning)}"
    if header.problem:
        yield f"  {header.problem.kind}: {numbers.plain(header.problem.message)}"
        if os.environ.get("HARNESS_DEBUG"):
            yield numbers.plain(header.problem.traceback, newlines=True)


def _outcomes(trial: TrialFolder, *, wrong: bool, failed: bool) -> Iterator[Outcome]:
    for outcome in trial.outcomes():
        if (not wrong and not failed) or (wrong and outcome.score == 0) or (failed and outcome.score is None):
            yield outcome


def _outcome(outcome: Outcome, run: Run, task: str, *, prompts: bool) -> Iterator[str]:
    from harness import numbers
    from harness.records import Failed

    example = next(e for e in run.folder.data(task).test if e.query.id == outcome.query_id)
    result = outcome.result
    said = f"{result.kind}: {result.error}" if isinstance(result, Failed) else " | ".join(result.answers)
    yield f"\n  {outcome.query_id}  {numbers.plain(example.query.text)}"
    for turn in example.query.history:
        yield f"    {turn.role}>  {numbers.plain(turn.content)}"
    yield f"    target  {numbers.plain(' | '.join(example.targets))}"
    yield f"    answer  {numbers.plain(said)}"
    if not isinstance(result, Failed):
        for name, note in result.notes.items():
            yield f"    {name}  {numbers.plain(note)}"
    for exchange in outcome.exchanges if prompts else ():
        for message in exchange.messages:
            yield f"    {message.role}> {numbers.plain(message.content)}"
        yield f"    model>  {numbers.plain(exchange.text)}"
