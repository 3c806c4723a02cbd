"""`privacy: local`: nothing may reach beyond this machine, and that is found before a row is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import JsonValue

from harness.errors import PluginError
from harness.plugins import Registry
from harness.privacy.staying import staying
from harness.source import KnowsReach
from harness.suite import Task
from harness.suite.binding import Binder, Bound, BoundModel
from harness.suite.parts import mapping_of
from harness.suite.problems import Problems
from harness.suite.yaml_positions import join

HUBS = ("hf", "huggingface", "kaggle", "openml")


@dataclass(frozen=True)
class Reaching:
    """What of a suite may reach beyond this machine.

    Attributes:
        tasks: By their place in the suite.
        tables: As the file has them.
        models: By name.
        strategies: By name, yardsticks and candidates too.
    """

    tasks: Mapping[int, Task]
    tables: Mapping[str, JsonValue]
    models: Mapping[str, BoundModel]
    strategies: Mapping[str, Bound]


def check_privacy(suite: Reaching, binder: Binder) -> None:
    """Says which models, strategies and data would reach beyond this machine.

    Args:
        suite: What it names.
        binder: Has what plugins offer, the suite's folder, and where problems are told.
    """
    with staying("local"):  # a plugin that is asked must not look it up
        for name, bound in suite.models.items():
            _check(join("models", name), f"model {name!r}", bound.use, bound.model.reaches, binder.problems)
        for name, strategy in suite.strategies.items():
            at = strategy.at or "yardsticks"
            _check(at, f"strategy {name!r}", strategy.use, strategy.strategy.reaches, binder.problems)
        for at, path in _paths(suite.tasks, suite.tables):
            try:
                reason = beyond_this_machine(path, binder.registry, binder.folder)
            except Exception as error:  # a plugin's code may raise anything
                said = f"the source of {path!r} raised when asked what it reaches: {error!r}"
                binder.problems.add(at, said, PluginError)
                continue
            if reason:
                binder.problems.add(at, f"privacy is local, and {path!r} {reason}; use a file on this machine")


def unchecked(uses: Iterable[str]) -> list[str]:
    """Those that are a file of the user's own: what they contact cannot be known before they run."""
    return sorted({use for use in uses if ".py:" in use})


def _check(at: str, what: str, use: str, reaches: Callable[[], str | None], problems: Problems) -> None:
    try:
        beyond = reaches()
    except Exception as error:  # a plugin's code may raise anything
        message = f"{what.partition(' ')[0]} {use!r} raised when asked what it reaches: {error!r}"
        problems.add(at, message, PluginError)
        return
    if beyond is not None:
        problems.add(at, f"privacy is local, and {what} would reach {beyond!r}; use one that is on this machine")


def beyond_this_machine(path: str, registry: Registry, folder: Path) -> str | None:
    """Why reading a path would reach beyond this machine; None where it would not.

    A plugin's source counts as reaching out, unless it has an attribute `local` that is true, or a method
    `reaches(location, folder)` that says None.
    """
    place, colon, location = path.partition(":")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:[/\\\\]{2}", path):
        host = urlsplit(path).netloc
        return None if place.lower() == "file" and host in ("", "localhost") else "is a URL"
    if not colon:
        return "is on another machine" if path.startswith("\\\\") else None
    source = registry.sources.get(place)
    if source is None:
        return "is on a hub" if place in HUBS else None
    if isinstance(source.item, KnowsReach):
        beyond = source.item.reaches(location, folder)
        return None if beyond is None else f"would be read from {beyond!r}"
    if getattr(source.item, "local", False) is True:
        return None
    if place in HUBS:
        return "is on a hub"
    return f"is read by plugin {source.plugin.name!r}, which does not say that it stays on this machine"


def _paths(tasks: Mapping[int, Task], tables: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    for index, task in tasks.items():
        at = join("tasks", index, "data")
        yield join(at, "path"), task.data.path
        for split in ("train", "validation", "test"):
            share = getattr(task.data.splits, split)
            if isinstance(share, str):
                yield join(at, "splits", split), share
    for name, table in tables.items():
        path = mapping_of(table).get("path")
        if isinstance(path, str):
            yield join("tables", name, "path"), path
