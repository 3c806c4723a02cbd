"""Moved to harness.numbers."""

from harness.numbers import UNKNOWN as UNKNOWN
from harness.numbers import Axis as Axis
from harness.numbers import count as count
from harness.numbers import dollars as dollars
from harness.numbers import dollars_per_month as dollars_per_month
from harness.numbers import interval_bar as interval_bar
from harness.numbers import plain as plain
from harness.numbers import proportion as proportion
from harness.numbers import seconds as seconds
