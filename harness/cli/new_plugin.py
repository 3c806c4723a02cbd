"""`harness new-plugin NAME`: a package that works, to change into one's own."""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from harness.cli.guard import Guard

EXAMPLES = """\b
Examples:
  harness new-plugin keywords
  harness new-plugin keywords --directory ~/plugins
"""


def add(app: typer.Typer, guard: Guard) -> None:
    app.command("new-plugin", epilog=EXAMPLES)(guard(new_plugin))


def new_plugin(
    name: Annotated[str, typer.Argument(help="What suites will call its strategy.", show_default=False)],
    directory: Annotated[Path, typer.Option("--directory", "-d", help="Where its folder is made.")] = Path(),
) -> None:
    """Write a working plugin package to start from.

    It holds a real strategy (keyword rules learnt from the training rows), a suite with a few rows to run it
    on, and a test that it keeps the contract.
    """
    from harness.errors import StoreError

    strategy = _checked(name)
    package = f"harness_{strategy.replace('-', '_')}"
    folder = directory / package.replace("_", "-")
    if folder.exists():
        raise StoreError(f"{str(folder)!r} is there already; give another name or --directory")
    words = {"strategy": strategy, "package": package, "distribution": folder.name}
    try:
        _write(files("harness.cli").joinpath("templates", "plugin"), folder, words)
    except OSError as error:
        raise StoreError(f"{str(folder)!r} cannot be written: {error.strerror}") from error
    typer.echo(
        f"Wrote {folder}. Next:\n"
        f"  cd {folder}\n"
        f"  python -m pip install -e .\n"
        f"  python -m pytest\n"
        f"  harness run suite.yaml"
    )


def _checked(name: str) -> str:
    from harness import plugins
    from harness.errors import SuiteError

    strategy = name.removeprefix("harness-")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", strategy):
        raise SuiteError(
            f"{name!r} cannot be a plugin's name: small letters, digits and single - only, a letter first"
        )
    taken = plugins.load().strategies.get(strategy)
    if taken is not None:
        raise SuiteError(
            f"a strategy {strategy!r} is there already, of plugin {taken.plugin.name!r}; give another name"
        )
    return strategy


def _write(template: Traversable, target: Path, words: dict[str, str]) -> None:
    """Copies a folder of templates; a folder named `package` becomes the package's own."""
    target.mkdir(parents=True)
    for each in template.iterdir():
        if each.is_dir():
            _write(each, target / (words["package"] if each.name == "package" else each.name), words)
        elif each.name.endswith(".tmpl"):
            text = Template(each.read_text(encoding="utf-8")).substitute(words)
            (target / each.name.removesuffix(".tmpl")).write_text(text, encoding="utf-8")
