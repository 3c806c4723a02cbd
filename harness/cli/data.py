"""`harness data …`: look through a task's rows, correct their labels, make training files: the source stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from harness.cli.guard import Guard

EXAMPLES = """\b
Examples:
  harness data check suites/tickets.yaml
  harness data check tickets.csv --text body --target queue -o doubtful
  harness data label suites/tickets.yaml --run latest
  harness data prepare tickets.csv --for openai --text body --target queue --fix
"""
HELP = "Check a task's rows, correct their labels in a file beside the suite, or make training files of them."


def add(app: typer.Typer, guard: Guard) -> None:
    from harness.cli import data_check, data_label, data_prepare

    group = typer.Typer(epilog=EXAMPLES, help=HELP, no_args_is_help=True)
    group.command("check", epilog=data_check.EXAMPLES)(guard(data_check.check))
    group.command("label", epilog=data_label.EXAMPLES)(guard(data_label.label, interrupted=data_label.STOPPED))
    group.command("prepare", epilog=data_prepare.EXAMPLES)(
        guard(data_prepare.prepare, interrupted=data_prepare.STOPPED)
    )
    app.add_typer(group, name="data")
