"""Which way to turn a parameter, in words.

turn({"epochs": 4}, "epochs", "down", to=2)        "epochs down to 2 (now 4)"
turn({"dropout": 0.0}, "dropout", "up")            "dropout up (now 0.0)"
turn({}, "learning_rate", "down")                  "learning_rate down"
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import JsonValue


def turn(
    params: Mapping[str, JsonValue],
    name: str,
    way: Literal["up", "down", "to"],
    *,
    to: int | None = None,
    more: str = "",
) -> str:
    """One parameter's turn.

    Args:
        params: The strategy's, for what it is now.
        name: Of the parameter.
        way: Up, down, or to a value.
        to: The value; where it is that already, the direction alone is said.
        more: What comes behind it.
    """
    now = params.get(name)
    aim = "" if to is None or to == now else f" to {to}" if way != "to" else f" {to}"
    known = f" (now {'none' if now is None else now})" if name in params else ""
    return f"{name}{'' if way == 'to' else ' ' + way}{aim}{known}{more}"
