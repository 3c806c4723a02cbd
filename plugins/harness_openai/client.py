"""The `openai` client as the harness uses it: its own retries off, no queue of its own, the key where it belongs.

https://mine.openai.azure.com/openai/v1/     api-key: KEY, or Authorization: Bearer TOKEN
https://mine.openai.azure.com, 2024-10-21    …/openai/deployments/MODEL/chat/completions?api-version=2024-10-21
all others                                   Authorization: Bearer KEY
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from harness import CallFailed
from harness.privacy.secrets import Secret
from harness_openai.address import Address

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI, OpenAI

    from harness_openai.model import OpenAIChat

NO_KEY = "none"  # the client wants one, a server on this machine does not
_CONNECT_SECONDS = 15.0
_KEPT_OPEN = 256  # connections
TOKEN = "eyJ"  # how a JSON Web Token begins: Azure's own logins give them, and take them as bearers alone


def client(params: OpenAIChat, secret: Secret) -> AsyncOpenAI:
    """A client for one event loop.

    Its pool has no limit: how many requests are at work is core's to say, and waiting for a place in a pool would
    count as a time-out.
    """
    import openai
    from openai import _constants

    key, address = secret.reveal(), params.address
    limits = type(_constants.DEFAULT_CONNECTION_LIMITS)(max_connections=None, max_keepalive_connections=_KEPT_OPEN)
    made = openai.AsyncOpenAI(
        api_key=key or NO_KEY,
        base_url=base_url(params),
        default_query={"api-version": params.api_version} if params.api_version else None,
        organization=params.organization,
        project=params.project,
        max_retries=0,
        timeout=openai.Timeout(params.timeout_seconds, connect=connect_seconds(params), pool=None),
        # A redirect or a proxy would carry a prompt off this machine unasked.
        http_client=openai.DefaultAsyncHttpxClient(
            follow_redirects=False,
            trust_env=not address.loopback,
            limits=limits,
            verify=not address.url.startswith("http:"),  # certificates take a third of a second
            event_hooks={"request": [partial(_as_azure_has_it, key)] if _in_a_header(params, key) else []},
        ),
    )
    forget_openais(made, params, address)
    return made


def connect_seconds(params: OpenAIChat) -> float:
    """How long a connection may take to stand; it leaves an attempt some of its time."""
    return min(0.8 * params.timeout_seconds, _CONNECT_SECONDS)


def headers(made: AsyncOpenAI, params: OpenAIChat, secret: Secret) -> dict[str, str]:
    """What goes with each request: the client's own headers, and the key as the provider has it."""
    own = {name: value for name, value in made.default_headers.items() if isinstance(value, str)}
    key = secret.reveal()
    if _in_a_header(params, key):
        return own | {"api-key": key}
    # Somebody's OPENAI_CUSTOM_HEADERS may hold another one, which the client lets stand.
    told = any(name.casefold() == "authorization" for name in own)
    return own if told else own | {"Authorization": f"Bearer {key or NO_KEY}"}


def _in_a_header(params: OpenAIChat, key: str) -> bool:
    return params.provided_by == "azure" and bool(key) and not key.startswith(TOKEN)


def forget_openais(made: AsyncOpenAI | OpenAI, params: OpenAIChat, address: Address) -> None:
    """Takes from a client what it read in the environment for OpenAI, where its address is another's."""
    if address.provider != "openai":  # OPENAI_ORG_ID and OPENAI_PROJECT_ID are for OpenAI alone
        made.organization = params.organization
        made.project = params.project
        made._custom_headers = {}  # OPENAI_CUSTOM_HEADERS too: they may hold another key


async def _as_azure_has_it(key: str, request: httpx2.Request) -> None:
    """The client knows keys as bearers alone, and refuses to leave that header out of all requests."""
    del request.headers["authorization"]
    request.headers["api-key"] = key


def base_url(params: OpenAIChat) -> str:
    """Where `/chat/completions` is: of Azure's dated API below the deployment."""
    address = params.address
    if params.api_version is None or address.path not in ("", "/openai"):
        return address.url
    root = address.url.rstrip("/").removesuffix("/openai")
    return f"{root}/openai/deployments/{quote(params.model, safe='')}"


def lost(error: Exception, address: Address, secret: Secret) -> CallFailed:
    """What core is told of a request that the client got no whole response to."""
    cause = error.__cause__ or error
    kind = type(cause).__name__
    if kind == "ConnectTimeout":
        return not_taken(address.host)
    if kind in ("ConnectError", "ProxyError", "UnsupportedProtocol", "WriteError", "LocalProtocolError"):
        return unreached(address.host, cause, secret)
    return cut_off(address.host, cause, secret)


def not_taken(host: str) -> CallFailed:
    """For a connection that did not come about in time."""
    return CallFailed("connection", f"{host} did not take the connection in time", retry=True)


def unreached(host: str, error: BaseException, secret: Secret) -> CallFailed:
    """For a request that did not leave: it costs nothing."""
    return CallFailed("connection", f"{host} cannot be reached: {_why(error, secret)}", retry=True)


def cut_off(host: str, error: BaseException, secret: Secret) -> CallFailed:
    """For a request that left: it may have been served and billed."""
    return CallFailed("cut-off", f"{host} ended its reply early: {_why(error, secret)}", retry=True, billed=True)


def late(params: OpenAIChat) -> CallFailed:
    """For an attempt that took too long; it may be answered and billed all the same."""
    limit = f"{params.timeout_seconds:g}"
    return CallFailed("timeout", f"no answer in {limit} s (timeout_seconds)", retry=True, billed=True)


def _why(error: BaseException, secret: Secret) -> str:
    return secret.short(str(error)) or type(error).__name__


def key_hash(secret: Secret) -> str:
    """Tells keys apart and nothing more."""
    return hashlib.sha256(secret.reveal().encode()).hexdigest()[:16]
