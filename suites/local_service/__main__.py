"""`python -m suites.local_service [options] [-- COMMAND …]`."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from harness.errors import HarnessError
from suites.local_service import faults
from suites.local_service.listening import bound, listening
from suites.local_service.local import WEIGHTS, local_engine
from suites.local_service.service import Service

PORT = 8127  # where suites/hosted.yaml asks


def main(said: Sequence[str] | None = None) -> int:
    """Serves until Ctrl-C, or while a command runs; gives the command's exit status."""
    options = _parser().parse_args(said)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    try:
        amounts = faults.read(options.fault)
        with bound(options.port) as listener, local_engine(options.weights) as engine:
            service = Service(engine, options.folder, os.environ.get("SERVICE_KEY", ""), amounts)
            with listening(service, listener) as url:
                print(f"{engine.name} at {url}, kept in {str(options.folder)!r}", file=sys.stderr, flush=True)
                return _run(command) if command else _wait()
    except HarnessError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m suites.local_service", description=_ABOUT)
    parser.add_argument("--port", type=int, default=PORT, help="0 for any that is free (default: %(default)s)")
    parser.add_argument(
        "--folder", type=Path, default=Path(".local-service"), help="where files and jobs are kept"
    )
    parser.add_argument("--weights", default=WEIGHTS, help="the base model (default: %(default)s)")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="KIND=AMOUNT", help="see docs/hosted/local.md"
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="serve while this runs")
    return parser


_ABOUT = (
    "A service that speaks OpenAI's API, with the packaged SmolLM2. SERVICE_KEY holds the key to ask for, if any."
)


def _run(command: Sequence[str]) -> int:
    """Runs a command. Ctrl-C reaches it as well, and what it does then is its own affair."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with subprocess.Popen(command) as child:
            ending = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
            try:
                status = child.wait()
                return 128 - status if status < 0 else status  # as a shell tells of a signal
            finally:
                signal.signal(signal.SIGTERM, ending)
    except OSError as error:
        print(f"error: {command[0]!r} cannot be run: {error.strerror}", file=sys.stderr)
        return 127
    finally:
        signal.signal(signal.SIGINT, before)


def _wait() -> int:
    over = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    while not over.wait(3600):
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
