"""From what a suite names to what runs: plugins' classes with checked parameters, and who needs whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, JsonValue

from harness.errors import HarnessError, PluginError, suggest
from harness.models import Model
from harness.plugins import Registered, Registry
from harness.records import PluginStamp
from harness.selection import Selected
from harness.strategy import Strategy
from harness.suite import StrategyEntry, Use
from harness.suite.complaints import check
from harness.suite.matrix import spread
from harness.suite.problems import Problems
from harness.suite.references import references
from harness.suite.yaml_positions import join

P = TypeVar("P", bound=BaseModel)
C = TypeVar("C")


@dataclass(frozen=True)
class Bound:
    """A strategy that can run.

    Attributes:
        name: What results call it; `few-shot[shots=2]` for a candidate of a matrix.
        strategy: With all its parameters.
        use: What the suite wrote: a registered name or a path.
        plugin: Whose code it is.
        yardstick: Whether the harness added it.
        tasks: Only on these; all with None.
        candidates: Names of a matrix's candidates, one of which is chosen on validation.
        hidden: Whether it is such a candidate: in the record, not in the comparison.
        at: Where it stands in the suite; empty for a yardstick.
        origins: Where a candidate's own parameters stand.
    """

    name: str
    strategy: Strategy
    use: str
    plugin: PluginStamp
    yardstick: bool = False
    tasks: tuple[str, ...] | None = None
    candidates: tuple[str, ...] = ()
    hidden: bool = False
    at: str = ""
    origins: Mapping[str, str] | None = None

    def place(self, path: Sequence[str | int]) -> str:
        """Where a parameter stands in the suite."""
        if self.origins and path and path[0] in self.origins:
            return join(self.origins[str(path[0])], *path[1:])
        return join(self.at, "with", *path) if self.at else ""


@dataclass(frozen=True)
class BoundModel:
    """A model with its parameters, not yet loaded."""

    name: str
    model: Model
    use: str
    plugin: PluginStamp


@dataclass(frozen=True)
class Binder:
    """Finds and checks what entries of a suite use; tells `problems` what is wrong.

    Attributes:
        registry: What plugins offer.
        folder: The suite's, where `./mine.py:Mine` starts from.
        problems: Told what is wrong, and where.
    """

    registry: Registry
    folder: Path
    problems: Problems

    def model(self, name: str, entry: Use) -> BoundModel | None:
        at = join("models", name)
        found = self._find(self.registry.model, entry.use, at)
        if found is None:
            return None
        made = self._make(found.item, entry.params, f"model {entry.use!r}", lambda path: join(at, "with", *path))
        return BoundModel(name, made, entry.use, found.plugin) if made else None

    def strategy(self, index: int, entry: StrategyEntry) -> list[Bound]:
        """The strategy, or its matrix's choice and candidates; empty where something is wrong."""
        at = join("strategies", index)
        found = self._find(self.registry.strategy, entry.use, at)
        if found is None:
            return []
        whose = f"strategy {entry.use!r}"
        if not entry.matrix:
            made = self._make(found.item, entry.params, whose, lambda path: join(at, "with", *path))
            return [Bound(entry.name, made, entry.use, found.plugin, tasks=entry.tasks, at=at)] if made else []
        bound = []
        for candidate in spread(entry, at, self.problems):
            probe = Bound(candidate.name, _NOTHING, entry.use, found.plugin, at=at, origins=candidate.origins)
            made = self._make(found.item, candidate.params, whose, probe.place)
            if made:
                bound.append(
                    Bound(
                        candidate.name, made, entry.use, found.plugin, tasks=entry.tasks, hidden=True, at=at,
                        origins=candidate.origins,
                    )
                )  # fmt: skip
        if not bound:
            return []
        names = tuple(b.name for b in bound)
        chosen = Selected(candidates=names)
        return [
            Bound(entry.name, chosen, entry.use, found.plugin, tasks=entry.tasks, candidates=names, at=at),
            *bound,
        ]

    def yardsticks(self, named: Sequence[str] | None, taken: set[str]) -> list[Bound]:
        """Those that the suite names, else all that plugins register, but none whose name is taken.

        Args:
            named: The suite's `yardsticks`.
            taken: Names of the suite's own strategies.
        """
        known = self.registry.strategies
        names = [name for name, r in known.items() if r.yardstick] if named is None else named
        bound = []
        for i, name in enumerate(names):
            at = "" if named is None else join("yardsticks", i)
            if name in taken:
                continue
            if name not in known:
                self.problems.add(at, f"no strategy {name!r}; {suggest(name, known)}")
                continue
            made = self._make(known[name].item, {}, f"yardstick {name!r}", lambda path, at=at: at)  # type: ignore[misc]
            if made:
                bound.append(Bound(name, made, name, known[name].plugin, yardstick=True))
        return bound

    def _find(self, find: Callable[[str, Path], Registered[C]], use: str, at: str) -> Registered[C] | None:
        try:
            return find(use, self.folder)
        except HarnessError as error:
            self.problems.add(join(at, "use"), error.message, type(error))
            return None

    def _make(
        self,
        item: type[P],
        params: Mapping[str, JsonValue],
        whose: str,
        place: Callable[[Sequence[str | int]], str],
    ) -> P | None:
        try:
            made = check(item, dict(params))
        except HarnessError as error:
            self.problems.add(place(()), error.message, type(error))
            return None
        except Exception as error:  # a plugin's own validators may raise anything
            self.problems.add(
                place(()), f"{whose} raised while its parameters were checked: {error!r}", PluginError
            )
            return None
        if isinstance(made, list):
            for complaint in made:
                self.problems.add(place(complaint.path), complaint.message)
            return None
        return made


