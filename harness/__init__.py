"""Measures how best to adapt a language model to a task.

Importing this stays light: each name is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.api import compare as compare
    from harness.api import load_suite as load_suite
    from harness.api import run as run
    from harness.errors import BudgetError as BudgetError
    from harness.errors import DataError as DataError
    from harness.errors import HarnessError as HarnessError
    from harness.errors import ModelError as ModelError
    from harness.errors import PluginError as PluginError
    from harness.errors import SuiteError as SuiteError
    from harness.finetuning import FineTuning as FineTuning
    from harness.hookspecs import hookimpl as hookimpl
    from harness.models import Answered as Answered
    from harness.models import CallFailed as CallFailed
    from harness.models import ChatModel as ChatModel
    from harness.models import Classifier as Classifier
    from harness.models import Completion as Completion
    from harness.models import Embedder as Embedder
    from harness.models import Endpoint as Endpoint
    from harness.models import Model as Model
    from harness.models import Opened as Opened
    from harness.models import Request as Request
    from harness.models import Scorer as Scorer
    from harness.models import Trainable as Trainable
    from harness.models import Weights as Weights
    from harness.prompted import Prompted as Prompted
    from harness.records import Brief as Brief
    from harness.records import Example as Example
    from harness.records import Failed as Failed
    from harness.records import Kind as Kind
    from harness.records import Message as Message
    from harness.records import Prediction as Prediction
    from harness.records import Query as Query
    from harness.records import Record as Record
    from harness.records import Row as Row
    from harness.records import Usage as Usage
    from harness.source import RawRow as RawRow
    from harness.source import Source as Source
    from harness.strategy import ChatName as ChatName
    from harness.strategy import Context as Context
    from harness.strategy import EmbedderName as EmbedderName
    from harness.strategy import Fitted as Fitted
    from harness.strategy import Ref as Ref
    from harness.strategy import Spending as Spending
    from harness.strategy import Strategy as Strategy
    from harness.strategy import StrategyName as StrategyName
    from harness.strategy import TableName as TableName
    from harness.strategy import TrainableName as TrainableName
    from harness.wording import Wording as Wording

__version__ = "0.1.0"

_HOMES = {
    "api": ("compare", "load_suite", "run"),
    "finetuning": ("FineTuning",),
    "errors": ("BudgetError", "DataError", "HarnessError", "ModelError", "PluginError", "SuiteError"),
    "hookspecs": ("hookimpl",),
    "models": (
        "Answered", "CallFailed", "ChatModel", "Classifier", "Completion", "Embedder", "Endpoint", "Model",
        "Opened", "Request", "Scorer", "Trainable", "Weights",
    ),
    "prompted": ("Prompted",),
    "records": ("Brief", "Example", "Failed", "Kind", "Message", "Prediction", "Query", "Record", "Row", "Usage"),
    "source": ("RawRow", "Source"),
    "strategy": (
        "ChatName", "Context", "EmbedderName", "Fitted", "Ref", "Spending", "Strategy", "StrategyName",
        "TableName", "TrainableName",
    ),
    "wording": ("Wording",),
}  # fmt: skip
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME)  # noqa: PLE0605  (one list of names, above)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'harness' has no attribute {name!r}")
    return getattr(importlib.import_module(f"harness.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
