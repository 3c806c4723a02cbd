"""`harness predict RUN STRATEGY FILE`: what a run fitted, put to new rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.cli.guard import Guard
    from harness.records import Failed, Prediction

EXAMPLES = """\b
Examples:
  harness predict latest features new.csv -o answered.csv
  harness predict results/2026-11-21-0915-sentiment lora new.jsonl --task tweets -o answered.jsonl
"""


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("predict", epilog=EXAMPLES)(guard(predict))


def predict(  # noqa: PLR0913, PLR0917  (a command's options)
    run: Annotated[str, typer.Argument(help="A run's folder, its id, or `latest`.", show_default=False)],
    strategy: Annotated[str, typer.Argument(help="One of its strategies.", show_default=False)],
    file: Annotated[Path, typer.Argument(help="New rows, with the task's text columns.", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help=".csv or .jsonl; the terminal without it.")
    ] = None,
    task: Annotated[str | None, typer.Option(help="Which task, where the strategy ran on several.")] = None,
    seed: Annotated[int | None, typer.Option(help="Which seed; the first without it.")] = None,
    encoding: Annotated[str, typer.Option(help="The file's encoding.")] = "utf-8",
    results: Annotated[Path, typer.Option(help="Where run folders are kept.")] = Path("results"),
) -> None:
    """Answer new rows with what a run fitted; nothing is trained again.

    The columns of the file stay, with `answer`, `probability` and `failure` behind them.
    """
    from harness.api import Run
    from harness.data.queries import read_queries
    from harness.errors import RunFailed, SuiteError
    from harness.privacy.staying import staying
    from harness.running import prediction
    from harness.running.store import find

    if output is not None and output.suffix not in (".csv", ".jsonl"):
        raise SuiteError(f"-o {str(output)!r}: the format goes by the extension, one of .csv, .jsonl")
    opened = Run(find(results, run))
    key = prediction.find_trial(opened.folder, strategy, task, seed)
    loaded = opened.loaded
    columns = next(t.data.columns for t in loaded.suite.tasks if t.name == key.task)
    with staying(loaded.suite.privacy):
        sources = loaded.registry.readers
        rows = list(read_queries(str(file), columns, Path.cwd(), sources, {"encoding": encoding}))
    queries = [row.query for row in rows if row.query is not None]
    answers = {result.query_id: result for result in prediction.predict(loaded, opened.folder, key, queries)}
    results_of = [answers[row.query.id] if row.query else None for row in rows]
    _write(output, [row.fields for row in rows], results_of)
    failed = sum(r is None or not hasattr(r, "answers") for r in results_of)
    typer.echo(f"{len(rows)} rows, {failed} without an answer; by {key}", err=True)
    if rows and failed == len(rows):
        raise RunFailed(f"no row got an answer; the first: {_told(results_of[0])['failure']}")


def _write(
    output: Path | None, fields: Sequence[Mapping[str, str]], results: Iterable[Prediction | Failed | None]
) -> None:
    from harness import journal

    told = [{**row, **_told(result)} for row, result in zip(fields, results, strict=True)]
    text = _jsonl(told) if output is not None and output.suffix == ".jsonl" else _csv(told)
    if output is None:
        typer.echo(text, nl=False)
    else:
        journal.replace(output, text, shared=True)


def _told(result: Prediction | Failed | None) -> dict[str, str]:
    import json

    from harness.records import Failed

    if result is None:
        return {"answer": "", "probability": "", "failure": "the row has no text"}
    if isinstance(result, Failed):
        return {"answer": "", "probability": "", "failure": f"{result.kind}: {result.error}"}
    single = len(result.answers) == 1
    answer = result.answers[0] if single else json.dumps(result.answers, ensure_ascii=False)
    sure = (result.probabilities or {}).get(answer)
    return {"answer": answer, "probability": "" if sure is None else f"{sure:.6g}", "failure": ""}


def _jsonl(rows: Sequence[Mapping[str, str]]) -> str:
    import json

    def typed(row: Mapping[str, str]) -> dict[str, object]:
        sure = row["probability"]
        return {**row, "probability": float(sure) if sure else None}

    return "".join(json.dumps(typed(row), ensure_ascii=False) + "\n" for row in rows)


def _csv(rows: Sequence[Mapping[str, str]]) -> str:
    from harness.report.sheets import csv_text

    return csv_text(list(dict.fromkeys(name for row in rows for name in row)), rows)
