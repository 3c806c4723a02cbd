r"""From an endpoint's reply to a completion. A reply is taken for what it holds, never for what it should hold.

{"choices": [{"message": {"content": "{\"answer\": \"positive\"}"}, "finish_reason": "stop"}],
 "usage": {"prompt_tokens": 41, "completion_tokens": 6}}
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from harness import CallFailed, Completion, Request, Usage
from harness.estimate import estimated_tokens
from harness.privacy.secrets import Secret
from harness_openai.likelihood import choice_probabilities
from harness_openai.reading import table
from harness_openai.strict import without_nulls

Finish = Literal["stop", "length", "filter", "unknown"]
# OpenAI's own words, and those of Together (eos), Mistral (model_length), Anthropic's and Google's gateways.
_FINISH: Mapping[str, Finish] = {
    **dict.fromkeys(("stop", "eos", "end_turn", "stop_sequence"), "stop"),
    **dict.fromkeys(("length", "model_length", "max_tokens"), "length"),
    **dict.fromkeys(("content_filter", "safety", "recitation", "prohibited_content"), "filter"),
}
_BROKE_OFF = ("error", "abort", "insufficient_system_resource")  # Mistral, vLLM, DeepSeek: the server's fault
_TOOLS = ("tool_calls", "function_call", "tool_use")


class Sent(NamedTuple):
    """What a reply answers.

    Attributes:
        request: The question.
        by_schema: Whether `response_format` went with it.
        name: The model's, for prices.
        input_tokens: Gives an estimate, for an endpoint that does not tell.
        longest: The longest answer that was asked for, in tokens.
        nulls: Whether fields that may be missing were asked for as null.
    """

    request: Request
    by_schema: bool
    name: str
    input_tokens: Callable[[], int]
    longest: int
    nulls: bool = False


def parse(content: bytes, secret: Secret) -> dict[str, Any]:
    """The reply's JSON object.

    Raises:
        CallFailed: `truncated-reply`, where it is the beginning of one; `not-json`, where it is none.
    """
    cut = False
    try:
        body = json.loads(content)
        if b"\\ud" in content.lower():
            body = json.loads(_unicode(json.dumps(body, ensure_ascii=False)))
    except (ValueError, RecursionError) as error:
        body, cut = None, _is_cut(content, error)
    if cut:
        raise _lost("truncated-reply", "the reply is JSON that ends too early")
    if not isinstance(body, dict):
        start = secret.short(content.decode("utf-8", errors="replace"))
        what = f"the reply is not a JSON object but {start!r}" if start else "the reply is empty"
        raise _lost("not-json", f"{what}; is base_url an API, such as …/v1?")
    return body


def _is_cut(content: bytes, error: Exception) -> bool:
    """Whether JSON was going well until it ended."""
    begun = content.lstrip()[:1] in (b"{", b"[")
    if not begun or not isinstance(error, json.JSONDecodeError):
        return begun and isinstance(error, UnicodeDecodeError) and error.reason == "unexpected end of data"
    left = error.doc[error.pos :].strip()
    in_a_word = any(word.startswith(left) for word in ("true", "false", "null", "-"))
    return in_a_word or error.msg.startswith(("Unterminated string", "Invalid \\uXXXX escape"))


def completion(body: Mapping[str, Any], sent: Sent, secret: Secret) -> Completion:
    """The completion that a reply holds, without its seconds and request id.

    Raises:
        CallFailed: It holds none. `no-choices`, `no-text`, `tool-call` or `server` for a reply without an answer;
            `refused` where the model says that it will not answer; `content-filter` where the provider took the
            answer away; `empty-at-length` where all tokens went before the answer began.
    """
    choice = _first_choice(body)
    message = choice.get("message")
    if not isinstance(message, dict):
        raise _without_choices(body, sent)
    told = finish_word(body)
    finish = _FINISH.get(told.casefold(), "unknown")
    text, said_no = message.get("content"), message.get("refusal")
    if isinstance(text, list):  # Mistral's thinking models, and gateways, give parts
        text = _joined(text)
    usage = _usage(body.get("usage"), sent, f"{text or ''}{said_no or ''}")
    if told.casefold() in _BROKE_OFF:
        raise _lost("server", f"the endpoint broke off: finish_reason {told!r}", usage)
    if isinstance(said_no, str) and said_no and not text:
        raise CallFailed("refused", f"the model refused: {secret.short(said_no)}", usage=usage)
    if not isinstance(text, str) or not text.strip():
        _raise_for_nothing(told, body, usage, sent)
    if not isinstance(text, str):
        raise _lost("no-text", "the reply's message has no text", usage)
    text = secret.hide(_unicode(text))
    answer = _unwrapped(text, sent)
    logprobs = choice.get("logprobs")
    probabilities = None
    if sent.request.choices and isinstance(logprobs, dict):
        opening = None if answer is None else re.search(r'"answer"\s*:\s*"', text)
        begins = opening.end() if opening else 0
        probabilities = choice_probabilities(logprobs.get("content"), begins, sent.request.choices)
    return Completion(
        text=text if answer is None else answer,
        probabilities=probabilities,
        asked="text" if answer is None else "schema",
        finish=finish,
        usage=usage,
        served=_word(body.get("model"), secret),
        fingerprint=_word(body.get("system_fingerprint"), secret),
    )


def finish_word(body: Mapping[str, Any]) -> str:
    """The endpoint's own word for why the answer ended; empty where it gives none."""
    told = _first_choice(body).get("finish_reason")
    return told if isinstance(told, str) else ""


