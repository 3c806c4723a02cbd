"""`harness export RUN STRATEGY -o DIR`: a fitted strategy as a folder that answers without the harness."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from harness.cli.guard import Guard
    from harness.exporting.bundle import Bundle

EXAMPLES = """\b
Examples:
  harness export latest features -o sentiment
  harness export latest lora -o sentiment --merge
  harness export latest features -o sentiment --onnx int8
"""


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("export", epilog=EXAMPLES)(guard(export))


def export(  # noqa: PLR0913, PLR0917  (a command's options)
    run: Annotated[str, typer.Argument(help="A run's folder, its id, or `latest`.", show_default=False)],
    strategy: Annotated[str, typer.Argument(help="One of its strategies.", show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to make.", show_default=False)],
    with_weights: Annotated[
        bool, typer.Option("--with-weights", help="Copy the weights of models too, instead of naming them.")
    ] = False,
    merge: Annotated[
        bool, typer.Option("--merge", help="Merge an adapter into full weights, which are written.")
    ] = False,
    onnx: Annotated[
        Literal["fp32", "int8"] | None,
        typer.Option(
            help="Write encoders as ONNX; measured against the run on its test rows.", show_default=False
        ),
    ] = None,
    check: Annotated[
        int, typer.Option(min=0, help="Test rows that the export is asked again, to compare; 0 for none.")
    ] = 8,
    task: Annotated[str | None, typer.Option(help="Which task, where the strategy ran on several.")] = None,
    seed: Annotated[int | None, typer.Option(help="Which seed; the first without it.")] = None,
    results: Annotated[Path, typer.Option(help="Where run folders are kept.")] = Path("results"),
) -> None:
    """Write a fitted strategy as a folder that answers without the harness.

    A script, a README, pinned requirements, settings as JSON, weights as safetensors or ONNX; nothing is pickled.
    The script is tried in a process that cannot import the harness.
    """
    from harness.api import Run
    from harness.exporting import bundle
    from harness.running import prediction
    from harness.running.store import find

    opened = Run(find(results, run))
    key = prediction.find_trial(opened.folder, strategy, task, seed)
    figures = next((row for row in opened.rows() if _is(row, key)), None)
    wanted = bundle.Wanted(with_weights=with_weights, merge=merge, onnx=onnx, check=check)
    made = bundle.export(opened.loaded, opened.folder, key, output, wanted, figures)
    _say(made, exact=onnx is None)


def _is(row: object, key: object) -> bool:
    return all(
        getattr(row, name) == getattr(key, name) for name in ("task", "strategy", "seed", "repeat", "train_size")
    )


def _say(made: Bundle, *, exact: bool) -> None:
    from harness.errors import RunFailed

    typer.echo(f"{made.folder}: {made.files} files, {made.bytes / 2**20:.1f} MiB; README.md says how to use them")
    if made.checked is None:
        typer.echo(f"not held against the run: {made.unchecked}")
        return
    told = f"{made.checked.same} of {made.checked.rows} test rows get the run's own answer without the harness"
    if made.checked.furthest is not None:
        told += f"; probabilities differ by at most {made.checked.furthest:.1g}"
    typer.echo(told)
    if exact and not made.checked.sound:
        rows = ", ".join(map(repr, made.checked.differing)) or "none, but probabilities do"
        raise RunFailed(f"the export does not answer as the run did; rows that differ: {rows}")
