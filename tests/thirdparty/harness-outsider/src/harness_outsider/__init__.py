"""A third party's plugin, which knows nothing of the harness but its public names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness import hookimpl


@hookimpl
def harness_register_strategies(register: Callable[..., None]) -> None:
    from harness_outsider.centroid import NearestCentroid

    register("nearest-centroid", NearestCentroid)


@hookimpl
def harness_register_models(register: Callable[..., None]) -> None:
    from harness_outsider.trigrams import Trigrams

    register("trigrams", Trigrams)


@hookimpl
def harness_register_scorers(register: Callable[..., None]) -> None:
    from harness_outsider.costly import Costly

    register("costly", Costly())


@hookimpl
def harness_register_sources(register: Callable[..., None]) -> None:
    from harness_outsider.lines import Lines

    register("lines", Lines())


@hookimpl
def harness_trial_finished(record: Any) -> None:
    print(f"outsider saw {record.key}")
