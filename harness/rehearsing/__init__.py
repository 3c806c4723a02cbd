"""A run before it is paid for: trials that ask an endpoint are gone through with stand-ins, which send nothing."""

from harness.rehearsing.records import Rehearsal, Rehearsed
from harness.rehearsing.rehearsal import rehearse
from harness.rehearsing.saying import lines

__all__ = ["Rehearsal", "Rehearsed", "lines", "rehearse"]
