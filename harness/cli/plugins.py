"""`harness plugins`: what is installed, what it offers, and every parameter of it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, get_args

import typer

if TYPE_CHECKING:
    from harness.cli.guard import Guard
    from harness.models import Model
    from harness.parameters import Parameter
    from harness.plugins import Registered, Registry
    from harness.strategy import Strategy

EXAMPLES = """\b
Examples:
  harness plugins
  harness plugins show few-shot
  harness plugins show ./mine.py:Mine
"""
WIDTH = 79


def add(app: typer.Typer, guard: Guard) -> None:
    group = typer.Typer(epilog=EXAMPLES, help="List plugins, or show what one offers and its parameters.")
    group.callback(invoke_without_command=True)(guard(listed))
    group.command("show", short_help="Show every parameter of a strategy or model.")(guard(show))
    app.add_typer(group, name="plugins")


def listed(context: typer.Context) -> None:
    if context.invoked_subcommand is not None:
        return
    from harness import plugins

    for line in _list(plugins.load()):
        typer.echo(line)


def show(
    name: Annotated[str, typer.Argument(help="As a suite's `use:` says it.", show_default=False)],
) -> None:
    """Show every parameter of a strategy or model: type, bounds, default, what it is for."""
    from harness import plugins

    for line in _shown(plugins.load(), name):
        typer.echo(line)


def _list(registry: Registry) -> Iterator[str]:
    for stamp in registry.plugins:
        yield f"{stamp.name} {stamp.version}".rstrip()
        for what, offered in (
            ("strategies", registry.strategies),
            ("models", registry.models),
            ("scorers", registry.scorers),
            ("sources", registry.sources),
        ):
            names = [
                f"{r.name} (yardstick)" if r.yardstick else r.name for r in offered.values() if r.plugin == stamp
            ]
            if names:
                yield from _wrapped(f"{what:11}{', '.join(names)}", 2, 13)
    for broken in registry.broken:
        yield f"{broken.name} ({broken.module}) did not load and is left out:"
        yield from _wrapped(f"{type(broken.error).__name__}: {broken.error}", 2, 2)
    if not registry.plugins and not registry.broken:
        yield "No plugins are installed."


def _shown(registry: Registry, name: str) -> Iterator[str]:
    from pathlib import Path

    from harness.errors import HarnessError, SuiteError, suggest

    found: list[Registered[type[Strategy]] | Registered[type[Model]]] = []
    problems: list[HarnessError] = []
    for find in (registry.strategy, registry.model):
        try:
            found.append(find(name, Path()))
        except HarnessError as error:
            problems.append(error)
    if not found:
        if ":" in name:
            raise problems[0]
        raise SuiteError(
            f"no strategy or model {name!r}; {suggest(name, [*registry.strategies, *registry.models])}"
        )
    for i, registered in enumerate(found):
        yield from [""] * bool(i)
        yield from _one(registered)


def _one(registered: Registered[type[Strategy]] | Registered[type[Model]]) -> Iterator[str]:
    from harness.docstrings import summary
    from harness.parameters import parameters
    from harness.records import Kind
    from harness.strategy import Strategy

    item = registered.item
    whose = f"plugin {registered.plugin.name} {registered.plugin.version}".rstrip()
    if issubclass(item, Strategy):
        kinds = ", ".join(kind for kind in get_args(Kind) if kind in item.kinds)
        yield f"{registered.name}: a strategy of {whose}, for tasks of kind {kinds}"
    else:
        yield f"{registered.name}: a model of {whose}, which serves as {', '.join(sorted(item.roles))}"
    for paragraph in summary(item).split("\n\n"):
        if paragraph:
            yield from _wrapped(paragraph, 2, 2)
    known = parameters(item)
    if not known:
        yield "  It has no parameters."
    for parameter in known:
        bounds = f", {parameter.bounds}" if parameter.bounds else ""
        yield ""
        yield f"  {parameter.name}"
        yield from _wrapped(f"{parameter.type}{bounds}; {_default(parameter)}", 6, 6)
        if parameter.description:
            yield from _wrapped(parameter.description, 6, 6)


def _default(parameter: Parameter) -> str:
    if parameter.default is not None:
        return f"default {parameter.default}"
    return "must be given" if parameter.required else "may be left out"


def _wrapped(text: str, first: int, rest: int) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=" " * first, subsequent_indent=" " * rest, break_on_hyphens=False
    )
