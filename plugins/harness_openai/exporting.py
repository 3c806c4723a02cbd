"""What an endpoint writes for an export: where it is, and how it is asked; the key stays in the environment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness import estimate
from harness.errors import SuiteError
from harness.exportable import ExportTarget, Part
from harness_openai import likelihood, strict
from harness_openai.client import base_url
from harness_openai.problems import TOO_LONG
from harness_openai.strict import is_strict, strictly

if TYPE_CHECKING:
    from harness_openai.model import OpenAIChat


def export_endpoint(model: OpenAIChat, part: Part, tuned: Path | None, target: ExportTarget) -> None:
    """Writes chat.py and its settings.

    Raises:
        SuiteError: It is asked for as something else than a chat model.
    """
    if part != "chat" or tuned is not None:
        raise SuiteError(f"the endpoint's model {model.model!r} can be exported as a chat model alone")
    address = model.address
    asked = target.brief.answer_schema
    openais = model.provided_by in ("openai", "azure")
    sent = strictly(asked) if openais and asked is not None and not is_strict(asked) else None
    target.json(
        "chat.json",
        {
            "model": model.model,
            "base_url": base_url(model),
            "api_version": model.api_version,
            "azure": model.provided_by == "azure",
            "openai": address.provider == "openai",
            "organization": model.organization,
            "project": model.project,
            "key_env": model.key_env,
            "loopback": address.loopback,
            "timeout_seconds": model.timeout_seconds,
            "window": model.window,
            "too_long": TOO_LONG.pattern,
            "structured": model.structured,
            "strict": is_strict(sent or target.brief.answer_schema),
            "schema_sent": None
            if sent is None
            else dict(sent),  # where fields that may be missing are asked for as null
            "logprobs": model.logprobs,
            "limit": "max_completion_tokens" if openais else "max_tokens",
            "extra": dict(model.extra),
        },
    )
    target.code("chat.py", Path(__file__).parent / "templates" / "chat.py")
    target.code("estimate.py", Path(estimate.__file__))
    target.code("likelihood.py", Path(likelihood.__file__))
    target.code("strict.py", Path(strict.__file__))
    target.require("openai")
    target.note(
        f"It asks `{model.model}` at {address.host}, which sees every text and has terms of its own; the key is"
        f" read from the environment variable `{model.key_env}`. A provider may change the model behind a name."
    )
