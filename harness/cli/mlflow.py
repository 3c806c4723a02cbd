"""`harness mlflow RUN`: a run's figures in an MLflow tracking server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from harness.cli.guard import Guard

EXAMPLES = """\b
Examples:
  harness mlflow latest --tracking-uri http://localhost:5000
  harness mlflow latest --tracking-uri sqlite:///mlflow.db --experiment sentiment
"""


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("mlflow", epilog=EXAMPLES)(guard(mlflow))


def mlflow(
    runs: Annotated[
        list[str],
        typer.Argument(help="Runs' folders, ids or how they begin, or `latest`.", show_default=False),
    ],
    tracking_uri: Annotated[
        str,
        typer.Option(envvar="MLFLOW_TRACKING_URI", help="Where MLflow is: a server, a database or file:FOLDER."),
    ],
    experiment: Annotated[str | None, typer.Option(help="Its experiment; the suite's name without it.")] = None,
    results: Annotated[Path, typer.Option(help="Where run folders are kept.")] = Path("results"),
) -> None:
    """Write figures, parameters and the comparison's JSON into MLflow.

    Each run becomes a parent run, each trial of it a child.
    """
    from harness.api import Run, compare
    from harness.errors import SuiteError
    from harness.privacy.staying import staying
    from harness.report.files import json_text
    from harness.report.mlflow import is_local, log
    from harness.running.store import find

    opened = [Run(find(results, name)) for name in runs]
    private = [run.header.id for run in opened if run.loaded.suite.privacy == "local"]
    if private and not is_local(tracking_uri):
        raise SuiteError(
            f"privacy is local in {private[0]!r}, and {tracking_uri!r} is not on this machine; use a server on"
            " localhost, or sqlite:///FILE"
        )
    found = compare(*opened)
    name = experiment or opened[-1].header.name
    with staying("local" if private else "open"):
        logged = log(found.compared, tracking_uri, name, document=json_text(found.compared, texts=False))
    runs_told = "1 run" if len(logged.runs) == 1 else f"{len(logged.runs)} runs"
    typer.echo(f"Written: {runs_told} with {logged.trials} trials, in experiment {name!r}")
