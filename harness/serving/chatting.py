"""POST /v1/chat/completions: OpenAI's request to ours, and our completion to OpenAI's.

The model behind the strategy is asked with the caller's own messages: a tuned one with its adapter, and without
the task's prompt, which /predict adds.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.extraction.canonical import parse
from harness.extraction.schema import validity, what_is_wrong
from harness.models import ChatModel, Completion, Request
from harness.records import Failed, Message
from harness.serving.limits import Limits
from harness.serving.refusing import Refused, misread

_ROLES: dict[str, Literal["system", "user", "assistant"]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
# Fields that change an answer and that are not served; each may be sent with the value that changes nothing.
_NEUTRAL: dict[str, tuple[object, ...]] = {
    "n": (1,),
    "stream": (False,),
    "stop": ([],),
    "tools": ([],),
    "functions": ([],),
    "top_p": (1,),
    "logprobs": (False,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "logit_bias": ({},),
}


class _Part(BaseModel):
    type: Literal["text"]
    text: str


class _Turn(BaseModel):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[_Part]


class Body(BaseModel):
    """What is read of a request; fields that change no answer (`user`, `metadata`, …) are passed over."""

    model_config = ConfigDict(extra="allow")

    model: str
    messages: list[_Turn] = Field(min_length=1)
    max_tokens: int | None = Field(None, ge=1, lt=1 << 31)
    max_completion_tokens: int | None = Field(None, ge=1, lt=1 << 31)
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    seed: int | None = Field(None, ge=-(1 << 63), lt=1 << 63)
    response_format: dict[str, Any] | None = None


def request(body: object, name: str, limits: Limits) -> Request:
    """The request of a body.

    Args:
        body: As JSON has it.
        name: What the model is called here.
        limits: What is too much.

    Raises:
        Refused: Something is wrong with it, or is not served.
    """
    try:
        asked = Body.model_validate(body)
    except ValidationError as error:
        raise misread(error) from None
    if asked.model != name:
        raise Refused(404, f"no model {asked.model!r}; there is: {name}", param="model", code="model_not_found")
    for field, value in (asked.model_extra or {}).items():
        if field in _NEUTRAL and value is not None and value not in _NEUTRAL[field]:
            raise Refused(400, f"{field}: {value!r} is not served here: leave it out", param=field)
    messages = tuple(Message(role=_ROLES[turn.role], content=_text(turn)) for turn in asked.messages)
    characters = sum(len(message.content) for message in messages)
    if characters > limits.characters:
        said = f"messages of {characters:,} characters: at most {limits.characters:,} are taken"
        raise Refused(413, said, param="messages", code="too_long")
    if messages[-1].role != "user":
        raise Refused(
            400, f"the last message is of role {messages[-1].role!r}: it must be the user's", param="messages"
        )
    return Request(
        messages=messages,
        answer_schema=_schema(asked.response_format),
        max_tokens=asked.max_completion_tokens or asked.max_tokens or 256,
        temperature=asked.temperature or 0.0,
        sample=asked.seed or 0,
    )


def _text(turn: _Turn) -> str:
    return turn.content if isinstance(turn.content, str) else "".join(part.text for part in turn.content)


def _schema(wanted: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    kind = (wanted or {}).get("type", "text")
    if wanted is None or kind == "text":
        return None
    named = wanted.get("json_schema")
    schema = named.get("schema") if isinstance(named, dict) else None
    if kind != "json_schema" or not isinstance(schema, dict):
        raise Refused(
            400, f"response_format of type {kind!r}: text and json_schema are served", param="response_format"
        )
    if wrong := what_is_wrong(schema):
        raise Refused(400, f"response_format: {wrong}", param="response_format")
    return schema


def complete(model: ChatModel, asked: Request, name: str) -> dict[str, object]:
    """The model's completion in OpenAI's shape.

    Raises:
        Refused: The model cannot answer this request.
    """
    completion = next(iter(model.complete([asked]))).completion
    if isinstance(completion, Failed):
        code = "context_length_exceeded" if completion.kind == "too-long" else completion.kind
        raise Refused(400, completion.error, param="messages", code=code)
    if asked.answer_schema is not None and not _held(completion, asked.answer_schema):
        said = "response_format: the model cannot be held to this schema, and its answer does not satisfy it"
        raise Refused(400, said, param="response_format", code="schema_not_held")
    return _shaped(completion, name)


def _held(completion: Completion, schema: Mapping[str, Any]) -> bool:
    """Whether an answer keeps to a schema: it could give nothing else, or it satisfies it all the same."""
    if completion.asked == "schema":
        return True
    try:
        return validity(schema)(parse(completion.text)) is None
    except ValueError:
        return False


def _shaped(completion: Completion, name: str) -> dict[str, object]:
    usage = completion.usage
    return {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": name,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": completion.text, "refusal": None},
                "finish_reason": "length" if completion.finish == "length" else "stop",
                "logprobs": None,
            }
        ],
        "usage": {
            "prompt_tokens": usage.input_tokens,
            "completion_tokens": usage.output_tokens,
            "total_tokens": usage.input_tokens + usage.output_tokens,
        },
    }


def models(name: str | None) -> dict[str, object]:
    """GET /v1/models."""
    listed = [{"id": name, "object": "model", "created": 0, "owned_by": "harness"}] if name else []
    return {"object": "list", "data": listed}
