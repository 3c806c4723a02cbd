from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from harness import Request
from harness.errors import ModelError
from harness.models import Endpoint
from harness.plugins import load
from harness.records import Message
from harness_openai.model import OpenAIChat

ASKED = Request(messages=(Message(role="user", content="Is it good?"),))


def endpoint(**params: Any) -> Endpoint:
    with OpenAIChat.model_validate({"model": "m", **params}).open() as opened:
        assert opened.endpoint is not None
        return opened.endpoint


@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        (None, "api.openai.com"),
        ("https://api.deepseek.com", "api.deepseek.com"),
        ("http://gpu.example.org:8000/v1", "gpu.example.org:8000"),
        ("http://192.168.1.7:8000/v1", "192.168.1.7:8000"),
        ("http://localhost:8000/v1", None),
        ("http://127.0.0.1/v1", None),
        ("http://127.9.9.9/v1", None),
        ("http://[::1]:8000/v1", None),
        ("http://localhost.example.org/v1", "localhost.example.org"),
        ("http://0.0.0.0:8000/v1", "0.0.0.0:8000"),
    ],
)
def test_what_is_beyond_this_machine_is_said(base_url: str | None, host: str | None) -> None:
    assert host == OpenAIChat(model="m", base_url=base_url).reaches()


def test_the_environment_names_the_endpoint_where_the_suite_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://models.example.org/v1")
    assert OpenAIChat(model="m").reaches() == "models.example.org"
    assert OpenAIChat(model="m", base_url="http://localhost/v1").reaches() is None
    monkeypatch.setenv("OPENAI_BASE_URL", "not a url")
    with pytest.raises(ModelError, match="OPENAI_BASE_URL of the environment"):
        OpenAIChat(model="m").reaches()


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"batch": True, "provider": "together"}, "is neither: set `batch: false`"),
        ({"batch": True, "base_url": "http://localhost:8000/v1"}, "localhost:8000 is neither: set `batch: false`"),
        ({"batch_model": "bulk"}, "batch_model 'bulk' takes batches, and there are none: add `batch: true`"),
    ],
)
def test_batches_that_nobody_would_take_are_a_mistake_in_the_suite(params: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        OpenAIChat.model_validate({"model": "m", **params})


def test_a_missing_key_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(ModelError, match=r"OPENAI_API_KEY is not set.*api\.openai\.com"):
        OpenAIChat(model="m").check()
    with pytest.raises(ModelError, match="MY_KEY is not set"):
        OpenAIChat(model="m", key_env="MY_KEY", base_url="https://models.example.org/v1").check()
    assert endpoint().name == "openai/m"  # what is looked at, and not asked, needs none
    assert endpoint().account == "api.openai.com:OPENAI_API_KEY"
    monkeypatch.setenv("MY_KEY", "secret-1")
    assert endpoint(key_env="MY_KEY").name == "openai/m"


def test_a_key_that_no_header_can_carry_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-one\nsk-two")
    with pytest.raises(ModelError, match="OPENAI_API_KEY") as caught:
        OpenAIChat(model="m").check()
    assert "sk-one" not in str(caught.value)


@pytest.mark.parametrize("pasted", ["sk-proj-AbC123", "abcdef0123456789", "9LIVES", "", "MY KEY"])
def test_a_key_pasted_for_its_variable_is_refused_and_not_shown(pasted: str) -> None:
    with pytest.raises(ValidationError) as caught:
        OpenAIChat(model="m", key_env=pasted)
    said = str(caught.value.errors()[0]["ctx"]["error"])
    assert "environment variable" in said
    assert not pasted or pasted not in said


@pytest.mark.parametrize("field", ["key", "api_key"])
def test_there_is_no_field_for_a_key(field: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        OpenAIChat.model_validate({"model": "m", field: "sk-1"})


@pytest.mark.parametrize(
    ("base_url", "wrong"),
    [
        ("ftp://host/v1", "not a URL"),
        ("host/v1", "not a URL"),
        ("http://host:port/v1", "not a URL"),
        ("https://me:hunter2@host/v1", "no user, password"),
        ("https://host/v1?key=hunter2", "no user, password"),
    ],
)
def test_a_base_url_is_checked_and_holds_no_secret(base_url: str, wrong: str) -> None:
    with pytest.raises(ValidationError) as caught:
        OpenAIChat(model="m", base_url=base_url)
    said = str(caught.value.errors()[0]["ctx"]["error"])
    assert wrong in said
    assert "hunter2" not in said


def test_extra_leaves_what_the_harness_sets_alone() -> None:
    with pytest.raises(ValidationError, match="extra may not set 'stream', 'temperature'"):
        OpenAIChat(model="m", extra={"temperature": 1, "stream": True, "seed": 1})


def test_prices_go_by_openais_name_only_at_openai() -> None:
    assert endpoint().name == "openai/m"
    assert endpoint(base_url="https://api.openai.com/v1/").name == "openai/m"
    assert endpoint(base_url="https://proxy.example.org/openai").name == "proxy.example.org/m"


def test_the_identity_holds_all_that_an_answer_depends_on_and_no_more(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    ways: list[dict[str, Any]] = [
        {},
        {"model": "n"},
        {"base_url": "https://models.example.org/v1"},
        {"base_url": "https://models.example.org/v2"},
        {"structured": "text"},
        {"logprobs": "off"},
        {"extra": {"reasoning_effort": "low"}},
        {"extra": {"reasoning_effort": "high"}},
    ]
    assert len({endpoint(**way).identity for way in ways}) == len(ways)
    before = endpoint(extra={"a": 1, "b": 2}).identity
    monkeypatch.setenv("OPENAI_API_KEY", "another")
    assert before == endpoint(extra={"b": 2, "a": 1}, timeout_seconds=9, organization="o").identity
    assert key not in before


def test_a_schema_counts_among_the_tokens_that_are_sent() -> None:
    closed = ASKED.model_copy(update={"choices": ("positive", "negative")})
    assert endpoint().tokens(closed) > endpoint(structured="text").tokens(closed) == endpoint().tokens(ASKED)


def test_the_plugin_is_found_and_importing_it_loads_no_client() -> None:
    assert load().models["openai"].item is OpenAIChat
    code = (
        "import sys, harness_openai, harness_openai.model\n"
        "harness_openai.model.OpenAIChat(model='m').reaches()\n"
        "raise SystemExit('openai' in sys.modules or 'httpx2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_the_package_the_extra_is_named() -> None:
    code = (
        "import sys\n"
        "sys.modules['openai'] = None\n"  # what an import finds where it is not installed
        "from harness_openai.model import OpenAIChat\n"
        "OpenAIChat(model='m', base_url='http://localhost/v1').open().__enter__()"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert "ModelError: the model 'm' needs the openai package: pip install 'harness[openai]'" in done.stderr
