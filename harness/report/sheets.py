"""CSV that a spreadsheet shows and never runs.

=HYPERLINK("http://…")   '=HYPERLINK("http://…")     a formula: shown as text
U+FF1D 1+1               'U+FF1D 1+1                  full-width: some spreadsheets read it as =
-0.5                     -0.5                        a number stays one
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

_STARTS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20\u2212")
_CONTROLS = frozenset("\t\r\n")
_UNSEEN = re.compile(r"^[\s\x00-\x1f\x7f\u200b-\u200f\u2060\ufeff]+")  # some spreadsheets pass over these
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")


def inert(value: object) -> object:
    """Text that a spreadsheet would run as a formula, made plain by an apostrophe; all else as it is.

    >>> inert("=1+1"), inert("-0.5"), inert(-0.5)
    ("'=1+1", '-0.5', -0.5)
    """
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return value
    starts = _UNSEEN.sub("", value)[:1]
    return f"'{value}" if starts in _STARTS or value[:1] in _CONTROLS else value


def csv_text(names: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """A table as CSV, column names and cells inert.

    Args:
        names: The columns.
        rows: By column; one that a row lacks is empty, as None is.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([inert(name) for name in names])
    for row in rows:
        cells = [row.get(name) for name in names]
        writer.writerow(["" if cell is None else inert(cell) for cell in cells])
    return out.getvalue()
