"""From a target's cell to targets, by the task's kind.

label    'positive'                     -> ('positive',)
labels   'billing; refund', '["a"]', '' -> ('billing', 'refund'), ('a',), ()
fields   '{"city": "Bern"}'             -> ('{"city": "Bern"}',)
text     'Bern', '["Bern", "Berne"]'    -> ('Bern',), ('Bern', 'Berne')
"""

from __future__ import annotations

import json
from collections.abc import Collection

from harness.records import Kind

_SEPARATORS = ";|"
Targets = tuple[str, ...]


def read_targets(cell: str, kind: Kind, listed: Collection[str] = ()) -> Targets | None:
    """The targets that a cell holds; None for none.

    A blank cell of the kind `labels` says that no label applies. For `text`, only a JSON list of texts is
    taken as several acceptable ones: any other list is the text itself.

    Args:
        cell: As the file has it.
        kind: The task's.
        listed: The suite's labels, which may themselves hold a separator.

    Raises:
        ValueError: It cannot be what the kind asks for.
    """
    if kind == "labels":
        return _labels(cell, listed)
    if not cell.strip():
        return None
    if kind == "fields":
        return _object(cell)
    if kind == "text":
        items = _list(cell) or []
        texts = tuple(i for i in items if isinstance(i, str))
        return texts if texts and len(texts) == len(items) else (cell,)
    return (cell,)


def meaning(targets: Targets, kind: Kind) -> str:
    """The same for targets that say the same, whatever their order or their JSON's spacing."""
    if kind == "fields":
        return json.dumps(json.loads(targets[0]), sort_keys=True, ensure_ascii=False)
    return "\0".join(targets if kind == "label" else sorted(targets))


def _labels(cell: str, listed: Collection[str]) -> Targets:
    if cell in listed:
        return (cell,)
    items = _list(cell)
    if items is None:
        separator = next((s for s in _SEPARATORS if s in cell), None)
        named = [part.strip() for part in cell.split(separator)] if separator else [cell.strip()]
    else:
        named = [i if isinstance(i, str) else json.dumps(i, ensure_ascii=False) for i in items]
    return tuple(dict.fromkeys(name for name in named if name))


def _object(cell: str) -> Targets:
    try:
        found: object = json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the target {cell!r:.80} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ValueError(f"the target {cell!r:.80} is not a JSON object, which kind `fields` asks for")
    return (cell,)


def _list(cell: str) -> list[object] | None:
    if not cell.lstrip().startswith("["):
        return None
    try:
        found: object = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None
