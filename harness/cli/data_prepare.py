"""`harness data prepare FILE --for PROVIDER`: training files out of rows, checked, with what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.data_prepare_options import Format, MethodName, Provider

if TYPE_CHECKING:
    from harness.preparation.asked import Asked
    from harness.preparation.gathered import Gathered
    from harness.preparation.preparing import Outcome, Wanted
    from harness.starting.table import Given
    from harness.suite.spec import PriceBook

EXAMPLES = """\b
Examples:
  harness data prepare tickets.csv --for openai --text body --target queue --instructions "Which queue?"
  harness data prepare tickets.xlsx --for mistral --validation 0.2 --fix -o tickets-tuning
  harness data prepare suites/tickets.yaml --task intents --for azure --model gpt-4.1-mini --epochs 3
  harness data prepare chat.jsonl --for together --prices prices.yaml --format json
  harness data prepare pairs.parquet --for openai --method dpo --chosen better --rejected worse

What is found is listed by its line in FILE (the row of a sheet, the item of a JSON list). Nothing is left out
unless --fix says so; where the provider would refuse the files, nothing is written.

Exit code: 0 where the files were written, whatever else was found; 1 where the provider would refuse them and
nothing was written; 2 for options that do not fit, 3 for a file that cannot be read, 7 for an output in the way.
"""
REFUSED = 1
STOPPED = "Stopped. Whatever was written is whole; the input is as it was."


def prepare(  # noqa: PLR0913, PLR0917  (a command's options)
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE|SUITE",
            help="Rows: CSV, TSV, XLSX, JSON, JSONL, Parquet; chat JSONL; or a suite.",
            show_default=False,
        ),
    ],
    provider: Annotated[Provider, typer.Option("--for", help="Who is to tune.", show_default=False)],
    task: Annotated[str | None, typer.Option(help="Of a suite: which task.")] = None,
    text: Annotated[str | None, typer.Option(help="The text's column, or a template over columns.")] = None,
    target: Annotated[str | None, typer.Option(help="The column of the answer.")] = None,
    kind: Annotated[str | None, typer.Option(help="label, labels, fields or text.")] = None,
    labels: Annotated[str | None, typer.Option(help="The labels that count, with commas between.")] = None,
    instructions: Annotated[
        str | None, typer.Option(help="The task, put before each text as a run puts it.", show_default="none")
    ] = None,
    system: Annotated[str | None, typer.Option(help="A system message.")] = None,
    method: Annotated[MethodName | None, typer.Option(help="How to tune.", show_default="by the file")] = None,
    prompt: Annotated[str | None, typer.Option(help="Of DPO: the column of the prompt.")] = None,
    chosen: Annotated[str | None, typer.Option(help="Of DPO: the column of the better answer.")] = None,
    rejected: Annotated[str | None, typer.Option(help="Of DPO: the column of the worse answer.")] = None,
    validation: Annotated[
        float | None, typer.Option(min=0, max=0.9, help="Of a file: the share to validate on.", show_default="0.1")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another one takes other rows for validation.")] = 0,
    model: Annotated[str, typer.Option(help="The base model: for tokens and the price.")] = "",
    example_tokens: Annotated[
        int | None,
        typer.Option(min=1, help="The longest example that the model takes.", show_default="the provider's"),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the file.", show_default="the provider's")
    ] = None,
    prices: Annotated[Path | None, typer.Option(help="A YAML file of prices, as a suite's `prices`.")] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Do what is proposed, and say what was done.")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The folder to make.", show_default="FILE-PROVIDER")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the files of a folder that is there.")] = False,
    format_: Annotated[
        Format, typer.Option("--format", help="How to print what was found and done.")
    ] = Format.TEXT,
    encoding: Annotated[str | None, typer.Option(help="The file's encoding.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="Between the cells of a CSV.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook.")] = None,
) -> None:
    """Make a provider's training files out of rows, check every line, and say what training would cost.

    FILE itself is never changed. Files are written whole, readable by you alone; they hold the rows' texts.
    """
    from harness.cli import data_prepare_shown as shown
    from harness.cli import printing
    from harness.cli.judging import priced
    from harness.preparation.output import folder_for, refuse_taken, write_files
    from harness.preparation.preparing import Wanted
    from harness.starting.table import Given
    from harness.trainingfiles import rules_of

    folder = output or folder_for(source, provider)
    refuse_taken(folder, source, force=force)  # before the minutes that a large file takes
    given = Given(None, encoding, {"\\t": "\t", "tab": "\t"}.get(delimiter or "", delimiter), sheet)
    named = tuple(filter(None, (each.strip() for each in (labels or "").split(","))))
    asked = _checked(
        {"text": text, "target": target, "kind": kind, "labels": named, "instructions": instructions}
        | {"system": system, "method": method, "prompt": prompt, "chosen": chosen, "rejected": rejected}
    )
    of_suite = source.lower().endswith((".yaml", ".yml"))
    share = 0.1 if validation is None else validation
    wanted = Wanted(rules_of(provider, model, example_tokens), model, share, seed, epochs, fix)
    if of_suite:
        _refuse_of_file(asked, validation, (encoding, delimiter, sheet))
        outcome = _of_suite(source, task, asked.system, wanted, priced(prices))
    else:
        outcome = _of_file(source, task, given, asked, wanted, priced(prices))
    files = [] if outcome.refused else write_files(folder, outcome.train, outcome.validation, wanted.rules)
    if format_ == Format.JSON:
        with printing.unread():
            typer.echo(shown.as_json(outcome, wanted, files))
    else:
        printing.show(*shown.as_text(outcome, wanted, files))
    if outcome.refused:
        raise typer.Exit(REFUSED)


def _checked(asked: Mapping[str, object]) -> Asked:
    from pydantic import ValidationError

    from harness.errors import SuiteError
    from harness.preparation.asked import Asked

    try:
        return Asked.model_validate(asked)
    except ValidationError as error:
        [first, *_] = error.errors()
        raise SuiteError(f"--{first['loc'][0]} {first['input']!r}: {first['msg']}") from error


def _of_file(
    source: str, task: str | None, given: Given, asked: Asked, wanted: Wanted, book: PriceBook | None
) -> Outcome:
    from harness.cli.data_prepare_shown import counting
    from harness.errors import SuiteError
    from harness.preparation.source import gather

    if task is not None:
        raise SuiteError(f"--task {task!r} is a suite's, and {source!r} is a file of rows")
    with counting("reading"):
        gathered = gather(source, given, asked)
    return _prepared(gathered, wanted, book)


def _of_suite(
    source: str, task: str | None, system: str | None, wanted: Wanted, book: PriceBook | None
) -> Outcome:
    from harness.cli.data_prepare_shown import counting
    from harness.preparation.suite_rows import gather_task
    from harness.privacy.staying import staying
    from harness.suite.load import load_suite, task_of

    loaded = load_suite(Path(source))
    with staying(loaded.suite.privacy):
        with counting("reading"):
            gathered = gather_task(loaded, task_of(loaded, task), system)
        return _prepared(gathered, wanted, book or loaded.suite.prices)


def _prepared(gathered: Gathered, wanted: Wanted, book: PriceBook | None) -> Outcome:
    from harness.calls.pricing import Prices
    from harness.cli.data_prepare_shown import counting
    from harness.preparation.preparing import prepare as prepare_lines
    from harness.suite.spec import PriceBook

    with counting("checking", len(gathered.train) + len(gathered.validation or ())) as progress:
        return prepare_lines(gathered, wanted, Prices(book or PriceBook()), progress)


def _refuse_of_file(asked: Asked, validation: float | None, reading: tuple[str | None, ...]) -> None:
    from harness.errors import SuiteError

    own = [each for each in asked.of_columns if each != "--system"]
    own += ["--method dpo"] if asked.method == "dpo" else []
    own += ["--validation"] if validation is not None else []
    own += [f"--{n}" for n, v in zip(("encoding", "delimiter", "sheet"), reading, strict=True) if v is not None]
    if own:
        raise SuiteError(f"a suite says that itself: leave out {', '.join(own)}")
