"""Which names and numbers are this machine.

localhost  127.0.0.1  ::1  ::ffff:127.0.0.1        this machine
localhost.example.com  127.0.0.1.nip.io  0.0.0.0   not: a name may lead anywhere, whatever it leads to today
"""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether a host can only be this machine: `localhost`, or a number of the loopback device.

    No name is looked up: what a name leads to now says nothing of what it leads to at the next call.

    Args:
        host: A name or a number without a port; an IPv6 number without its brackets.
    """
    if host.lower() == "localhost":
        return True
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(number, "ipv4_mapped", None)  # ::ffff:127.0.0.1, which not every Python calls loopback
    return (mapped or number).is_loopback
