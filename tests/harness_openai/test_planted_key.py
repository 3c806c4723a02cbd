"""A key that a hostile or careless endpoint sends back in every place: it is written, logged and shown nowhere."""

from __future__ import annotations

import base64
import json
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import pytest

from harness.cli.main import main
from tests.harness_openai.conftest import Received, Response

if TYPE_CHECKING:
    from tests.harness_openai.conftest import FakeServer

ROWS = "text,label\n" + "".join(
    f"{what} number {n},{label}\n"
    for n in range(12)
    for what, label in (("lovely view", "positive"), ("rude staff", "negative"))
)
# A strategy of the user's own whose error shows what it should not.
OWN = """
import base64, os
from contextlib import contextmanager
from harness import Strategy

class Careless(Strategy):
    @contextmanager
    def prepare(self, brief, train, validation, context):
        key = os.environ["OPENAI_API_KEY"]
        context.warn(f"asked with {key}")
        basic = base64.b64encode(f"me:{key}".encode()).decode()
        raise ValueError(f"GET https://me:{key}@host/v1?k={key} headers={ {'Authorization': 'Basic ' + basic}!r}")
        yield
"""


def suite(url: str) -> dict[str, Any]:
    def model(name: str) -> dict[str, Any]:
        return {"use": "openai", "with": {"model": name, "base_url": url, "provider": "openai"}}

    return {
        "name": "planted",
        "tasks": [
            {
                "name": "reviews",
                "kind": "label",
                "labels": ["positive", "negative"],
                "instructions": "Is it good?",
                "data": {
                    "path": "rows.csv",
                    "columns": {"text": "text", "target": "label"},
                    "splits": {"train": 8, "validation": 4, "test": 8},
                },
            }
        ],
        "models": {"talks": model("talks"), "refuses": model("refuses"), "stops": model("stops")},
        "strategies": [
            {"name": "talks", "use": "prompt", "with": {"model": "talks"}},
            {"name": "refuses", "use": "prompt", "with": {"model": "refuses"}},
            {"name": "stops", "use": "prompt", "with": {"model": "stops"}},
            {"name": "careless", "use": "./own.py:Careless"},
        ],
        "latency_sample": 2,
        "yardsticks": [],
    }


def echo(received: Received) -> Response:
    """Sends the key back wherever a reply has room for words."""
    key = received.headers["authorization"].removeprefix("Bearer ")
    encoded = base64.b64encode(f"user:{key}".encode()).decode()
    headers = {"x-request-id": f"req {key}", "x-key": key, "x-ratelimit-remaining-requests": key}
    said = f"{key} {quote(key, safe='')} {encoded}"
    if received.body["model"] == "stops":
        return Response({"error": {"message": f"who is {said}?", "code": key, "param": key}}, 401, headers)
    message: dict[str, Any] = {"content": f"positive, says {said}"}
    if received.body["model"] == "refuses":
        message = {"content": None, "refusal": f"not for {said}"}
    choice = {"finish_reason": f"ended {key}", "message": message}
    body = {"model": f"m {said}", "system_fingerprint": f"fp {said}", "choices": [choice]}
    return Response(body, headers=headers)


def forms(key: str) -> list[bytes]:
    """Pieces that give a key away, each as it may be written."""
    half = key[len(key) // 2 :]
    found = [key[:12], half, json.dumps(key)[1:-1], quote(key, safe=""), quote_plus(key), key.encode().hex()]
    # What of it is the same in base64 after any bytes; the ends are their neighbours' too.
    found += [base64.b64encode(b"x" * i + key.encode()).decode().rstrip("=")[4:-2] for i in range(3)]
    return [form.encode() for form in found]


def test_a_planted_key_is_found_nowhere(
    server: FakeServer,
    key: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.script.append(echo)
    (tmp_path / "rows.csv").write_text(ROWS)
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "suite.yaml").write_text(json.dumps(suite(server.url)))
    out = tmp_path / "out"
    out.mkdir()
    reports = [word for end in ("html", "json", "md", "csv", "xml") for word in ("-o", str(out / f"report.{end}"))]
    monkeypatch.setenv("HARNESS_DEBUG", os.environ.get("HARNESS_DEBUG", ""))  # put back at the end
    with caplog.at_level(logging.DEBUG), pytest.raises(SystemExit) as ended:
        main(["run", str(tmp_path / "suite.yaml"), "--results", str(out / "results"), *reports, "--debug"])
    assert 1 == ended.value.code  # some strategies failed, and as they should
    with pytest.raises(SystemExit):
        main(["show", "latest", "careless", "--results", str(out / "results"), "--debug"])
    said = capfd.readouterr()
    written = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    heads = [json.loads(file.read_bytes()) for file in written if file.name == "trial.json"]
    problems = {head["key"]["strategy"]: head["problem"] for head in heads}
    assert "https://me:[key]@host" in problems["careless"]["message"]
    assert "[key]" in problems["careless"]["traceback"]
    assert "who is [key]" in problems["stops"]["message"]
    outcomes = next(text for file, text in written.items() if file.match("talks/*/outcomes.jsonl"))
    assert b"positive, says [key]" in outcomes  # it was answered, and the answer told without the key
    assert {".html", ".json", ".md", ".csv", ".xml", ".sqlite", ".jsonl"} <= {file.suffix for file in written}
    shown = {"stdout": said.out.encode(), "stderr": said.err.encode(), "log": caplog.text.encode()}
    everywhere = {**{str(file): text for file, text in written.items()}, **shown}
    for form in forms(key):
        assert [] == [where for where, text in everywhere.items() if form in text], form
