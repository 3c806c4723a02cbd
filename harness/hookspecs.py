"""The hooks that a plugin may implement, each with `@harness.hookimpl`.

A plugin is a module named under the entry point group `harness`. Importing it must cost nothing: heavy
libraries are imported where the work happens.
"""

from __future__ import annotations

from typing import Protocol

import pluggy

from harness.models import Model, Scorer
from harness.records import TrialHeader
from harness.source import Source
from harness.strategy import Strategy

hookspec = pluggy.HookspecMarker("harness")
hookimpl = pluggy.HookimplMarker("harness")


class RegisterStrategy(Protocol):
    """A yardstick is added to every task whose kind it serves, unless the suite says `yardsticks: []`."""

    def __call__(self, name: str, strategy: type[Strategy], *, yardstick: bool = False) -> None: ...


class RegisterModel(Protocol):
    def __call__(self, name: str, model: type[Model]) -> None: ...


class RegisterScorer(Protocol):
    def __call__(self, name: str, scorer: Scorer) -> None: ...


class RegisterSource(Protocol):
    def __call__(self, name: str, source: Source) -> None: ...


@hookspec
def harness_register_strategies(register: RegisterStrategy) -> None:
    """Fires once when plugins are loaded; `use: NAME` in a suite's strategies finds what is registered."""


@hookspec
def harness_register_models(register: RegisterModel) -> None:
    """Fires once when plugins are loaded; `use: NAME` in a suite's models finds what is registered."""


@hookspec
def harness_register_scorers(register: RegisterScorer) -> None:
    """Fires once when plugins are loaded; a task's `metric:` names one of the figures registered."""


@hookspec
def harness_register_sources(register: RegisterSource) -> None:
    """Fires once when plugins are loaded; a task's data `path: NAME:…` is read by the source of that name."""


@hookspec
def harness_trial_finished(record: TrialHeader) -> None:
    """Fires after each trial, however it ended, once all of it is on disk."""
