"""`harness COMMAND …`. Help is answered without importing any command.

A command is a module `harness.cli.NAME` with a function `add(app, guard)` that registers it.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from harness import __version__
from harness.cli.guard import Guard
from harness.cli.printing import unread
from harness.privacy.staying import staying

# In the order of a first day's work; the line is what `harness --help` shows.
COMMANDS = {
    "init": "Look at a file of rows and write a first suite for it.",
    "run": "Run a suite's strategies on the same rows and compare them.",
    "compare": "Compare runs: verdicts, money, a recommendation.",
    "report": "Write a report: HTML, JSON, CSV, Markdown or JUnit.",
    "view": "Browse runs in the browser: every example by every strategy.",
    "show": "Show a run's table, or all that is known of one strategy.",
    "ls": "List the runs in results/.",
    "jobs": "List hosted fine-tuning jobs; cancel or delete them.",
    "curve": "Learning curves: more and more labelled rows.",
    "predict": "Answer new rows with what a run fitted.",
    "export": "Write what a run fitted as a folder of its own.",
    "serve": "Answer over HTTP with what a run fitted.",
    "baseline": "Write what later runs are held against, for git.",
    "gate": "Judge a run against limits and a baseline, for CI.",
    "mlflow": "Write a run's figures into MLflow.",
    "data": "Check a task's rows, or correct their labels.",
    "forget": "Remove a run's texts and prompts; figures stay.",
    "validate": "Check a suite and say what it would run.",
    "plugins": "List plugins, or show what one offers and its parameters.",
    "new-plugin": "Write a working plugin package to start from.",
    "schema": "Print the JSON schema of a suite or of results.",
}

HELP = "Measure how best to adapt a language model to your task: accuracy, latency and cost, on the same rows."

EXAMPLES = """\b
Examples:
  harness init tickets.csv
  harness run suites/quick.yaml
  harness compare latest --min accuracy=0.85
  harness view
  harness show latest features
  harness validate suites/sentiment.yaml --data
  harness plugins show few-shot
  harness new-plugin keywords
"""


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command line and ends the process with its exit code."""
    # Runs make many objects that stay: to look through them as often as is usual takes a tenth of a run's time.
    gc.set_threshold(20_000, 10, 10)
    words = list(sys.argv[1:] if args is None else args)
    debug = os.environ.get("HARNESS_DEBUG", "") not in ("", "0")
    if "--debug" in _options(words):
        debug = True
        words.remove("--debug")
        os.environ["HARNESS_DEBUG"] = "1"
    try:
        with staying("open"):  # before a library is imported, which may read it only then
            build(words, Guard(debug))(words, prog_name="harness")
    finally:
        with unread():  # else Python's own flush at exit would fail where the reader has left
            pass


def build(words: Sequence[str], guard: Guard) -> typer.Typer:
    """The command line, with only the commands that `words` may need in full; the others are lines of help."""
    completing = any(name.endswith("_HARNESS_COMPLETE") for name in os.environ)
    wanted = next((word for word in words if not word.startswith("-")), None)
    # No option of all commands stands before one that comes first, and to read none typer imports pydantic.
    at_once = wanted in COMMANDS and words[0] == wanted and not completing
    app = typer.Typer(
        help=HELP,
        add_completion=not at_once,
        add_help_option=not at_once,
        epilog=EXAMPLES,
        no_args_is_help=True,
        # Rich would double the time that help takes.
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(_no_options if at_once else _options_of_all)
    for name, line in COMMANDS.items():
        if completing or name == wanted:
            importlib.import_module(f"harness.cli.{name.replace('-', '_')}").add(app, guard)
        else:
            app.command(name, help=line)(_unused)
    return app


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"harness {__version__}")
        raise typer.Exit


def _options_of_all(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_version)
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks; anywhere on the line, or HARNESS_DEBUG=1.")
    ] = False,
) -> None: ...


def _no_options() -> None: ...


def _unused() -> None:
    """Stands for a command that this call does not need."""


def _options(words: Sequence[str]) -> Sequence[str]:
    """Those words that may be options: all before a bare `--`."""
    return words[: words.index("--")] if "--" in words else words
