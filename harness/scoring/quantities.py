"""A number with its unit, however it is written.

>>> [quantity_of(t).value for t in ("1,234.50", "1.234,50 €", "1'234.5", "12,5", "1,234", "-3 kg")]
[1234.5, 1234.5, 1234.5, 12.5, 1234.0, -3.0]
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

_LONGEST = 80  # characters
_NUMBER = re.compile(r"[-+\u2212]?\s?(?:\d[\d.,'\u2019 \u00a0\u202f]*\d|\d|\.\d+)(?:[eE][-+]?\d+)?")
_BLANKS = str.maketrans("", "", " \u00a0\u202f'\u2019")
_SYMBOLS = {"€": "eur", "£": "gbp", "$": "usd", "¥": "jpy", "percent": "%", "per cent": "%"}


class Quantity(NamedTuple):
    """A number and its unit; an empty one where none is told."""

    value: float
    unit: str = ""


def quantity_of(value: object) -> Quantity | None:
    """The only number that a value holds; None where it holds none or several.

    Of a comma and a point the later one begins the decimals; a comma alone does, unless groups of three digits
    follow it. Blanks and apostrophes part thousands.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        try:
            return Quantity(float(value)) if math.isfinite(value) else None
        except OverflowError:
            return None
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    found = list(_NUMBER.finditer(value))
    if len(found) != 1:
        return None
    number = _number(found[0][0])
    unit = (value[: found[0].start()] + value[found[0].end() :]).strip(" .,:;()").casefold()
    return None if number is None else Quantity(number, _SYMBOLS.get(unit, unit))


def _number(text: str) -> float | None:
    bare = text.translate(_BLANKS).replace("\u2212", "-")
    comma, point = bare.rfind(","), bare.rfind(".")
    if comma >= 0 and point >= 0:
        bare = bare.replace("," if point > comma else ".", "").replace(",", ".")
    elif re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+", bare) or bare.count(",") > 1:
        bare = bare.replace(",", "")
    elif bare.count(".") > 1:
        bare = bare.replace(".", "")
    else:
        bare = bare.replace(",", ".")
    try:
        number = float(bare)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
