"""`harness validate SUITE`: is it sound, and what would it run?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from harness.cli.guard import Guard
    from harness.suite.load import Loaded

EXAMPLES = """\b
Examples:
  harness validate suites/sentiment.yaml
  harness validate suites/sentiment.yaml --data
"""


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("validate", epilog=EXAMPLES)(guard(validate))


def validate(
    suite: Annotated[Path, typer.Argument(help="The suite's YAML file.", show_default=False)],
    data: Annotated[bool, typer.Option("--data", help="Read and check the rows of every task too.")] = False,
) -> None:
    """Check a suite and say what it would run.

    Every name is resolved and every parameter checked; no model is loaded and nothing is spent.
    """
    from harness.suite.load import load_suite

    loaded = load_suite(suite)
    rows = _rows(loaded) if data else []
    for line in (*_told(loaded), *rows):
        typer.echo(line)


def _told(loaded: Loaded) -> list[str]:
    from harness.running.planning import plan

    suite = loaded.suite
    lines = [f"{loaded.path} is sound.", ""]
    for task in suite.tasks:
        labels = f", labels {', '.join(task.labels)}" if not isinstance(task.labels, str) else ""
        lines.append(f"task      {task.name}: {task.kind}{labels}, by {task.metric}")
    for name, model in loaded.models.items():
        where = f", reaches {model.reaches()}" if model.reaches() else ""
        lines.append(f"model     {name}: {suite.models[name].use}{where}")
    for name, bound in loaded.strategies.items():
        if bound.hidden:
            continue
        on = "" if bound.tasks is None else f", only on {', '.join(bound.tasks)}"
        of = f", the best on validation of {len(bound.candidates)} candidates" if bound.candidates else ""
        lines.append(f"{'yardstick' if bound.yardstick else 'strategy':9} {name}: {bound.use}{of}{on}")
    if suite.privacy == "local":
        lines.append(
            "privacy   local: nothing here reaches beyond this machine, and connections that try are refused"
        )
        lines += [
            f"          {use} is code of your own: what it contacts is not known before it runs"
            for use in loaded.unchecked
        ]
    trials = plan(loaded)
    kinds = {task.name: task.kind for task in suite.tasks}
    out = [k for k in trials if kinds[k.task] not in loaded.strategies[k.strategy].strategy.kinds]
    seeds = "seed" if len(suite.seeds) == 1 else "seeds"
    repeated = f", each {suite.repeats} times" if suite.repeats > 1 else ""
    lines += ["", f"{len(trials) - len(out)} trials with {seeds} {', '.join(map(str, suite.seeds))}{repeated}."]
    lines += [
        f"not applicable: {name} on {task}" for task, name in dict.fromkeys((k.task, k.strategy) for k in out)
    ]
    return lines


def _rows(loaded: Loaded) -> list[str]:
    from harness.running.planning import read_data

    lines = [""]
    for name, data in read_data(loaded).items():
        lines.append(
            f"{name}: {len(data.train)} train, {len(data.validation)} validation, {len(data.test)} test rows"
        )
        lines += [f"  {warning}" for warning in data.report.warnings]
    return lines
