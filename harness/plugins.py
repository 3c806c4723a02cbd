"""Finds plugins through the entry point group `harness`, one by one, and keeps what they register.

    [project.entry-points.harness]
    echo = "harness_echo"          <- a module with @hookimpl functions

A plugin that does not load is reported and left out; the others load.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

import pluggy

from harness import hookspecs
from harness.errors import PluginError, SuiteError, suggest
from harness.models import Model, Scorer
from harness.records import Kind, PluginStamp, TrialHeader
from harness.source import Source
from harness.strategy import Strategy

GROUP = "harness"
T = TypeVar("T")


@dataclass(frozen=True)
class Registered(Generic[T]):
    """Something that a plugin offers, and whose it is."""

    name: str
    item: T
    plugin: PluginStamp
    yardstick: bool = False


@dataclass(frozen=True)
class BrokenPlugin:
    """A plugin that was left out, and why."""

    name: str
    module: str
    error: BaseException


@dataclass
class Registry:
    """All that plugins offer, by kind and name."""

    strategies: dict[str, Registered[type[Strategy]]] = field(default_factory=dict)
    models: dict[str, Registered[type[Model]]] = field(default_factory=dict)
    scorers: dict[str, Registered[Scorer]] = field(default_factory=dict)
    sources: dict[str, Registered[Source]] = field(default_factory=dict)
    plugins: list[PluginStamp] = field(default_factory=list)
    broken: list[BrokenPlugin] = field(default_factory=list)
    manager: pluggy.PluginManager = field(default_factory=lambda: pluggy.PluginManager("harness"))

    @property
    def readers(self) -> dict[str, Source]:
        """What reads rows, by name."""
        return {name: registered.item for name, registered in self.sources.items()}

    def strategy(self, use: str, folder: Path) -> Registered[type[Strategy]]:
        """What `use:` names among strategies.

        Args:
            use: A registered name, `./file.py:Class` relative to `folder`, or `module:Class`.
            folder: The suite's.
        """
        return self._find(use, folder, self.strategies, Strategy, "strategy")  # type: ignore[type-abstract]

    def model(self, use: str, folder: Path) -> Registered[type[Model]]:
        return self._find(use, folder, self.models, Model, "model")  # type: ignore[type-abstract]

    def scorer_of(self, metric: str, kind: Kind | None = None) -> Registered[Scorer]:
        """The scorer that gives a figure of that name.

        Args:
            metric: The figure.
            kind: The task's: scorers of other kinds may have a figure of the same name (`macro_f1`).
        """
        fitting = [r for r in self.scorers.values() if kind is None or kind in r.item.kinds]
        for registered in fitting:
            if metric in registered.item.figures:
                return registered
        of_kind = "" if kind is None else f" for tasks of kind {kind!r}"
        figures = {f for r in fitting for f in r.item.figures}
        raise SuiteError(f"no scorer gives the metric {metric!r}{of_kind}; {suggest(metric, figures)}")

    def trial_finished(self, record: TrialHeader) -> list[str]:
        """Fires the hook; a plugin that raises in it is named, and stops nobody."""
        said = []
        for impl in self.manager.hook.harness_trial_finished.get_hookimpls():
            try:
                impl.function(record)
            except Exception as error:
                said.append(f"plugin {impl.plugin_name!r} raised in harness_trial_finished: {error!r}")
        return said

    def _find(
        self, use: str, folder: Path, known: dict[str, Registered[type[T]]], base: type[T], what: str
    ) -> Registered[type[T]]:
        if use in known:
            return known[use]
        if use.endswith(".py"):
            raise SuiteError(f"{use!r} names a file: write the class in it too, as in '{use}:MyStrategy'")
        if ":" not in use:
            hint = "".join(
                f"; plugin {b.name!r} did not load ({b.error!r}), it may have been there" for b in self.broken
            )
            raise SuiteError(f"no {what} {use!r}; {suggest(use, known)}{hint}")
        return _from_path(use, folder, base, what)


def _from_path(use: str, folder: Path, base: type[T], what: str) -> Registered[type[T]]:
    place, _, name = use.rpartition(":")
    try:
        if place.endswith(".py"):
            file = (folder / place).resolve()
            if not file.is_file():
                raise SuiteError(f"{what} {use!r}: there is no file {str(file)!r}")
            module_name = f"harness_beside_{file.stem}_{hashlib.sha256(str(file).encode()).hexdigest()[:8]}"
            spec = importlib.util.spec_from_file_location(module_name, file)
            if spec is None or spec.loader is None:
                raise SuiteError(f"{what} {use!r}: {str(file)!r} is not a Python file")
            module = importlib.util.module_from_spec(spec)
            sys.modules[module_name] = module  # pickle and pydantic look classes up there
            spec.loader.exec_module(module)
        else:
            module = importlib.import_module(place)
    except SuiteError:
        raise
    except ModuleNotFoundError as error:
        raise SuiteError(f"{what} {use!r}: {error}") from error
    except Exception as error:
        raise PluginError(f"{what} {use!r} raised on import: {error!r}") from error
    found = getattr(module, name, None)
    if found is None:
        classes = [n for n, c in vars(module).items() if isinstance(c, type) and issubclass(c, base)]
        raise SuiteError(f"{what} {use!r}: no {name!r} in it; {suggest(name, classes)}")
    if not (isinstance(found, type) and issubclass(found, base)):
        raise SuiteError(f"{what} {use!r} is not a subclass of harness.{base.__name__}")
    if inspect.isabstract(found):
        raise PluginError(f"{what} {use!r} leaves out {_missing(found)}")
    return Registered(use, found, PluginStamp(name=use, version="", sha256=_hash(module)))


def load(extra: dict[str, object] | None = None) -> Registry:
    """Loads every plugin there is.

    Args:
        extra: Modules or objects with hook implementations by name, registered after the installed ones.

    Returns:
        The registry; `broken` lists what did not load.
    """
    registry = Registry()
    registry.manager.add_hookspecs(hookspecs)
    for point in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda p: p.name):
        version = point.dist.version if point.dist else ""
        _add(registry, point.name, point.value, version, point.load)
    for name, plugin in (extra or {}).items():
        _add(registry, name, getattr(plugin, "__name__", name), "", partial(_same, plugin))
    return registry


def _add(registry: Registry, name: str, module: str, version: str, get: Callable[[], object]) -> None:
    try:
        plugin = get()
        registry.manager.register(plugin, name=name)
        try:
            registry.manager.check_pending()
        except Exception:
            registry.manager.unregister(plugin)
            raise
        stamp = PluginStamp(name=name, version=version, sha256=_hash(plugin))
        offered = _offers(registry, plugin, stamp)
    except Exception as error:
        registry.broken.append(BrokenPlugin(name, module, error))
        if registry.manager.has_plugin(name):
            registry.manager.unregister(name=name)
        return
    # Only once all of a plugin registered without an error is any of it taken.
    for known, item in offered:
        known[item.name] = item
    registry.plugins.append(stamp)


def _offers(
    registry: Registry, plugin: object, stamp: PluginStamp
) -> list[tuple[dict[str, Registered[object]], Registered[object]]]:
    offered: list[tuple[dict[str, Registered[object]], Registered[object]]] = []
    for hook, known, base in (
        ("harness_register_strategies", registry.strategies, Strategy),
        ("harness_register_models", registry.models, Model),
        ("harness_register_scorers", registry.scorers, None),
        ("harness_register_sources", registry.sources, None),
    ):

        def register(
            name: str,
            item: object,
            *,
            yardstick: bool = False,
            known: dict[str, Registered[object]] = known,  # type: ignore[assignment]
            base: type | None = base,
        ) -> None:
            if name in known:
                other = known[name].plugin.name
                raise PluginError(f"it registers {name!r}, which plugin {other!r} has registered already")
            if base is not None and not (isinstance(item, type) and issubclass(item, base)):
                raise PluginError(f"it registers {name!r} as {item!r}, which is not a subclass of {base.__name__}")
            if base is not None and inspect.isabstract(item):
                raise PluginError(f"it registers {name!r}, which leaves out {_missing(item)}")
            offered.append((known, Registered(name, item, stamp, yardstick)))

        for impl in getattr(registry.manager.hook, hook).get_hookimpls():
            if impl.plugin is plugin:
                impl.function(register)
    return offered


def _same(plugin: object) -> object:
    return plugin


def _missing(item: object) -> str:
    return ", ".join(sorted(getattr(item, "__abstractmethods__", ())))


def _hash(plugin: object) -> str:
    """Of all Python files of the plugin: of its package, or of its one module."""
    file = getattr(plugin, "__file__", None)
    if file is None:
        return ""
    path = Path(file)
    files = sorted(path.parent.rglob("*.py")) if path.name == "__init__.py" else [path]
    digest = hashlib.sha256()
    for each in files:
        digest.update(each.name.encode() + b"\0" + each.read_bytes())
    return digest.hexdigest()
