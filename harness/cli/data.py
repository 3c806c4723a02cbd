"""`harness data …`: look through a task's rows, and correct their labels, without touching the source."""

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
"""
HELP = "Check a task's rows, or correct their labels, in a file beside the suite."


def add(app: typer.Typer, guard: Guard) -> None:
    from harness.cli import data_check, data_label

    group = typer.Typer(epilog=EXAMPLES, help=HELP, no_args_is_help=True)
    group.command("check", epilog=data_check.EXAMPLES)(guard(data_check.check))
    group.command("label", epilog=data_label.EXAMPLES)(guard(data_label.label, interrupted=data_label.STOPPED))
    app.add_typer(group, name="data")
