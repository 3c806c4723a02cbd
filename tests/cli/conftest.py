from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

import pytest

from harness.cli.main import main


class Said(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


Harness = Callable[..., Said]


@pytest.fixture
def harness(capsys: pytest.CaptureFixture[str]) -> Harness:
    """Runs the command line in this process."""

    def run(*words: str) -> Said:
        before = os.environ.get("HARNESS_DEBUG")
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        # `--debug` is handed on through the environment; it must not outlive the call.
        if before is None:
            os.environ.pop("HARNESS_DEBUG", None)
        captured = capsys.readouterr()
        assert isinstance(ended.value.code, int | None)
        return Said(ended.value.code or 0, captured.out, captured.err)

    return run
