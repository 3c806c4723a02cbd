"""Where an endpoint is, who provides it, and whether that is this machine.

https://api.openai.com/v1                     api.openai.com              openai
https://mine.openai.azure.com/openai/v1/      mine.openai.azure.com       azure
https://api.deepseek.com                      api.deepseek.com            other
http://127.0.0.1:8000/v1                      127.0.0.1:8000              other, loopback
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from harness.privacy.addresses import is_loopback

OFFICIAL = "https://api.openai.com/v1"

Provider = Literal["openai", "azure", "together", "fireworks", "mistral", "other"]

# A host is its provider's where it is this name or ends in it: `eu.api.openai.com`, `mine.openai.azure.com`.
_HOSTS: Mapping[str, Provider] = {
    "api.openai.com": "openai",
    "openai.azure.com": "azure",
    "openai.azure.us": "azure",
    "openai.azure.cn": "azure",
    "cognitiveservices.azure.com": "azure",
    "services.ai.azure.com": "azure",
    "azure-api.net": "azure",
    "api.together.xyz": "together",
    "api.together.ai": "together",
    "api.fireworks.ai": "fireworks",
    "api.mistral.ai": "mistral",
}


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
    def provider(self) -> Provider:
        """Who provides it, as far as the host tells."""
        return _provider(self.host.partition(":")[0].casefold())


@lru_cache
def _provider(name: str) -> Provider:
    return next((who for host, who in _HOSTS.items() if name == host or name.endswith(f".{host}")), "other")


@lru_cache  # several times a call
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
