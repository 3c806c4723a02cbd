"""Every error that a user can meet, as one tree.

    HarnessError                 exit code
    ├── SuiteError                 2   the suite, a command line or a plugin's parameters are wrong
    ├── DataError                  3   a file, column, split or row is not what the suite says
    ├── PluginError                4   a plugin does not load or breaks the contract
    ├── ModelError                 5   a model or endpoint cannot be used at all
    │   └── TuningRefused          5   a provider takes no such fine-tuning job or file
    ├── BudgetError                6   the next call would pass the cost limit
    ├── StoreError                 7   results cannot be written or read (a full disk, a foreign folder)
    ├── StillRunning               8   a job goes on with its provider, and --resume takes it up
    └── RunFailed                  1   the run ended, and some strategy failed

A message says what was wrong with its value quoted, where, and what to do next. Python's own errors inside
a strategy are caught by the runner, which records them with the trial and goes on with the next.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class HarnessError(Exception):
    """An error with one clear message for the user; the command line prints it without a traceback.

    Args:
        message: What is wrong and what to do about it.
        where: File, line and field, such as ``suites/a.yaml:14:7  tasks[0].data.columns.target``.
    """

    exit_code: int = 1

    def __init__(self, message: str, *, where: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where

    def __str__(self) -> str:
        return f"{self.where}\n  {self.message}" if self.where else self.message


class SuiteError(HarnessError):
    exit_code = 2


class DataError(HarnessError):
    exit_code = 3


class PluginError(HarnessError):
    exit_code = 4


class ModelError(HarnessError):
    exit_code = 5


class TuningRefused(ModelError):
    """A provider does not take a fine-tuning job or a file, and will not take the same one later.

    Args:
        kind: As `CallFailed` has it: ``closed``, ``quota``, ``file``, ``not-found``, …
        message: What is wrong and what to do about it.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class BudgetError(HarnessError):
    exit_code = 6


class StoreError(HarnessError):
    exit_code = 7


class StillRunning(HarnessError):
    """Ends one trial and no other: what it waits for goes on elsewhere, and a resume takes it up."""

    exit_code = 8


class RunFailed(HarnessError):
    exit_code = 1


def suggest(name: str, known: Iterable[str]) -> str:
    """Says what exists, and the nearest name to it where there is one.

    >>> suggest("labl", ["id", "text", "label"])
    "there are: id, label, text. Did you mean 'label'?"
    """
    names = sorted(known)
    if not names:
        return "there are none"
    hint = did_you_mean(name, names)
    return f"there are: {', '.join(names)}{'.' if hint else ''}{hint}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest name, as a sentence with a blank before it; nothing where none is near.

    >>> did_you_mean("LABL", ["id", "text", "label"])
    " Did you mean 'label'?"
    """
    folded = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return f" Did you mean {folded[near[0]]!r}?" if near else ""
