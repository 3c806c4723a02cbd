"""What a suite may say (`spec`), and from its YAML to something that runs (`load`)."""

from harness.suite.decide import Decide, Serving
from harness.suite.probes import Probes
from harness.suite.spec import (
    Columns,
    Condition,
    Data,
    PriceBook,
    Splits,
    StrategyEntry,
    Suite,
    TableSpec,
    Task,
    TokenPrice,
    Use,
)

__all__ = [
    "Columns",
    "Condition",
    "Data",
    "Decide",
    "PriceBook",
    "Probes",
    "Serving",
    "Splits",
    "StrategyEntry",
    "Suite",
    "TableSpec",
    "Task",
    "TokenPrice",
    "Use",
]
