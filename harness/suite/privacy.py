"""`privacy: local`: nothing may reach beyond this machine, and that is found before a row is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from harness.errors import PluginError
from harness.plugins import Registry
from harness.suite import Task
from harness.suite.binding import BoundModel
from harness.suite.parts import mapping_of
from harness.suite.problems import Problems
from harness.suite.yaml_positions import join

HUBS = ("hf", "huggingface", "kaggle", "openml")


def check_privacy(
    tasks: Mapping[int, Task],
    tables: Mapping[str, JsonValue],
    models: Mapping[str, BoundModel],
    registry: Registry,
    problems: Problems,
) -> None:
    """Says which models and data would reach beyond this machine.

    Args:
        tasks: By their place in the suite.
        tables: As the file has them.
        models: By name.
        registry: What plugins offer.
        problems: Told what is wrong.
    """
    for name, bound in models.items():
        try:
            beyond = bound.model.reaches()
        except Exception as error:  # a plugin's code may raise anything
            message = f"model {bound.use!r} raised when asked what it reaches: {error!r}"
            problems.add(join("models", name), message, PluginError)
            continue
        if beyond is not None:
            problems.add(
                join("models", name),
                f"privacy is local, and model {name!r} would reach {beyond!r}; use one that is on this machine",
            )
    for at, path in _paths(tasks, tables):
        reason = beyond_this_machine(path, registry)
        if reason:
            problems.add(at, f"privacy is local, and {path!r} {reason}; use a file on this machine")


def beyond_this_machine(path: str, registry: Registry) -> str | None:
    """Why reading a path would reach beyond this machine; None where it would not.

    A plugin's source counts as reaching out, unless it has an attribute `local` that is true.
    """
    place, colon, location = path.partition(":")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", path):
        return None if place == "file" else "is a URL"
    if not colon:
        return None
    if place == "hf" and location.startswith((".", "/", "~")):
        return None  # a folder: never looked up on the hub
    if place in HUBS:
        return "is on a hub"
    source = registry.sources.get(place)
    if source is not None and not getattr(source.item, "local", False):
        return f"is read by plugin {source.plugin.name!r}, which does not say that it stays on this machine"
    return None


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
