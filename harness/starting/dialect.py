r"""How a file is laid out, from its beginning: its format, and what stands between cells.

ticket;subject;body\n…      csv, ";"
{"text": "…"}\n{"text": …   jsonl
[{"text": …                 json
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter

_DELIMITERS = ",;\t|"
_ROWS = 200
_CHARACTERS = 200_000


def format_of_text(text: str) -> str:
    """csv, json or jsonl, by how a text begins."""
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        return "json"
    if start.startswith("{"):
        first = next(iter(io.StringIO(start)))
        return "jsonl" if _is_json(first) else "json"
    return "csv"


def delimiter_of(text: str) -> str:
    """What stands between the cells of a CSV: that with which most rows have as many cells as the first.

    A comma where nothing separates: then there is one column.
    """
    best, highest = ",", 0.0
    for delimiter in _DELIMITERS:
        widths = _widths(text, delimiter)
        if not widths or widths[0] < 2:
            continue
        same = Counter(widths)[widths[0]] / len(widths)
        # Rows that agree count for more than many columns: a comma in a text must not outdo a semicolon.
        score = same**4 * min(widths[0], 30)
        if score > highest:
            best, highest = delimiter, score
    return best


def _widths(text: str, delimiter: str) -> list[int]:
    csv.field_size_limit(2**31 - 1)
    rows = csv.reader(io.StringIO(text[:_CHARACTERS], newline=""), delimiter=delimiter)
    widths = []
    try:
        for cells in rows:
            if cells:
                widths.append(len(cells))
            if len(widths) == _ROWS:
                break
    except csv.Error:
        return []
    cut = len(text) > _CHARACTERS and len(widths) < _ROWS
    return widths[:-1] if cut else widths


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
