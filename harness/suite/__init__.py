"""What a suite may say (`spec`), and from its YAML to something that runs (`load`)."""

from harness.suite.decide import Decide, Serving
from harness.suite.probes import Probes
from harness.suite.rows import Columns, Condition, Data, Splits, TableSpec
from harness.suite.spec import PriceBook, StrategyEntry, Suite, TokenPrice, Use
from harness.suite.task import Label, Matcher, Task

__all__ = [
    "Columns",
    "Condition",
    "Data",
    "Decide",
    "Label",
    "Matcher",
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
