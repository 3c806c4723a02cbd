"""From a dataset's values to cells.

1             of ClassLabel(names=["neg", "pos"])   -> "pos"; -1, which means unlabelled, -> ""
["a", "b"]                                          -> '["a", "b"]'
None                                                -> ""
"""

from __future__ import annotations

import json
from collections.abc import Mapping


def named(value: object, feature: object) -> object:
    """The value with every label's number replaced by its name, also inside lists and objects."""
    if value is None:
        return None
    names = getattr(feature, "names", None)
    if names is not None and isinstance(value, int):
        return names[value] if 0 <= value < len(names) else None
    inner = getattr(feature, "feature", None)
    if isinstance(value, list) and inner is not None:
        return [named(each, inner) for each in value]
    if isinstance(value, Mapping) and isinstance(feature, Mapping):
        return {key: named(each, feature.get(key)) for key, each in value.items()}
    return value


def as_text(value: object) -> str:
    """A value as a row's text: nothing is empty, lists and objects are their JSON, dates their ISO text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, bool | int | float | list | Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
