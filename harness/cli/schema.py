"""`harness schema`: what an editor needs to complete and check a suite, and what a script reads in results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from harness.cli.guard import Guard

EXAMPLES = """\b
Examples:
  harness schema --output suite.schema.json
  # then, as the first line of a suite, for editors:
  # yaml-language-server: $schema=suite.schema.json
"""


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("schema", epilog=EXAMPLES)(guard(schema))


def schema(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write it there instead of printing it.")
    ] = None,
    results: Annotated[
        bool, typer.Option("--results", help="Of the JSON that `harness run -o out.json` writes.")
    ] = False,
) -> None:
    """Print the JSON schema of a suite, with the parameters of every installed plugin, or of results."""
    import json

    if results:
        from harness.report.document import Document

        made = Document.model_json_schema()
    else:
        from harness import plugins
        from harness.suite.schema import suite_schema

        made = suite_schema(plugins.load())
    text = json.dumps(made, indent=2, ensure_ascii=False)
    if output is None:
        typer.echo(text)
        return
    from harness.errors import StoreError

    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{str(output)!r} cannot be written: {error.strerror}") from error
