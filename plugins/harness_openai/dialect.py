"""What of OpenAI's request an endpoint takes, learnt from what it refuses.

    400 "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' …"
    400 "Unsupported value: 'temperature' does not support 0 with this model."
    400 "response_format is not supported by this backend"

A refused field is left out, or said in its other way, from then on. A refusal costs nothing and is no answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from harness.models import Request
from harness_openai.problems import Refusal, too_long
from harness_openai.strict import is_strict, strictly

if TYPE_CHECKING:
    from harness_openai.model import OpenAIChat

# A value out of its range is another matter: leaving the field out would change what was asked for.
_REFUSED = re.compile(
    r"unsupported|(not|n.t) (currently )?support|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed"
    r"|unavailable|not available|extra",
    re.IGNORECASE,
)
_SCHEMA = re.compile(r"response[_ ]?format|json[_ ]?schema|structured[_ ]?output|guided", re.IGNORECASE)
# OpenAI's structured outputs: values of an enum, and letters of all of them together where they are many.
_ENUM_MOST, _ENUM_MANY, _ENUM_LETTERS = 1000, 250, 15_000
_ALTERNATIVES = 20  # top_logprobs: the most that OpenAI takes
_FEWER = 5  # and that others do: Fireworks, vLLM as it comes
# Strict mode takes a part of JSON schema; what is complained of may be allowed in the loose form.
_OF_THE_SCHEMA = re.compile(r"invalid[_ ](json[_ ])?schema|\bstrict\b", re.IGNORECASE)


@dataclass
class Dialect:
    """The fields that an endpoint takes.

    Attributes:
        schema: Whether answers are held by `response_format`.
        schema_may_go: Whether a refusal of `response_format` changes to asking in text.
        logprobs: Whether closed questions ask for token probabilities.
        strict: Whether schemas go as strict ones.
        optional_as_null: Whether an object's optional fields are asked for as null, which strict mode wants.
        alternatives: How many likeliest tokens are asked for.
        temperature: Whether it is sent.
        limit: What the longest answer is called.
    """

    schema: bool
    schema_may_go: bool
    logprobs: bool
    temperature: bool = True
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    strict: bool = True
    optional_as_null: bool = False
    alternatives: int = _ALTERNATIVES

    def body(self, model: str, request: Request, extra: Mapping[str, Any]) -> dict[str, Any]:
        """The request as the endpoint gets it."""
        body: dict[str, Any] = {
            "model": model,
            "messages": [{"role": m.role, "content": m.content} for m in request.messages],
            self.limit: longest(request) if self.schema else request.max_tokens,
        }
        if self.temperature:
            body["temperature"] = request.temperature
        schema: Mapping[str, Any] | None = answer_schema(request) if self.schema else None
        if schema is not None:
            if self.strict and self.optional_as_null:
                schema = strictly(schema) or schema
            strict = self.strict and is_strict(schema)
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": strict, "schema": schema},
            }
        if self.logprobs and request.choices:
            body |= {"logprobs": True, "top_logprobs": self.alternatives}
        return body | dict(extra)

    def adapt(self, body: Mapping[str, Any], refusal: Refusal) -> str | None:
        """Learns from a refusal.

        Returns:
            The field that was refused and that the next body says otherwise; None where it is none of these.
        """
        if refusal.status not in (400, 403, 422) or too_long(refusal):
            return None
        field = next((name for name in FIELDS if name in body and names(name, refusal)), None)
        refused = _REFUSED.search(f"{refusal.code} {refusal.message}") is not None
        if field == "response_format":
            if body[field]["json_schema"]["strict"] and _OF_THE_SCHEMA.search(f"{refusal.code} {refusal.message}"):
                self.strict = False
                return "the schema's strict form"
            if not self.schema_may_go:
                return None
            self.schema = False
        elif field == "logprobs":  # they are a help alone: whatever is wrong with them, the answer is the same
            if not refused and self.alternatives > _FEWER:
                self.alternatives = _FEWER
                return f"more than {_FEWER} logprobs"
            self.logprobs = False
        elif field is None or not refused:
            return None
        elif field == "temperature":
            self.temperature = False
        else:
            self.limit = "max_tokens" if field == "max_completion_tokens" else "max_completion_tokens"
        return field


def spoken_with(params: OpenAIChat) -> Dialect:
    """How an endpoint is spoken with at first, before it refused anything."""
    openais = params.provided_by in ("openai", "azure")
    return Dialect(
        schema=params.structured != "text",
        schema_may_go=params.structured == "auto",
        logprobs=params.logprobs == "auto",
        # OpenAI itself calls the older name deprecated, and others know only that.
        limit="max_completion_tokens" if openais else "max_tokens",
        # They hold an answer to a schema in its strict form alone.
        optional_as_null=openais,
        alternatives=_FEWER if params.provided_by == "fireworks" else _ALTERNATIVES,
    )


FIELDS = ("logprobs", "temperature", "max_tokens", "max_completion_tokens", "response_format")


def names(field: str, refusal: Refusal) -> bool:
    """Whether a refusal is about this field of the request."""
    if refusal.param:
        return refusal.param.replace("top_", "").partition(".")[0] == field
    if field == "response_format":
        return _SCHEMA.search(refusal.message) is not None
    return re.search(rf"\b(top_)?{field}\b", refusal.message) is not None


def answer_schema(request: Request) -> dict[str, Any] | None:
    """What the answer must satisfy, as a JSON schema whose root is an object; None where all is allowed.

    Choices that are too many for an enum are asked for in text alone, and what comes back is read as text.
    """
    if request.choices and not _enumerable(request.choices):
        return None
    if request.choices:
        return {
            "type": "object",
            "properties": {"answer": {"type": "string", "enum": list(request.choices)}},
            "required": ["answer"],
            "additionalProperties": False,
        }
    return None if request.answer_schema is None else dict(request.answer_schema)


def _enumerable(choices: Sequence[str]) -> bool:
    """Whether OpenAI's strict mode takes so many in an enum."""
    return len(choices) <= _ENUM_MOST and (len(choices) <= _ENUM_MANY or sum(map(len, choices)) <= _ENUM_LETTERS)


def longest(request: Request) -> int:
    """Tokens to allow: JSON round a choice is longer than the choice, and cut short it would be no answer."""
    if not request.choices:
        return request.max_tokens
    choice = max(len(json.dumps(choice)) for choice in request.choices)
    return max(request.max_tokens, choice + 16)
