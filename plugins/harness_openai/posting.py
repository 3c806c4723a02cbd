"""How a chat completion is sent, and what becomes of it on the way.

straight       by aiohttp, with the headers that the `openai` client would send: the usual way
by the client  where a proxy stands between, or aiohttp is not installed

For a request and its reply the `openai` client takes many times what HTTP takes: it walks through each field to
bring it into form, and makes objects of what comes back. Here both are JSON already.
"""

from __future__ import annotations

import asyncio
import importlib.util
import io
import json
import urllib.request
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from harness import CallFailed
from harness.privacy.secrets import Secret
from harness_openai.client import (
    connect_seconds,
    cut_off,
    headers,
    late,
    lost,
    not_taken,
    unreached,
)

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from harness_openai.model import OpenAIChat

_BIG = 2**20  # bytes; aiohttp takes more than that as a file alone


class Came(NamedTuple):
    """A whole response, whatever its status."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Posting(Protocol):
    """Sends one body after the other, many at once, from one event loop."""

    async def post(self, body: Mapping[str, Any]) -> Came | CallFailed:
        """What came back, or what core is told where nothing whole did.

        No error goes on from here: those of clients hold the request and with it the key.
        """
        ...

    async def close(self) -> None: ...


def posting(made: AsyncOpenAI, params: OpenAIChat, secret: Secret) -> Posting:
    """The way from here to an endpoint, for one event loop; closing it leaves the client open."""
    if importlib.util.find_spec("aiohttp") is None or _proxied(params):
        return ByClient(made, params, secret)
    return Straight(made, params, secret)


def _proxied(params: OpenAIChat) -> bool:
    """Whether a proxy may stand between: the client knows all that the environment can say of them."""
    return not params.address.loopback and bool({"http", "https", "all"} & urllib.request.getproxies().keys())


class Straight:
    """Sends by aiohttp."""

    def __init__(self, made: AsyncOpenAI, params: OpenAIChat, secret: Secret) -> None:
        import aiohttp
        import httpx2
        from yarl import URL

        self._params, self._secret = params, secret
        url = httpx2.URL(f"{str(made.base_url).rstrip('/')}/chat/completions")
        if made.default_query:
            url = url.copy_merge_params({name: str(value) for name, value in made.default_query.items()})
        self._url = URL(str(url), encoded=True)
        secure = self._url.scheme == "https"
        self._session = aiohttp.ClientSession(
            # No limit: how many requests are at work is core's to say. Certificates are trusted as by the client.
            connector=aiohttp.TCPConnector(limit=0, ssl=httpx2.create_ssl_context() if secure else False),
            headers=headers(made, params, secret),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=connect_seconds(params)),
            trust_env=False,
        )

    async def post(self, body: Mapping[str, Any]) -> Came | CallFailed:
        import aiohttp

        content = json.dumps(body, separators=(",", ":")).encode()
        data = content if len(content) < _BIG else io.BytesIO(content)
        host = self._params.address.host
        try:
            async with (
                asyncio.timeout(self._params.timeout_seconds),
                self._session.post(self._url, data=data, allow_redirects=False) as response,
            ):
                return Came(response.status, response.headers, await response.read())
        except aiohttp.ConnectionTimeoutError:
            return not_taken(host)
        except TimeoutError:
            return late(self._params)
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL, ValueError) as error:
            return unreached(host, error, self._secret)
        except (aiohttp.ClientError, OSError) as error:
            return cut_off(host, error, self._secret)

    async def close(self) -> None:
        await self._session.close()


class ByClient:
    """Sends by the `openai` client."""

    def __init__(self, made: AsyncOpenAI, params: OpenAIChat, secret: Secret) -> None:
        self._params, self._secret, self._made = params, secret, made

    async def post(self, body: Mapping[str, Any]) -> Came | CallFailed:
        import openai

        completions = self._made.chat.completions.with_raw_response
        fields = {name: value for name, value in body.items() if name not in ("model", "messages")}
        try:
            async with asyncio.timeout(self._params.timeout_seconds):
                raw = await completions.create(model=body["model"], messages=body["messages"], extra_body=fields)
        except openai.APIStatusError as error:
            said = error.response
            return Came(said.status_code, said.headers, said.content)
        except (TimeoutError, openai.APITimeoutError) as error:
            waited = type(error.__cause__).__name__ == "ConnectTimeout"
            return not_taken(self._params.address.host) if waited else late(self._params)
        except openai.APIConnectionError as error:
            return lost(error, self._params.address, self._secret)
        return Came(raw.status_code, raw.headers, raw.content)

    async def close(self) -> None:
        pass
