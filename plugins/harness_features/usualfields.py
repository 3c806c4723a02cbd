"""The object that says of each field what training rows say most often: the yardstick for tasks of kind `fields`.

{"reason": "billing", "amount": 5}, {"reason": "billing", "amount": null}, {"reason": "damaged", "amount": null}
-> {"reason": "billing", "amount": null}
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from harness import Brief, Example

_NO_KEY = ""


def usual_object(brief: Brief, train: Sequence[Example]) -> str:
    """Each top-level field's most frequent value, in the schema's order; of equals the one that comes first.

    A field that most rows leave out is left out, unless the schema requires it.
    """
    schema: Mapping[str, Any] = brief.answer_schema or {}
    rows = [json.loads(example.targets[0]) for example in train]
    keys = dict.fromkeys((*schema.get("properties", {}), *(key for row in rows for key in row)))
    usual: dict[str, object] = {}
    for key in keys:
        counts = Counter(json.dumps(row[key], ensure_ascii=False) if key in row else _NO_KEY for row in rows)
        if key in schema.get("required", ()):
            del counts[_NO_KEY]
        value = counts.most_common(1)[0][0] if counts else _NO_KEY
        if value != _NO_KEY:
            usual[key] = json.loads(value)
    return json.dumps(usual, ensure_ascii=False)
