"""The run's models: each is loaded when it is first asked for, and freed after the last trial that needs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from threading import RLock

from harness.errors import HarnessError, ModelError
from harness.models import Model, Opened


class ModelPool:
    """Loads models by their name in the suite.

    Args:
        models: The suite's, by name.
    """

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = models
        self._open: dict[str, tuple[ExitStack, Opened]] = {}
        self._lock = RLock()

    def get(self, name: str) -> Opened:
        """The loaded model.

        Raises:
            ModelError: When it cannot be loaded.
        """
        with self._lock:
            if name not in self._open:
                stack = ExitStack()
                try:
                    self._open[name] = (stack, stack.enter_context(self._models[name].open()))
                except (HarnessError, KeyboardInterrupt):
                    raise
                except Exception as error:
                    raise ModelError(f"model {name!r} could not be loaded: {error!r}") from error
            return self._open[name][1]

    def is_open(self, name: str) -> bool:
        return name in self._open

    def is_local(self, name: str) -> bool:
        return self._models[name].local

    def keep_only(self, names: Iterable[str]) -> None:
        """Frees the models that no trial to come needs."""
        with self._lock:
            for name in set(self._open) - set(names):
                stack, _ = self._open.pop(name)
                stack.close()

    def close(self) -> None:
        self.keep_only(())
