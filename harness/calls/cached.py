"""What goes into the cache and comes out of it; see cache.py."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from harness.models import Completion

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class CachedCompletion(NamedTuple):
    """A completion as it was first observed, marked `replayed`, and when that was."""

    completion: Completion
    at: datetime


class Kept(NamedTuple):
    """A completion on its way into the cache; see `Cache.store`."""

    key: str
    completion: Completion
    replacing: datetime | None = None


class CachedVector(NamedTuple):
    """An embedding, (width,) float32, and the device seconds that it first took."""

    vector: NDArray[np.float32]
    seconds: float


class CacheStats(NamedTuple):
    """What the file holds; `size` in bytes, the write-ahead log included."""

    completions: int
    vectors: int
    size: int


def keeps(completion: Completion) -> bool:
    """Whether a completion may be replayed: refusals, empty answers and replays themselves may not."""
    return completion.finish != "filter" and bool(completion.text.strip()) and not completion.replayed