def _first_choice(body: Mapping[str, Any]) -> dict[str, Any]:
    """Empty where there is none."""
    choices = body.get("choices")
    return table(choices[0]) if isinstance(choices, list) and choices else {}


def is_known(finish: str) -> bool:
    """Whether a word for why an answer ended is one that the harness can tell."""
    return finish.casefold() in _FINISH or finish.casefold() in _TOOLS


def _raise_for_nothing(told: str, body: Mapping[str, Any], usage: Usage, sent: Sent) -> None:
    """For a reply without text: says what happened where its other fields tell, else returns."""
    finish = _FINISH.get(told.casefold())
    if finish == "filter":
        raise CallFailed("content-filter", "the provider's filter took the answer away", usage=usage)
    if finish == "length":
        raise CallFailed("empty-at-length", _used_up(body, usage, sent), usage=usage)
    if told.casefold() in _TOOLS:
        raise CallFailed(
            "tool-call", "the model called a tool instead of answering, and was given none", usage=usage
        )


def _used_up(body: Mapping[str, Any], usage: Usage, sent: Sent) -> str:
    details = table(table(body.get("usage")).get("completion_tokens_details"))
    thoughts = _count(details.get("reasoning_tokens"))
    on = f", {thoughts:,} of them on reasoning" if thoughts else ""
    return (
        f"nothing was answered: {usage.output_tokens:,} tokens were used up before the answer began{on}. Raise the"
        f" task's max_output_tokens ({sent.longest:,} were allowed), or ask for less reasoning, such as"
        " `extra: {reasoning_effort: low}`"
    )


def _without_choices(body: Mapping[str, Any], sent: Sent) -> CallFailed:
    filtered = body.get("prompt_filter_results")  # Azure says here why there is none
    if isinstance(filtered, list) and '"filtered": true' in json.dumps(filtered):
        return CallFailed(
            "content-filter", "the provider's filter refused the prompt", usage=_usage(body.get("usage"), sent, "")
        )
    told = None if body.get("usage") is None else _usage(body.get("usage"), sent, "")
    return _lost("no-choices", "the reply has no choices", told)


def _joined(parts: list[Any]) -> str | None:
    """The text of an answer in parts, thoughts left out; None where no part is one."""
    texts = [part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]
    return "".join(texts) if texts else None


def _word(told: object, secret: Secret) -> str | None:
    """A name that the endpoint gave, as one short line; None where it gave none."""
    return secret.short(_unicode(told)) or None if isinstance(told, str) else None


def _unwrapped(text: str, sent: Sent) -> str | None:
    """The answer inside the JSON that the schema asked for; None where the endpoint did not heed the schema."""
    if not sent.by_schema:
        return None
    found = re.search(r"\{.*\}", text, flags=re.DOTALL)
    try:
        held = json.loads(found.group()) if found else None
    except (ValueError, RecursionError):
        held = None
    if not isinstance(held, dict) or found is None:
        return None
    if not sent.request.choices:
        schema = sent.request.answer_schema
        plain = without_nulls(held, schema) if sent.nulls and schema is not None else held
        return found.group() if plain == held else json.dumps(plain, ensure_ascii=False)
    answer = held.get("answer")
    return _unicode(answer) if isinstance(answer, str) else None


def _usage(told: object, sent: Sent, text: str) -> Usage:
    """Tokens as the endpoint counts them, else estimated: a call that it does not count is not free.

    Tokens of reasoning stand in `completion_tokens` already; a few endpoints leave them out of it, and their
    total tells.
    """
    counts = table(told)
    read, written = _count(counts.get("prompt_tokens")), _count(counts.get("completion_tokens"))
    total = _count(counts.get("total_tokens"))
    if read is not None and written is not None and total is not None:
        written = max(written, total - read)
    read = sent.input_tokens() if read is None else read
    return Usage(
        model=sent.name,
        input_tokens=read,
        cached_tokens=min(_cached(counts), read),
        output_tokens=estimated_tokens(text) if written is None else written,
    )


def _cached(counts: Mapping[str, Any]) -> int:
    """Tokens of the prompt that were billed as cached: OpenAI's field, DeepSeek's, Moonshot's and Together's."""
    for told in (
        table(counts.get("prompt_tokens_details")).get("cached_tokens"),
        counts.get("prompt_cache_hit_tokens"),
        counts.get("cached_tokens"),
    ):
        if (count := _count(told)) is not None:
            return count
    return 0


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _unicode(text: str) -> str:
    """Half a surrogate pair (an answer cut inside an emoji) becomes U+FFFD: it could not be written to disk."""
    return text.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")


def _lost(kind: str, message: str, usage: Usage | None = None) -> CallFailed:
    """For a 200 that holds no answer: billed all the same, or so it must be thought."""
    return CallFailed(kind, message, retry=True, usage=usage, billed=True)
