"""For as long as something runs: no usage statistics, and with `privacy: local` no way beyond this machine.

with staying("local"):
    …          # switches set, sockets closed
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Literal

from harness.privacy.sockets import CLOSED
from harness.privacy.switches import Switches

Privacy = Literal["open", "local"]

_lock = Lock()
_under_way: list[Privacy] = []
_switches: list[Switches] = []  # how all stood before the first of them


@contextmanager
def staying(privacy: Privacy) -> Iterator[None]:
    """Sets the libraries' switches, and puts them back once the last that wanted them is done.

    Args:
        privacy: The suite's. With ``open`` usage statistics are off, where the user's environment does not say
            otherwise; with ``local`` the libraries are offline too, no proxy is used, and this process's own
            connections beyond this machine are refused: those of other threads as well.
    """
    with _lock:
        if not _under_way:
            _switches.append(Switches())
        _under_way.append(privacy)
        _turn()
        if privacy == "local":
            CLOSED.close()
    try:
        yield
    finally:
        with _lock:
            _under_way.remove(privacy)
            if privacy == "local":
                CLOSED.open()
            _turn()
            if not _under_way:
                _switches.clear()


def _turn() -> None:
    """The strictest of what is under way holds."""
    _switches[0].turn("local" if "local" in _under_way else "open" if _under_way else None)


def refused() -> str | None:
    """What was refused since the way was last closed, as a sentence; None where nothing was."""
    found = CLOSED.refused
    if not found:
        return None
    first = ", ".join(name for name, _ in found.most_common(3))
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return (
        f"privacy is local: {found.total()} attempts to reach beyond this machine were refused: {first}{more}."
        " Something in this run would have contacted them: a strategy or model of your own, a plugin, a library"
    )
