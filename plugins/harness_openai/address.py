"""Where an endpoint is, and whether that is this machine.

https://api.openai.com/v1      api.openai.com     beyond this machine, official
http://127.0.0.1:8000/v1       127.0.0.1:8000     loopback
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from harness.privacy.addresses import is_loopback

OFFICIAL = "https://api.openai.com/v1"
_OFFICIAL_HOST = "api.openai.com"


class Address(NamedTuple):
    """An endpoint's base URL, taken apart.

    Attributes:
        url: As it was given.
        host: Name or number, with its port where one is given.
        path: What stands behind the host.
        loopback: Whether it is this machine.
    """

    url: str
    host: str
    path: str
    loopback: bool

    @property
    def official(self) -> bool:
        return self.host == _OFFICIAL_HOST


def read(url: str) -> Address:
    """Takes a base URL apart.

    Raises:
        ValueError: It is not one, or a secret stands in it; the message never shows the secret.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise ValueError("base_url is not a URL; write one such as https://host/v1") from None
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("base_url may hold no user, password or query: name the key's variable in `key_env`")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"base_url {url!r} is not a URL; write one such as https://host/v1")
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    host = name if port is None else f"{name}:{port}"
    return Address(url.strip(), host, parts.path.rstrip("/"), is_loopback(parts.hostname))
