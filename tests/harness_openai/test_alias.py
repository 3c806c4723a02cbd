from __future__ import annotations

import pytest

from harness_openai.alias import is_alias, warning
from harness_openai.model import OpenAIChat


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        (True, "gpt-4.1-mini"),
        (True, "gpt-4o"),
        (True, "gpt-3.5-turbo-16k"),
        (True, "chatgpt-4o-latest"),
        (True, "mistral-large-latest"),
        (True, "meta-llama/Llama-3.3-70B-Instruct-Turbo"),
        (True, "accounts/fireworks/models/gpt-oss-120b"),
        (True, "o3"),
        (False, "gpt-4.1-mini-2025-04-14"),
        (False, "gpt-4-0613"),
        (False, "gpt-3.5-turbo-0125"),
        (False, "mistral-large-2411"),
        (False, "claude-sonnet-4-20250514"),
        (False, "deepseek-r1-0528"),
        (False, "gemini-1.5-pro-002"),
        (False, "ft:gpt-4.1-mini:org::AbC"),
        (False, "Qwen/Qwen3-8B@9c925d64d72725edaf899c6cb9c377fd0709d9c5"),
    ],
)
def test_a_name_without_a_day_or_revision_is_an_alias(alias: bool, name: str) -> None:
    assert alias is is_alias(name)


OFFICIAL = {"base_url": "https://api.openai.com/v1"}
AZURE = {"base_url": "https://mine.openai.azure.com/openai/v1/"}
HERE = {"base_url": "http://127.0.0.1:8000/v1"}


@pytest.mark.parametrize(
    ("said", "model", "where", "served"),
    [
        (
            "gpt-4.1-mini is an alias: the provider may change what answers; it said gpt-4.1-mini-2025-04-14",
            "gpt-4.1-mini",
            OFFICIAL,
            "gpt-4.1-mini-2025-04-14",
        ),
        (
            "o3 is an alias: the provider may change what answers, and does not say what did",
            "o3",
            OFFICIAL,
            "o3",
        ),
        ("my-2411 is an alias: the provider may change what answers; it said gpt-4o", "my-2411", AZURE, "gpt-4o"),
        (None, "gpt-4.1-mini-2025-04-14", OFFICIAL, "gpt-4.1-mini-2025-04-14"),
        (None, "llama", HERE, "llama-3"),
    ],
)  # fmt: skip
def test_an_alias_is_told_with_what_answered(
    said: str | None, model: str, where: dict[str, str], served: str
) -> None:
    assert said == warning(OpenAIChat(model=model, base_url=where["base_url"]), served)