_NOTHING = Selected(candidates=("",))


def check_references(
    bound: Mapping[str, Bound],
    models: Mapping[str, BoundModel],
    names: Mapping[str, Sequence[str]],
    problems: Problems,
) -> None:
    """Says which parameters name what is not there, cannot serve so, or goes round in a circle.

    Args:
        bound: Strategies by name.
        models: Those models that could be bound.
        names: All names that the suite gives, under `models`, `strategies` and `tables`; those of entries
            that are wrong too, so that one mistake is told once.
        problems: Told what is wrong.
    """
    for each in bound.values():
        for reference in references(each.strategy):
            place, name = each.place(reference.path), reference.name
            group = {"strategy": "strategies", "table": "tables"}.get(reference.kind, "models")
            known = set(names[group]) | (set(bound) if group == "strategies" else set())
            if name not in known:
                problems.add(place, f"{name!r} is not among the suite's {group}; {suggest(name, known)}")
            elif group == "models" and name in models and reference.kind not in models[name].model.roles:
                roles = ", ".join(sorted(models[name].model.roles))
                problems.add(
                    place,
                    f"model {name!r} ({models[name].use}) cannot serve as {reference.kind}; it serves as: {roles}",
                )
    for circle in _circles(bound):
        each = bound[circle[0]]
        step = next(r for r in references(each.strategy) if r.kind == "strategy" and r.name == circle[1])
        problems.add(each.place(step.path), f"strategies need each other in a circle: {' -> '.join(circle)}")


def _circles(bound: Mapping[str, Bound]) -> list[list[str]]:
    """Each circle once, beginning with the strategy that stands first in the suite and ending with it again."""
    found: list[list[str]] = []
    done: set[str] = set()

    def visit(name: str, trail: list[str]) -> None:
        if name in trail:
            found.append([*trail[trail.index(name) :], name])
        elif name in bound and name not in done:
            for reference in references(bound[name].strategy):
                if reference.kind == "strategy":
                    visit(reference.name, [*trail, name])
            done.add(name)

    for name in bound:
        visit(name, [])
    return found
