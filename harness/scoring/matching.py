"""How much of a field's value is right, 0 to 1.

exact       "Zoë  Ek" = "Zoë Ek", 5 = 5.0           Unicode form and blanks do not count, case does
number      12.5 = "12,50 €", 1200 = "1,200"        within `tolerance` of the target
date        "2026-03-04" = "4 March 2026"
set         ["a", "b"] = ["b", "a"]                 the same members, in any order
token_f1    "the red lamp" and "red lamp": 1.0      words shared (Rajpurkar et al., 2016)
ignore      everything
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping
from typing import Literal, NamedTuple

from harness.extraction.schema import Schema, types_of
from harness.scoring.dates import date_of
from harness.scoring.quantities import Quantity, quantity_of
from harness.scoring.words import token_f1

By = Literal["exact", "number", "date", "set", "token_f1", "ignore"]
_ROUNDING = 1e-9  # of the target: 0.1 + 0.2 is 0.3


class Matched(NamedTuple):
    """How a field is compared: by what, and by which share of the target numbers may differ."""

    by: By
    tolerance: float = 0.0

    def credit(self, target: object, answer: object) -> float:
        """How right an answer is, where both have a value."""
        if self.by == "ignore":
            return 1.0
        if self.by == "token_f1":
            return token_f1(_words(target), _words(answer))
        if self.by == "set":
            return float(_members(target) == _members(answer))
        if self.by == "number":
            wanted = quantity_of(target)
            if wanted is not None:
                return float(self._near(wanted, quantity_of(answer)))
        elif self.by == "date":
            day = date_of(target)
            if day is not None:
                return float(day == date_of(answer))
        return float(plain(target) == plain(answer))

    def _near(self, wanted: Quantity, given: Quantity | None) -> bool:
        if given is None or (wanted.unit and given.unit and wanted.unit != given.unit):
            return False
        room = abs(wanted.value) * max(self.tolerance, _ROUNDING)
        return math.isfinite(given.value) and abs(given.value - wanted.value) <= room


def matched(schema: Schema, told: Mapping[str, object] | None = None) -> Matched:
    """What the task says, else what the field's type asks for: numbers, dates and lists as such, else exactly."""
    if told:
        return Matched(told["by"], float(str(told.get("tolerance", 0.0))))  # type: ignore[arg-type]  # a Matcher's
    types = types_of(schema)
    if types and types <= {"number", "integer"}:
        return Matched("number")
    if "array" in types:
        return Matched("set")
    return Matched("date" if schema.get("format") == "date" else "exact")


def is_empty(value: object) -> bool:
    """Whether a value says that there is none: null, blank text, an empty list or object."""
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def plain(value: object) -> str:
    """A value as it is compared exactly: JSON without the order of keys, texts without Unicode form and blanks."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: object) -> object:
    if isinstance(value, str):
        return " ".join(unicodedata.normalize("NFKC", value).split())
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return value


def _members(value: object) -> frozenset[str]:
    return frozenset(plain(each) for each in (value if isinstance(value, list) else [value]))


def _words(value: object) -> str:
    if isinstance(value, list):
        return " ".join(_words(each) for each in value)
    return value if isinstance(value, str) else plain(value)
