"""Evidence made by hand, as for the diagnosis."""

from __future__ import annotations

from tests.diagnosing.conftest import make_evidence

__all__ = ["make_evidence"]
