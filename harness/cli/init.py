"""`harness init FILE`: what is in a file of rows, and a first suite for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from harness.cli.printing import show

if TYPE_CHECKING:
    from harness.cli.guard import Guard
    from harness.starting.roles import Asked
    from harness.starting.table import Given

EXAMPLES = """\b
Examples:
  harness init tickets.csv
  harness init tickets.csv --text "{subject} {body}" --target queue -o suites/queues.yaml
  harness init "exports/*.csv.gz" --encoding cp1252 --delimiter ";"
  harness init calls.jsonl --kind fields
  harness init --template list
  harness init --template support
"""


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("init", epilog=EXAMPLES)(guard(init))


def init(  # noqa: PLR0913, PLR0917  (a command's options)
    file: Annotated[
        str | None,
        typer.Argument(
            help="Rows: CSV, TSV, JSON, JSONL, Parquet or a workbook, also packed.", show_default=False
        ),
    ] = None,
    template: Annotated[
        str | None, typer.Option(help="Write the suite of a usual job instead; `list` names them.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="The text's column, or a template over columns.")] = None,
    target: Annotated[str | None, typer.Option(help="The column of the answer.")] = None,
    kind: Annotated[str | None, typer.Option(help="label, labels, fields or text.")] = None,
    encoding: Annotated[str | None, typer.Option(help="The file's encoding.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="Between the cells of a CSV.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook.")] = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="csv, tsv, json, jsonl, parquet or xlsx.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The suite's file; beside FILE without it.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the suite if it is there.")] = False,
) -> None:
    """Look at a file of rows and write a first suite for it.

    Encoding, layout and the part of each column are guessed and shown; options say what is not to be guessed. The
    suite is commented and runs as it is. The file itself is never changed.
    """
    from harness.errors import SuiteError

    if template is not None:
        if file is not None:
            raise SuiteError(f"--template writes its own rows: leave {file!r} out, or --template")
        _template(template, output, force=force)
        return
    if file is None:
        raise SuiteError("name a file of rows, such as `harness init tickets.csv`, or a usual job with --template")
    from harness.starting.table import Given

    tab = {"\\t": "\t", "tab": "\t"}
    given = Given(format_, encoding, tab.get(delimiter, delimiter) if delimiter else None, sheet)
    _file(file, given, _asked(text, target, kind), output, force=force)


def _file(file: str, given: Given, asked: Asked, output: Path | None, *, force: bool) -> None:
    from harness.starting.seen import look
    from harness.starting.showing import shown
    from harness.starting.writing import default_suite, refuse_present, write_suite

    suite = output or default_suite(file)
    refuse_present([suite], force=force)  # before the minutes that a large file takes
    seen = look(file, given, asked, say=lambda line: typer.echo(line, err=True))
    show(*shown(seen))
    replaced = write_suite(seen, suite, force=force)
    show(
        "",
        f"{'Replaced' if replaced else 'Wrote'} {suite}: read it, it says what was guessed. Next:",
        *_next(suite),
    )


def _template(name: str, output: Path | None, *, force: bool) -> None:
    from harness.starting.usual import template_files, templates
    from harness.starting.writing import write_all

    known = templates()
    if name == "list":
        width = max(map(len, known))
        show(*(f"{each:{width}}  {what}" for each, what in known.items()))
        return
    suite = output or Path(f"{name}.yaml")
    files = template_files(name, suite)
    replaced = write_all(files, force=force)
    others = ", ".join(str(path) for path in files if path != suite)
    show(
        f"{'Replaced' if replaced else 'Wrote'} {suite}, and made rows to try it with: {others}. Next:",
        *_next(suite),
    )


def _next(suite: Path) -> list[str]:
    import shlex

    name = shlex.quote(str(suite))
    return [
        f"  harness validate {name} --data",
        f"  harness data check {name}",
        f"  harness run {name} --limit 50      # a quick look",
        f"  harness run {name}",
    ]


def _asked(text: str | None, target: str | None, kind: str | None) -> Asked:
    from harness.errors import SuiteError, suggest
    from harness.records import Kind
    from harness.starting.roles import Asked

    for each in get_args(Kind):
        if kind == each:
            return Asked(text, target, each)
    if kind is not None:
        raise SuiteError(f"no kind {kind!r}; {suggest(kind, get_args(Kind))}")
    return Asked(text, target, None)
