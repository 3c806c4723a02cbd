"""`harness ls`: the runs there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from harness.cli.guard import Guard

EXAMPLES = """\b
Examples:
  harness ls
  harness ls --results elsewhere/results
"""


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("ls", cls=_AsTheyCome, epilog=EXAMPLES)(guard(ls))


def ls(
    results: Annotated[Path, typer.Option(help="Where run folders are kept.")] = Path("results"),
) -> None:
    """List the runs in results/, oldest first."""
    from harness.running.glance import glances

    found = glances(Path(results))
    if not found:
        typer.echo(f"No runs in {str(results)!r}; `harness run SUITE` makes one.")
    for run in found:
        typer.echo(run.words)


class _AsTheyCome(TyperCommand):
    """Takes options as they are: to check one typer imports pydantic, which takes longer than to list all runs."""

    def get_params(self, ctx: Any) -> list[Any]:
        params = super().get_params(ctx)
        for param in params:
            param.get_runtime_param = _Unchecked  # type: ignore[attr-defined]
        return params


class _Unchecked:
    def coerce(self, value: object, **_: object) -> object:
        return value
