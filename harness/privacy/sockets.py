"""Refuses connections beyond this machine, whoever in this process asks for one.

connect ("127.0.0.1", 8000)      goes through
connect ("93.184.216.34", 443)   PermissionError: privacy is local: …
getaddrinfo "example.com"        PermissionError: no name is looked up either

It hears of every socket of Python's own through an audit hook (PEP 578). What a library opens from C, C++ or Rust
by itself, and what another process does, it does not hear of: the switches and the checks at load are for those.
A name that is given to `connect` itself is looked up before anybody hears of it; then the connection is refused.
"""

from __future__ import annotations

import errno
import socket
import sys
from collections import Counter
from threading import Lock

from harness.privacy.addresses import is_loopback

_CONNECTS = ("socket.connect", "socket.sendto", "socket.sendmsg")
_LOOKS_UP = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_ON_THIS_MACHINE = {getattr(socket, name) for name in ("AF_UNIX", "AF_NETLINK", "AF_ALG") if hasattr(socket, name)}


class Closed:
    """Whether the way out is closed, and who asked for it.

    Attributes:
        refused: What was asked for, such as ``93.184.216.34 port 443``, and how often.
    """

    def __init__(self) -> None:
        self.refused: Counter[str] = Counter()
        self._depth = 0
        self._hooked = False
        self._lock = Lock()

    def close(self) -> None:
        """From now on; to be called as often as `open`."""
        with self._lock:
            if not self._hooked:  # a hook cannot be taken away again: it sleeps while the way is open
                sys.addaudithook(self._heard)
                self._hooked = True
            if self._depth == 0:
                self.refused.clear()
            self._depth += 1

    def open(self) -> None:
        with self._lock:
            self._depth -= 1

    def _heard(self, event: str, args: tuple[object, ...]) -> None:
        if not self._depth or not event.startswith("socket."):
            return
        if event in _CONNECTS:
            beyond = _beyond(args[0], args[1])
        elif event in _LOOKS_UP:
            beyond = _looked_up(args[0])
        else:
            return
        if beyond is not None:
            self.refused[beyond] += 1
            raise PermissionError(
                errno.EPERM, f"privacy is local: the connection to {beyond} was refused by the harness"
            )


def _beyond(from_socket: object, address: object) -> str | None:
    if address is None or getattr(from_socket, "family", None) in _ON_THIS_MACHINE:
        return None
    if not isinstance(address, tuple) or not address or not isinstance(address[0], str):
        return f"{address!r}"
    host = address[0]
    if is_loopback(host):
        return None
    return f"{host} port {address[1]}" if len(address) > 1 else host


def _looked_up(host: object) -> str | None:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if not isinstance(name, str) or not name or is_loopback(name) or _is_number(name):
        return None
    return name


def _is_number(name: str) -> bool:
    """A number is not looked up anywhere; to connect to it is another question."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, name)
        except OSError:
            continue
        return True
    return False


CLOSED = Closed()
