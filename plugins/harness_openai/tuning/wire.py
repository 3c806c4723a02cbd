"""One attempt at a provider's fine-tuning API: what it answered, or what core is told about its refusal.

GET /fine_tuning/jobs/ftjob-1      {"status": "running"}
POST /fine_tuning/jobs  403        CallFailed, kind "auth", without the key
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from harness import CallFailed
from harness.privacy.secrets import Secret
from harness_openai.address import read
from harness_openai.client import NO_KEY, TOKEN, forget_openais
from harness_openai.problems import Refusal, failed, refused
from harness_openai.reading import rows
from harness_openai.reply import parse

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI

    from harness.privacy.keys import KeySource
    from harness_openai.model import OpenAIChat

Method = Literal["GET", "POST", "PUT", "DELETE"]
_PAGES = 1000  # a list that is longer repeats itself


class Rejected(CallFailed):
    """A refusal, with what the provider said."""

    def __init__(self, found: CallFailed, said: Refusal) -> None:
        super().__init__(found.kind, str(found), retry=found.retry, after=found.after, fatal=found.fatal)
        self.said = said


class Form(NamedTuple):
    """A file to send, and the fields beside it.

    Attributes:
        fields: Such as ``purpose``.
        name: What the provider is to call it.
        path: Where it is.
        opening: Bytes that go before its own.
    """

    fields: Mapping[str, str]
    name: str
    path: Path
    opening: bytes = b""


class Wire:
    """A provider's API, through the `openai` client with its retries off.

    Args:
        params: What the suite says.
        key: Where the key comes from; it is read when something is first sent.
        url: Where the API begins.
        key_env: Where that key comes from, for advice.
        header: Where the key goes instead of `Authorization`; a login's token goes there all the same.
    """

    def __init__(
        self,
        params: OpenAIChat,
        key: KeySource | Secret,
        url: str,
        *,
        key_env: str | None = None,
        header: str | None = None,
    ) -> None:
        self._params = params
        self._key = key
        self._address = read(url)
        self._key_env = key_env or ("its place" if isinstance(key, Secret) else key.place)
        self._header = header
        self._client: OpenAI | None = None

    @property
    def secret(self) -> Secret:
        return self._key if isinstance(self._key, Secret) else self._key.read()

    def json(
        self,
        method: Method,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The object that the provider answers with.

        Raises:
            CallFailed: One attempt's failure; `Rejected` where the provider said why.
        """
        reply = self._send(method, path, body=body, query=query)
        return parse(reply.content, self.secret) if reply.content.strip() else {}

    def content(self, path: str) -> bytes:
        """A file's bytes."""
        return self._send("GET", path).content

    def upload(self, path: str, form: Form) -> dict[str, Any]:
        """Sends a file as a form.

        Raises:
            CallFailed: Of kind ``file`` where it is the file that is refused.
        """
        try:
            with form.path.open("rb") as source:
                content = form.opening + source.read() if form.opening else source
                file = (form.name, content, "application/jsonl")
                reply = self._send("POST", path, body=dict(form.fields), files=[("file", file)])
        except Rejected as error:
            if error.kind in ("bad-request", "too-long"):
                raise CallFailed("file", f"{error.said.message} (HTTP {error.said.status})") from None
            raise
        return parse(reply.content, self.secret) if reply.content.strip() else {}

    def pages(
        self, path: str, query: Mapping[str, str] | None = None, *, size: int = 100
    ) -> Iterator[dict[str, Any]]:
        """Rows of a list that goes on `after` the last of a page, as OpenAI's do."""
        after: str | None = None
        for _ in range(_PAGES):
            asked = {"limit": str(size), **(query or {})} | ({"after": after} if after else {})
            page = self.json("GET", path, query=asked)
            found = rows(page.get("data"))
            yield from found
            last = found[-1].get("id") if found else None
            if page.get("has_more") is not True or not isinstance(last, str) or last == after:
                return
            after = last

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _send(
        self,
        method: Method,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        files: Any = None,
    ) -> httpx2.Response:
        """No error of the client's goes on from here: they hold the request and with it the key."""
        import httpx2
        import openai

        send = {"GET": self._open().get, "POST": self._open().post, "PUT": self._open().put,
                "DELETE": self._open().delete}[method]  # fmt: skip
        more: dict[str, Any] = {} if method == "GET" else {"body": body}
        headers: dict[str, Any] = {}
        key = self.secret.reveal()
        if self._header and not key.startswith(TOKEN):
            headers = {self._header: key, "Authorization": openai.Omit()}
        if files is not None:
            more["files"] = files
            headers["Content-Type"] = "multipart/form-data"
        options = {"params": dict(query or {}), "headers": headers}
        trouble: CallFailed
        try:
            found: httpx2.Response = send(path, cast_to=httpx2.Response, options=options, **more)  # type: ignore[operator]
        except openai.APIStatusError as error:
            said = refused(error, self.secret)
            trouble = Rejected(self._failed(said), said)
        except openai.APITimeoutError:
            limit = f"{self._params.timeout_seconds:g}"
            # What was sent may have taken effect all the same: it is looked for before it is sent again.
            trouble = CallFailed(
                "timeout", f"no answer in {limit} s (timeout_seconds)", retry=True, billed=method == "POST"
            )
        except openai.APIConnectionError as error:
            why = self.secret.short(str(error.__cause__ or error))
            message = f"{self._address.host} cannot be reached: {why}"
            trouble = CallFailed("connection", message, retry=True, billed=method == "POST")
        else:
            return found
        raise trouble

    def _failed(self, said: Refusal) -> CallFailed:
        if said.status == 404:
            return CallFailed("not-found", f"HTTP 404: {said.message}")
        return failed(said, self._params.model, self._key_env)

    def _open(self) -> OpenAI:
        import openai

        if self._client is None:
            self._client = openai.OpenAI(
                api_key=self.secret.reveal() or NO_KEY,
                base_url=self._address.url,
                organization=self._params.organization,
                project=self._params.project,
                max_retries=0,
                timeout=self._params.timeout_seconds,
                # A redirect or a proxy would carry rows off this machine unasked.
                http_client=openai.DefaultHttpxClient(
                    follow_redirects=False,
                    trust_env=not self._address.loopback,
                    verify=not self._address.url.startswith("http:"),  # certificates take a third of a second
                ),
            )
            forget_openais(self._client, self._params, self._address)
        return self._client
