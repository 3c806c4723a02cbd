"""Ends a process at its first forward pass, and says when that was: `STAMP 4.98`, seconds since STAMP_BEGAN.

Python imports it before all else where this folder is on PYTHONPATH. Every forward pass begins with looking tokens
up or with a matrix product, and torch's modules take both from `torch.nn.functional`.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import NoReturn

_WATCHED = "torch.nn.functional"


def _stamp(*_: object, **__: object) -> NoReturn:
    seconds = time.time() - float(os.environ["STAMP_BEGAN"])
    os.write(1, f"\nSTAMP {seconds}\n".encode())
    os._exit(0)


class _Watching:
    """Puts `_stamp` in the place of both, once the module is there."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != _WATCHED:
            return None
        sys.meta_path.remove(self)  # type: ignore[arg-type]
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            module.embedding = module.linear = _stamp  # type: ignore[attr-defined]

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


if "STAMP_BEGAN" in os.environ:
    sys.meta_path.insert(0, _Watching())  # type: ignore[arg-type]
