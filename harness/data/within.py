"""Says of an error which field of the suite it is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from harness.errors import HarnessError


@contextmanager
def in_field(field: str, below: str = "") -> Iterator[None]:
    """Gives errors that pass through their `where`, such as ``data.columns.target``.

    Args:
        field: What an error is about that does not say itself.
        below: What the field stands below, such as ``data``.
    """
    try:
        yield
    except HarnessError as error:
        error.where = ".".join(part for part in (below, error.where or field) if part)
        raise
