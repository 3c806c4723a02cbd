"""`harness data label SUITE`: give or correct labels in the terminal, one row after the other."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

if TYPE_CHECKING:
    from harness.cli.corrections_file import CorrectionsFile
    from harness.data.items import Item
    from harness.data.preparing import Prepared
    from harness.diagnosing.doubts import Doubt
    from harness.suite import Task

EXAMPLES = """\b
Examples:
  harness data label suites/tickets.yaml
  harness data label suites/tickets.yaml --task intents --run latest
  harness data label suites/tickets.yaml --run latest --split test

At each row type a label, how it begins, or its number; Enter leaves the row as it is.
  =   the label is right: do not ask again        /?  list the labels
  /u  undo the last answer                        /q  quit
"""
STOPPED = "Stopped. Every answer that was given is in the corrections file; start again to go on."


class Split(StrEnum):
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


_LISTED = 80  # labels in a list; more go by their beginning
_TEXT = 3000


class _Asked(NamedTuple):
    item: Item
    split: str
    doubt: Doubt | None


def label(
    suite: Annotated[Path, typer.Argument(help="The suite's YAML file.", show_default=False)],
    task: Annotated[str | None, typer.Option(help="Which task, where it has several.")] = None,
    run: Annotated[
        str | None, typer.Option(help="A finished run: rows whose label it doubts come first.", show_default=False)
    ] = None,
    split: Annotated[
        list[Split] | None, typer.Option(help="Rows of which splits; repeatable. Train and validation without it.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many rows.")] = None,
    by: Annotated[str, typer.Option(help="Who labels, for the file.", show_default="your user name")] = "",
    results: Annotated[Path, typer.Option(help="Where run folders are kept.")] = Path("results"),
) -> None:
    """Give or correct labels, into a file beside the suite; the source is never changed.

    With a run: suspects first, then the rows of which its models are least sure. Else rows without a label, then
    the others in a random order that stays the same. Each answer is on disk before the next row is shown.
    """
    from harness.cli.corrections_file import CorrectionsFile
    from harness.data.preparing import prepare_rows
    from harness.numbers import plain, plural
    from harness.privacy.staying import staying
    from harness.suite.load import load_suite, task_of

    loaded = load_suite(suite)
    chosen = task_of(loaded, task)
    with staying(loaded.suite.privacy):
        prepared = prepare_rows(chosen, loaded.folder, loaded.registry.readers, unlisted=True)
    name = chosen.data.corrections or f"{suite.stem}-{chosen.name}-corrections.csv"
    file = CorrectionsFile(loaded.folder / Path(name).expanduser())
    wanted: Sequence[str] = split or ("train", "validation")
    if "test" in wanted:
        typer.echo(
            "Note: test rows are shown. Labels corrected after a look at them, and at what models "
            "answered, make test "
            "kinder to those models: say so with the figures, correct all rows alike and not only the "
            "wrong answers, and run again."
        )
    doubts = _doubts(results, run, chosen.name) if run is not None else {}
    queue = _queue(prepared, doubts, wanted, {line.id for line in file.lines}, chosen.data.splits.seed)
    queue = queue[:limit]
    typer.echo(f"{len(queue):,} rows; answers go to {plain(str(file.path))}")
    if chosen.data.corrections is None:
        typer.echo(f"For a run to use them, say in the suite, below `data:`:  corrections: {plain(name)}")
    given = _session(queue, file, chosen, _labels(chosen, prepared), by or os.environ.get("USER", ""))
    typer.echo(f"{plural(given, 'answer')} in {plain(str(file.path))}." if given else "Nothing was changed.")


def _labels(task: Task, prepared: Prepared) -> tuple[str, ...]:
    if task.kind not in ("label", "labels"):
        return ()
    if task.labels != "auto":
        return tuple(task.labels)
    return tuple(sorted({each for r in prepared.reads.values() for item in r.items for each in item.targets}))


def _doubts(results: Path, run: str, task: str) -> dict[str, Doubt]:
    from harness.api import Run
    from harness.comparing.reading import opened, read
    from harness.diagnosing.doubts import doubts
    from harness.errors import SuiteError, suggest
    from harness.running.store import find

    folder = find(results, run)
    evidence = {each.name: each for each in read([opened(folder, Run(folder).loaded)])}
    if task not in evidence:
        raise SuiteError(f"the run {folder.id} has no task {task!r}; {suggest(task, evidence)}")
    found = doubts(evidence[task], lambda note: typer.echo(f"Note: {note}"))
    return {each.query_id: each for each in found}


def _queue(
    prepared: Prepared, doubts: Mapping[str, Doubt], wanted: Sequence[str], done: set[str], seed: int
) -> list[_Asked]:
    from harness.data.spread import hash_place

    splits = prepared.divided.splits
    rows = [(item, name) for name, of in splits.items() if name in wanted for item in of]
    place = {query_id: rank for rank, query_id in enumerate(doubts)}
    by_hash = sorted(rows, key=lambda row: hash_place(seed, f"label\0{row[0].id}"))
    doubted = sorted((row for row in by_hash if row[0].id in place), key=lambda row: place[row[0].id])
    others = [row for row in by_hash if row[0].id not in place]
    unlabelled = [(item, "") for read in prepared.reads.values() for item in read.unlabelled if item.id]
    unlabelled.sort(key=lambda row: hash_place(seed, f"label\0{row[0].id}"))
    ordered = [*doubted, *unlabelled, *others]
    return [_Asked(item, name, doubts.get(item.id)) for item, name in ordered if item.id not in done]


def _session(queue: Sequence[_Asked], file: CorrectionsFile, task: Task, labels: Sequence[str], by: str) -> int:
    """Asks row by row; how many answers were given and not taken back."""
    answered: list[int] = []
    number = 0
    if labels and len(labels) <= _LISTED:
        typer.echo(_list(labels))
    while number < len(queue):
        _show(queue[number], number, len(queue), task)
        typed = _typed()
        if typed is None or typed.strip() == "/q":
            break
        if typed.strip() == "/?":
            typer.echo(_list(labels))
        elif typed.strip() == "/u":
            if answered:
                file.undo()
                number = answered.pop()
                typer.echo("Taken back.")
            else:
                typer.echo("Nothing to undo.")
        elif not typed.strip():
            number += 1
        elif _answer(typed, queue[number], file, task, labels, by):
            answered.append(number)
            number += 1
    return len(answered)


def _answer(typed: str, asked: _Asked, file: CorrectionsFile, task: Task, labels: Sequence[str], by: str) -> bool:
    """Writes an answer; whether there was one."""
    from datetime import UTC, datetime

    from harness.data.corrections import Correction, told
    from harness.data.labelling import Choice, choose
    from harness.numbers import plain

    item, right = asked.item, typed.strip() == "="
    if right and not item.targets and task.kind != "labels":
        choice = Choice(None, "there is no label to keep")
    else:
        choice = Choice(item.targets) if right else choose(typed, labels, task.kind)
    if choice.targets is None:
        typer.echo(plain(choice.problem))
        return False
    now = told(item.targets, task.kind) if item.targets or task.kind == "labels" else ""
    new, at = told(choice.targets, task.kind), datetime.now(UTC).isoformat(timespec="seconds")
    note = asked.doubt.why if asked.doubt else ""
    file.append(Correction(item.id, item.text, file.first_old(item.id, now), new, by, at, note))
    typer.echo(f"-> {plain(new)}" + ("  (as it was)" if new == now else ""))
    return True


def _show(asked: _Asked, number: int, count: int, task: Task) -> None:
    from harness.data.corrections import told
    from harness.numbers import plain

    item = asked.item
    split = asked.split or "no label, in no split"
    text = item.text if len(item.text) <= _TEXT else f"{item.text[:_TEXT]}… ({len(item.text):,} characters)"
    typer.echo(f"\n--- {number + 1:,} of {count:,}   {plain(item.place)}   {split}")
    for turn in item.history[-6:]:
        typer.echo(f"  {turn.role}: {plain(turn.content[:_TEXT])}")
    typer.echo(plain(text, newlines=True))
    typer.echo(f"label: {plain(told(item.targets, task.kind)) or '(none)'}")
    if asked.doubt is not None:
        typer.echo(f"models: {plain(asked.doubt.suggested)} ({plain(asked.doubt.view)}); {plain(asked.doubt.why)}")


def _list(labels: Sequence[str]) -> str:
    from rich.columns import Columns
    from rich.console import Console
    from rich.text import Text

    from harness.numbers import plain

    console = Console()
    numbered = [Text(f"{n} {plain(each)}") for n, each in enumerate(labels, start=1)]
    with console.capture() as captured:
        console.print(Columns(numbered, padding=(0, 3)))
    return captured.get().rstrip()


def _typed() -> str | None:
    """A line; None where there are no more."""
    try:
        return input("> ")
    except EOFError:
        return None
