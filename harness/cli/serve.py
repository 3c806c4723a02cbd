"""`harness serve RUN STRATEGY`: a fitted strategy over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from harness.cli.guard import Guard

EXAMPLES = """\b
Examples:
  harness serve latest features
  harness serve latest lora --port 8080
  curl -s localhost:8000/predict -H 'Content-Type: application/json' -d '{"text": "my flight was great"}'
"""


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("serve", epilog=EXAMPLES)(guard(serve))


def serve(  # noqa: PLR0913, PLR0917  (a command's options)
    run: Annotated[str, typer.Argument(help="A run's folder, its id, or `latest`.", show_default=False)],
    strategy: Annotated[str, typer.Argument(help="One of its strategies.", show_default=False)],
    host: Annotated[str, typer.Option(help="Where to listen; this machine alone without it.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any that is free.")] = 8000,
    max_texts: Annotated[int, typer.Option(min=1, help="Texts in one call.")] = 64,
    max_characters: Annotated[int, typer.Option(min=1, help="Characters of one text.")] = 100_000,
    max_waiting: Annotated[int, typer.Option(min=0, help="Calls that may wait; more get status 429.")] = 16,
    timeout: Annotated[float, typer.Option(min=0.001, help="Seconds for a call; then status 503.")] = 120.0,
    task: Annotated[str | None, typer.Option(help="Which task, where the strategy ran on several.")] = None,
    seed: Annotated[int | None, typer.Option(help="Which seed; the first without it.")] = None,
    results: Annotated[Path, typer.Option(help="Where run folders are kept.")] = Path("results"),
) -> None:
    """Answer over HTTP with what a run fitted.

    POST /predict for every strategy; /v1/chat/completions, as OpenAI's clients ask it, for those on a local chat
    model; GET /health. One call is answered at a time. Each request is a line in the log, without its texts. With
    HARNESS_SERVE_KEY in the environment callers must bring it as a bearer token.
    """
    import os

    from harness.api import Run
    from harness.running import prediction
    from harness.running.store import find
    from harness.serving.limits import Limits
    from harness.serving.server import Place
    from harness.serving.server import serve as start

    opened = Run(find(results, run))
    key = prediction.find_trial(opened.folder, strategy, task, seed)
    place = Place(host, port, os.environ.get("HARNESS_SERVE_KEY", ""))
    limits = Limits(texts=max_texts, characters=max_characters, queue=max_waiting, timeout_seconds=timeout)
    start(opened.loaded, opened.folder, key, place, limits, lambda line: typer.echo(line, err=True))
