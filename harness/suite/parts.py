"""A suite's entries one by one, so that a mistake in one does not hide those in another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from harness.suite import StrategyEntry, Task, Use

B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True)
class Parts:
    """Those entries of a file that are sound in themselves, and all names that it gives."""

    tasks: Mapping[int, Task] = field(default_factory=dict)
    models: Mapping[str, Use] = field(default_factory=dict)
    strategies: Mapping[int, StrategyEntry] = field(default_factory=dict)
    yardsticks: list[str] | None = None
    names: Mapping[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, raw: Mapping[str, JsonValue]) -> Parts:
        tasks, strategies = entries_of(raw.get("tasks")), entries_of(raw.get("strategies"))
        models, tables = mapping_of(raw.get("models")), mapping_of(raw.get("tables"))
        yardsticks = raw.get("yardsticks")
        return cls(
            tasks={i: task for i, each in tasks.items() if (task := _sound(Task, each))},
            models={name: use for name, each in models.items() if (use := _sound(Use, each))},
            strategies={i: entry for i, each in strategies.items() if (entry := _sound(StrategyEntry, each))},
            yardsticks=[str(name) for name in yardsticks] if isinstance(yardsticks, list) else None,
            names={
                "tasks": [str(each.get("name")) for each in tasks.values()],
                "strategies": [str(each.get("name")) for each in strategies.values()],
                "models": list(models),
                "tables": list(tables),
            },
        )


def entries_of(listed: JsonValue) -> dict[int, dict[str, JsonValue]]:
    """The mappings in a list, by their places."""
    if not isinstance(listed, list):
        return {}
    return {i: each for i, each in enumerate(listed) if isinstance(each, dict)}


def mapping_of(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _sound(model: type[B], value: JsonValue) -> B | None:
    try:
        return model.model_validate(value)
    except ValidationError:
        return None
