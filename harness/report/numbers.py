"""Moved to harness.numbers."""

from harness.numbers import *  # noqa: F403
from harness.numbers import UNKNOWN, Axis, count, dollars, dollars_per_month, interval_bar, plain, proportion, seconds
