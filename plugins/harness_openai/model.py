"""What a suite may say about an endpoint.

models:
  mini: {use: openai, with: {model: gpt-5-mini}}
  mine: {use: openai, with: {model: llama, base_url: "http://localhost:8000/v1"}}
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from harness import Model, Opened
from harness.errors import ModelError
from harness.exportable import ExportTarget, Part
from harness.models import Role
from harness.privacy.keys import KeySource
from harness_openai.address import OFFICIAL, Address, Provider, read
from harness_openai.deployment import Deployment

Structured = Literal["auto", "schema", "text"]

# What the harness itself sets in a request's body.
_OWN = frozenset(
    {"model", "messages", "n", "stream", "response_format", "max_tokens", "max_completion_tokens"}
    | {"temperature", "logprobs", "top_logprobs"}
)


class OpenAIChat(Model):
    """A chat model behind any endpoint that speaks OpenAI's chat completions.

    A field that the endpoint refuses (`response_format`, `temperature`, `max_tokens`, `logprobs`) is left out or
    said in its other way from then on, and a log line says so: a reasoning model answers at its own temperature.
    Its thoughts count as output: give the task a `max_output_tokens` that holds them too.
    """

    roles: ClassVar[frozenset[Role]] = frozenset({"chat"})
    local: ClassVar[bool] = False

    model: str = Field(min_length=1, description="The model's name, as the endpoint knows it.")
    base_url: str | None = Field(
        None, description="The endpoint; without it OPENAI_BASE_URL of the environment, else OpenAI's own."
    )
    key_env: str = Field(
        "OPENAI_API_KEY", description="The environment variable that holds the key; never the key itself."
    )
    key_keyring: str | None = Field(
        None, description="Where the system's keyring has the key, as `service/user`; needs `harness[keyring]`."
    )
    key_command: str | Sequence[str] | None = Field(
        None,
        description='A command that prints the key, such as ["op", "read", "op://work/openai/key"]; one line goes '
        "through the shell, a list does not.",
    )
    provider: Literal["auto", "openai", "azure", "together", "fireworks", "mistral", "other"] = Field(
        "auto",
        description="Who provides it: prices, limits and fine-tuning go by that. Without it the host tells; name "
        "it for a gateway or a server of your own that stands for one of them.",
    )
    deployment: Deployment | None = Field(
        None, description="Where a model tuned from it is to answer: for Azure, Fireworks and Together."
    )
    api_version: str | None = Field(
        None, description="Of Azure's dated API, such as 2024-10-21; without it Azure's v1 API is asked."
    )
    priced_as: str | None = Field(
        None, description="The model's name in price lists, where `model` is a deployment's name or your own."
    )
    window: int = Field(128_000, ge=1, description="The longest prompt and answer together, in tokens.")
    timeout_seconds: float = Field(120.0, gt=0, le=3600, description="How long one attempt may take.")
    structured: Structured = Field(
        "auto",
        description="How an answer is held to its choices or schema: by response_format (schema), by asking "
        "alone (text), or by response_format until the endpoint refuses it (auto).",
    )
    logprobs: Literal["auto", "off"] = Field(
        "auto", description="Whether closed questions ask for token probabilities, where the endpoint gives them."
    )
    batch: bool = Field(
        False,
        description="Whether all that is not timed goes by the provider's batch API: for about half the price, "
        "within a day. OpenAI and Azure.",
    )
    batch_model: str | None = Field(
        None, description="What takes the batches where that has another name: Azure's Global Batch deployment."
    )
    extra: Mapping[str, JsonValue] = Field(
        {}, description="More fields of the request's body, such as seed, top_p or reasoning_effort."
    )
    organization: str | None = Field(None, description="OpenAI's organization id, where a key has several.")
    project: str | None = Field(None, description="OpenAI's project id, where a key has several.")

    @field_validator("key_env", mode="after")
    @classmethod
    def _names_a_variable(cls, value: str) -> str:
        # The value is not shown: whoever errs here may have pasted the key.
        if not value.replace("_", "").isalnum() or value != value.upper() or value[0].isdigit():
            raise ValueError(
                "key_env is the name of an environment variable in capitals, such as OPENAI_API_KEY, never a key"
            )
        return value

    @field_validator("key_keyring", mode="after")
    @classmethod
    def _names_an_entry(cls, value: str | None) -> str | None:
        if value is not None and not all(value.rpartition("/")[::2]):
            raise ValueError("key_keyring names an entry of the keyring as service/user, such as openai/me")
        return value

    @field_validator("key_command", mode="after")
    @classmethod
    def _is_a_command(cls, value: str | Sequence[str] | None) -> str | Sequence[str] | None:
        if value is not None and not (value.strip() if isinstance(value, str) else value and value[0].strip()):
            raise ValueError("key_command is empty")
        return value

    @model_validator(mode="after")
    def _says_one_place_for_the_key(self) -> Self:
        said = sorted({"key_env", "key_keyring", "key_command"} & self.model_fields_set)
        said = [name for name in said if getattr(self, name) is not None]
        if len(said) > 1:
            raise ValueError(f"{' and '.join(said)} name several places for one key: keep one of them")
        return self

    @model_validator(mode="after")
    def _says_which_api_of_azure(self) -> Self:
        where = None if self.base_url is None else read(self.base_url)
        if where and where.provider == "azure" and where.path in ("", "/openai") and self.api_version is None:
            raise ValueError(f"base_url of Azure's v1 API is https://{where.host}/openai/v1/")
        return self

    @model_validator(mode="after")
    def _says_who_takes_batches(self) -> Self:
        if self.batch_model is not None and not self.batch:
            raise ValueError(
                f"batch_model {self.batch_model!r} takes batches, and there are none: add `batch: true`"
            )
        told = self.base_url is not None or self.provider != "auto"
        if told and self.without_batches is not None:  # else OPENAI_BASE_URL of the run tells
            raise ValueError(self.without_batches)
        return self

    @field_validator("base_url", mode="after")
    @classmethod
    def _is_a_url(cls, value: str | None) -> str | None:
        if value is not None:
            read(value)
        return value

    @field_validator("extra", mode="after")
    @classmethod
    def _leaves_the_request_alone(cls, value: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        taken = sorted(_OWN & set(value))
        if taken:
            raise ValueError(f"extra may not set {', '.join(map(repr, taken))}: the harness sets them itself")
        return value

    @property
    def address(self) -> Address:
        """Where requests go.

        Raises:
            ModelError: OPENAI_BASE_URL is not a URL.
        """
        url = self.base_url or os.environ.get("OPENAI_BASE_URL", "").strip() or OFFICIAL
        try:
            return read(url)
        except ValueError as error:
            raise ModelError(f"OPENAI_BASE_URL of the environment: {error}") from error

    @property
    def key(self) -> KeySource:
        """Where the key comes from; it is read when a request first needs it."""
        address = self.address
        return KeySource(
            env=self.key_env,
            keyring=self.key_keyring,
            command=self.key_command,
            owner=address.host,
            optional=address.loopback,
        )

    def check(self) -> None:
        if importlib.util.find_spec("openai") is None:
            raise ModelError(self._without_client)
        self.key.read()

    @property
    def _without_client(self) -> str:
        return f"the model {self.model!r} needs the openai package: pip install 'harness[openai]'"

    @property
    def provided_by(self) -> Provider:
        """Who provides it: what the suite says, else what the host tells.

        Raises:
            ModelError: OPENAI_BASE_URL is not a URL.
        """
        return self.address.provider if self.provider == "auto" else self.provider

    @property
    def without_batches(self) -> str | None:
        """What is wrong with asking its provider by the batch; None where that can be done."""
        if not self.batch or self.provided_by in ("openai", "azure"):
            return None
        return (
            f"`batch: true` works with OpenAI's and Azure's batch API, and {self.address.host} is neither: set"
            " `batch: false`, or `provider: openai` for a server that speaks OpenAI's"
        )

    @property
    def seller(self) -> str:
        """What the names of its models begin with where prices are looked up: the provider, else the host."""
        return self.address.host if self.provided_by == "other" else self.provided_by

    def export(self, part: Part, tuned: Path | None, target: ExportTarget) -> None:
        from harness_openai.exporting import export_endpoint

        export_endpoint(self, part, tuned, target)

    def reaches(self) -> str | None:
        told = self.deployment
        places = [self.address, *([read(told.manager)] if told is not None and told.managed else [])]
        return next((place.host for place in places if not place.loopback), None)

    @contextmanager
    def open(self) -> Iterator[Opened]:
        try:
            import openai  # noqa: F401  (takes most of a second, and only this needs it)
        except ImportError as error:
            raise ModelError(self._without_client) from error
        from harness_openai.batching import chat_endpoint
        from harness_openai.tuning import tuning_of

        endpoint, tuning = chat_endpoint(self, self.key), tuning_of(self, self.key)
        try:
            yield Opened(endpoint=endpoint, tuning=tuning)
        finally:
            endpoint.release()
            if tuning is not None:
                tuning.release()
