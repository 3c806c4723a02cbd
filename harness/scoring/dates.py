"""A day, however it is written.

>>> [str(date_of(t)) for t in ("2026-03-04", "4 March 2026", "04.03.2026", "3/4/2026", "25/3/2026")]
['2026-03-04', '2026-03-04', '2026-03-04', '2026-03-04', '2026-03-25']
"""

from __future__ import annotations

import re
import warnings
from datetime import date, datetime

_ISO = re.compile(r"\s*(\d{4}-\d{2}-\d{2})(?!\d)")
_LONGEST = 60  # characters
# What a text leaves out is taken from these: where they make a difference it is no whole date.
_FIRST, _SECOND = datetime(2001, 1, 1), datetime(2002, 2, 2)


def date_of(value: object) -> date | None:
    """The day that a text names; None where it names none, or only a part of one (`March 2026`).

    Dots put the day first; with slashes the month is first, as in the United States, unless it is above 12.
    Names of months are English. A time of day does not count.
    """
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    if iso := _ISO.match(value):
        try:
            return date.fromisoformat(iso[1])
        except ValueError:
            return None
    from dateutil import parser

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of time zones, which do not count
            one, two = (
                parser.parse(value, default=default, dayfirst="." in value, ignoretz=True).date()
                for default in (_FIRST, _SECOND)
            )
    except (ValueError, OverflowError, TypeError):
        return None
    return one if one == two else None
