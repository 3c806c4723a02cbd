"""How numbers and foreign texts are written, everywhere the same. Pure; nothing here knows of a terminal.

    seconds(0.0112) "11 ms"     dollars(0.0012) "$0.0012"     dollars_per_month(0.4) "<1"
    proportion(0.917) "0.917"   count(38158) "38,158"         interval_bar(0.88, 0.917, 0.943, Axis(0.4, 1, 26))

What is not known is "?", never 0. What is not quite 0 or 1 is never written as 0 or 1.
"""

from __future__ import annotations

import math
import unicodedata
from typing import NamedTuple

UNKNOWN = "?"
_LARGE = 1e9  # dollars a month: more would burst a column
_SAFE_FORMAT = "\u200c\u200d"  # they shape letters and emoji, and reorder nothing


class Axis(NamedTuple):
    """What a column of bars is drawn on.

    Attributes:
        low: The value at the first character.
        high: The value at the last character.
        width: In characters, at least 1.
    """

    low: float
    high: float
    width: int


def seconds(value: float | None) -> str:
    """A duration, for reading: two digits or whole units, in ms, s, min or h.

    >>> [seconds(s) for s in (0.0112, 1.42, 152.3, 734.0, 9000.0)]
    ['11 ms', '1.4 s', '152 s', '12 min', '2.5 h']
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if 0 < value <= 0.0005:
        return "<1 ms"
    for unit, length, limit in (("ms", 0.001, 1000), ("s", 1.0, 600), ("min", 60.0, 120)):
        digits = _short(value / length) if unit == "s" else f"{value / length:.0f}"
        if float(digits) < limit:
            return f"{digits} {unit}"
    return f"{_short(value / 3600)} h"


def dollars(value: float | None) -> str:
    """An amount: cents from a cent on, below it two digits that count.

    >>> [dollars(d) for d in (1234.5, 0.25, 0.0012, 0.0, None)]
    ['$1,234.50', '$0.25', '$0.0012', '$0', '?']
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    sign = "-" if value < 0 else ""
    size = abs(value)
    if size == 0:
        return "$0"
    if size >= 0.01:
        return f"{sign}${size:,.2f}"
    places = 1 - math.floor(math.log10(size))
    return f"{sign}${size:.{places}f}".rstrip("0")


def dollars_per_month(value: float | None) -> str:
    """A monthly amount in whole dollars, without the sign, which the column's head has.

    >>> [dollars_per_month(d) for d in (1234.5, 0.4, 0.0, 118_917_268_135_214.0, None)]
    ['1,234', '<1', '0', '1.19e14', '?']
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if abs(value) >= _LARGE:
        return f"{value:.2e}".replace("e+", "e")
    return "<1" if 0 < value < 1 else f"{value:,.0f}"


def proportion(value: float | None) -> str:
    """A share or score with three decimals, which is 0.000 or 1.000 only when it is exactly that.

    >>> [proportion(p) for p in (0.917, 0.9999, 0.0001, 1.0, -0.25, None)]
    ['0.917', '>0.999', '<0.001', '1.000', '-0.250', '?']
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    text = f"{value:.3f}"
    if text == "1.000" and value < 1:
        return ">0.999"
    if text in ("0.000", "-0.000") and value != 0:
        return "<0.001" if value > 0 else ">-0.001"
    return "0.000" if value == 0 else text


def percent(share: float) -> str:
    """A share in whole per cent, 0 and 100 only where it is exactly that.

    >>> [percent(s) for s in (0.834, 0.999, 0.002, 0.0, 1.0)]
    ['83%', '>99%', '<1%', '0%', '100%']
    """
    text = f"{share:.0%}"
    if text == "100%" and share < 1:
        return ">99%"
    return "<1%" if text == "0%" and share > 0 else text


def p_value(value: float) -> str:
    """A p-value after "p": three decimals below 0.1, two above.

    >>> [p_value(p) for p in (0.25, 0.0312, 0.00002, 1.0)]
    ['= 0.25', '= 0.031', '< 0.001', '= 1.00']
    """
    return "< 0.001" if value < 0.001 else f"= {value:.3f}" if value < 0.1 else f"= {value:.2f}"


def count(value: int | None) -> str:
    """A whole number.

    >>> count(38158)
    '38,158'
    """
    return UNKNOWN if value is None else f"{value:,}"


def plural(n: int | None, one: str, many: str | None = None) -> str:
    """How many of something.

    >>> [plural(1, "row"), plural(1200, "row"), plural(2, "query", "queries")]
    ['1 row', '1,200 rows', '2 queries']
    """
    return f"{count(n)} {one if n == 1 else many or one + 's'}"


def rough(value: float | None) -> str:
    """A number that is only roughly known, to three digits.

    >>> [rough(n) for n in (1763.8, 27, None)]
    ['1,760', '27', '?']
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return f"{float(f'{value:.3g}'):,.0f}"


def interval_bar(low: float | None, value: float | None, high: float | None, axis: Axis) -> str:
    """An interval drawn on an axis, as wide as it; what lies beyond the axis stands at its end.

    >>> interval_bar(0.40, 0.55, 0.60, Axis(0.0, 1.0, width=11))
    '    ──●    '

    Args:
        low: The interval's ends; None for none.
        value: The figure itself; None for an empty bar.
        high: The other end.
        axis: What it is drawn on.
    """
    if value is None or not math.isfinite(value):
        return " " * axis.width

    def column(x: float) -> int:
        share = (x - axis.low) / (axis.high - axis.low) if axis.high > axis.low else 0.5
        return round(min(max(share, 0.0), 1.0) * (axis.width - 1))

    cells = [" "] * axis.width
    start = column(value if low is None else low)
    end = column(value if high is None else high)
    cells[start : end + 1] = "─" * (end + 1 - start)
    cells[column(value)] = "●"
    return "".join(cells)


def plain(text: str, *, newlines: bool = False) -> str:
    r"""Makes a foreign text safe to show in a terminal: what is invisible or commands it is shown as an escape.

    That is control characters (a terminal's own escapes begin with one), bidirectional overrides and other
    invisible formatting, line and paragraph separators, surrogates and what Unicode has not assigned. It does
    not escape the markup of rich or HTML: that is for whoever prints it.

    >>> plain("\x1b[31mred\u202e\n")
    '\\x1b[31mred\\u202e\\n'

    Args:
        text: Untrusted.
        newlines: Let line feeds through.
    """
    if text.isprintable():
        return text
    return "".join(c if _is_safe(c) or (newlines and c == "\n") else _escape(c) for c in text)


def _is_safe(character: str) -> bool:
    if character in _SAFE_FORMAT:
        return True
    category = unicodedata.category(character)
    return category[0] != "C" and category not in ("Zl", "Zp")


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _short(value: float) -> str:
    """Two digits under 10, whole above, without a needless .0."""
    text = f"{value:.1f}"
    return f"{value:.0f}" if float(text) >= 10 else text.removesuffix(".0")
