from __future__ import annotations

import pytest

from harness_openai.address import Provider, read
from harness_openai.model import OpenAIChat


@pytest.mark.parametrize(
    ("provider", "url"),
    [
        ("openai", "https://api.openai.com/v1"),
        ("openai", "https://eu.api.openai.com/v1"),
        ("azure", "https://mine.openai.azure.com/openai/v1/"),
        ("azure", "https://mine.services.ai.azure.com/openai/v1"),
        ("azure", "https://Mine.Cognitiveservices.Azure.com/openai/v1"),
        ("together", "https://api.together.xyz/v1"),
        ("together", "https://api.together.ai/v1"),
        ("fireworks", "https://api.fireworks.ai/inference/v1"),
        ("mistral", "https://api.mistral.ai/v1"),
        ("other", "https://api.deepseek.com"),
        ("other", "https://api.openai.com.example.org/v1"),
        ("other", "https://notapi.openai.company/v1"),
        ("other", "http://127.0.0.1:8000/v1"),
    ],
)
def test_the_host_tells_who_provides_a_model(provider: Provider, url: str) -> None:
    assert provider == read(url).provider
    assert provider == OpenAIChat(model="m", base_url=url).provided_by


def test_the_suite_may_say_who_a_gateway_stands_for() -> None:
    mine = OpenAIChat(model="m", base_url="http://127.0.0.1:8000/v1", provider="together")
    assert "together" == mine.provided_by
    assert mine.reaches() is None


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("openai/m", {}),
        ("azure/m", {"base_url": "https://mine.openai.azure.com/openai/v1/"}),
        ("fireworks/m", {"base_url": "http://127.0.0.1:8000/v1", "provider": "fireworks"}),
        ("127.0.0.1:8000/m", {"base_url": "http://127.0.0.1:8000/v1"}),
    ],
)
def test_prices_go_by_the_provider(name: str, params: dict[str, str]) -> None:
    with OpenAIChat.model_validate({"model": "m", **params}).open() as opened:
        assert opened.endpoint is not None
        assert name == opened.endpoint.name
