"""From a file, or from a usual job, to a first suite: what `harness init` does."""

from __future__ import annotations
