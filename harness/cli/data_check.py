"""`harness data check SUITE|FILE`: what is doubtful about the rows, printed and written, nothing changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

    from harness.data.checking import Checked, Suspicion
    from harness.privacy.staying import Privacy
    from harness.source import Source
    from harness.suite import Task

EXAMPLES = """\b
Examples:
  harness data check suites/tickets.yaml
  harness data check suites/tickets.yaml --task tickets -o doubtful --strict
  harness data check tickets.csv --text body --target queue --group customer

Exit code: 0, whatever was found; 1 with --strict where something was. Long texts alone are nothing to act on.
"""
FOUND = 1


class _Asked(NamedTuple):
    task: Task
    folder: Path
    sources: Mapping[str, Source]
    privacy: Privacy


def check(  # noqa: PLR0913, PLR0917  (a command's options)
    source: Annotated[Path, typer.Argument(metavar="SUITE|FILE", help="A suite, or a file.", show_default=False)],
    task: Annotated[str | None, typer.Option(help="Only this task of the suite.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A folder for the rows concerned, a CSV each.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 where something was found.")] = False,
    text: Annotated[str, typer.Option(help="Of a file: its text column, or a template.")] = "text",
    target: Annotated[str, typer.Option(help="Of a file: its target column.")] = "target",
    group: Annotated[str | None, typer.Option(help="Of a file: a column such as a customer.")] = None,
    time: Annotated[str | None, typer.Option(help="Of a file: a column of dates.")] = None,
    encoding: Annotated[str, typer.Option(help="Of a file.")] = "utf-8",
    delimiter: Annotated[str | None, typer.Option(help="Of a CSV.")] = None,
) -> None:
    """Print what is doubtful about the rows: labels, copies, near-duplicates, leaks, groups, dates, encodings.

    Nothing is changed, and nothing is refused that a run would refuse.
    """
    from harness.cli import printing
    from harness.data.checking import check_task
    from harness.privacy.staying import staying

    if source.suffix.lower() in (".yaml", ".yml"):
        asked = _of_suite(source, task)
    else:
        columns = {"text": text, "target": target}
        splits = {"group": group, "time": time}
        asked = [_of_file(source, columns, splits, {"encoding": encoding, "delimiter": delimiter})]
    found = False
    for each in asked:
        with staying(each.privacy):
            checked = check_task(each.task, each.folder, each.sources)
        printing.show(*_shown(each.task, checked))
        found |= any(suspicion.counts for suspicion in checked.suspicions)
        if output is not None:
            folder = output / each.task.name if len(asked) > 1 else output
            printing.show(_written(checked, folder))
    if strict and found:
        raise typer.Exit(FOUND)


def _of_suite(path: Path, name: str | None) -> list[_Asked]:
    from harness.errors import SuiteError, suggest
    from harness.suite.load import load_suite

    loaded = load_suite(path)
    chosen = [task for task in loaded.suite.tasks if name in (None, task.name)]
    if not chosen:
        raise SuiteError(f"no task {name!r} in {path}; {suggest(str(name), [t.name for t in loaded.suite.tasks])}")
    return [_Asked(task, loaded.folder, loaded.registry.readers, loaded.suite.privacy) for task in chosen]


def _of_file(
    path: Path, columns: Mapping[str, str], splits: Mapping[str, str | None], options: Mapping[str, str | None]
) -> _Asked:
    from harness import plugins
    from harness.suite import Task

    task = Task.model_validate(
        {
            "name": "rows",
            "kind": "label",
            "instructions": "Which?",
            "data": {"path": str(path), "columns": columns, "splits": splits, **options},
        }
    )
    return _Asked(task, Path(), plugins.load().readers, "open")


def _shown(task: Task, checked: Checked) -> Iterator[RenderableType | str]:
    from harness.data.taskdata import SPLITS
    from harness.numbers import plain

    prepared = checked.prepared
    yield f"\n{task.name}"
    for read in prepared.reads.values():
        usable = f"{read.rows:,} rows, {len(read.items):,} can be used"
        yield f"  {plain(read.file)}: {usable}; read as {task.data.encoding}"
    divided = prepared.divided
    sizes = ", ".join(f"{name} {len(divided.splits[name]):,}" for name in SPLITS)
    yield f"  {sizes}; divided {plain(divided.by)}"
    for name, (first, last) in divided.times.items():
        yield f"  {name}: from {first} to {last}"
    lengths = sorted(len(item.text) for of in divided.splits.values() for item in of)
    if lengths:
        yield f"  characters: half have at most {lengths[len(lengths) // 2]:,}, the longest has {lengths[-1]:,}"
    if checked.labels:
        yield _labels(checked)
    for remark in checked.remarks:
        yield f"  {plain(remark)}"
    if checked.suspicions:
        yield _found(checked.suspicions)
    else:
        yield "  Nothing doubtful was found."


def _labels(checked: Checked) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    from harness.data.taskdata import SPLITS
    from harness.numbers import plain

    table = Table("label", box=None, padding=(0, 2))
    for name in SPLITS:
        table.add_column(name, justify="right")
    for label, counts in sorted(checked.labels.items(), key=lambda each: (-sum(each[1].values()), each[0])):
        table.add_row(Text(plain(repr(label))), *(f"{counts[name]:,}" for name in SPLITS))
    return table


def _found(suspicions: tuple[Suspicion, ...]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    from harness.data.saying import quoted
    from harness.numbers import plain

    table = Table("found", "rows", "what", "such as", padding=(0, 1))
    table.columns[0].no_wrap = True
    table.columns[1].justify = "right"
    for each in suspicions:
        first = each.rows[0]
        example = f"{plain(first.place)}: {plain(quoted(first.text))}" if first.text else plain(first.place)
        table.add_row(each.name, f"{len(each.rows):,}", Text(plain(each.said)), Text(example))
    return table


def _written(checked: Checked, folder: Path) -> str:
    import csv
    import io

    from harness import journal
    from harness.data.checking import Concerned
    from harness.errors import StoreError
    from harness.report.sheets import inert

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{str(folder)!r} cannot be made: {error}") from error
    for each in checked.suspicions:
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(Concerned._fields)
        writer.writerows([inert(cell) for cell in row] for row in each.rows)
        journal.replace(folder / f"{each.name}.csv", out.getvalue())
    return f"  The rows concerned stand in {folder}: {len(checked.suspicions)} files. They hold texts of the data."
