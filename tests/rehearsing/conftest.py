"""A chat endpoint on this machine that counts, and a suite that asks it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

MODELS = """\
  m: {{use: openai, with: {{model: m, base_url: "{url}", provider: openai}}}}
  e: {{use: "harness.testing:HashEmbedder"}}
"""
STRATEGIES = """\
strategies:
  - {name: zero-shot, use: prompt, with: {model: m}}
  - {name: shots, use: few-shot, with: {model: m}, matrix: {shots: [2, 4]}}
  - {name: search, use: prompt-search, with: {model: m, consistency_rows: 3}}
  - {name: retrieval, use: retrieval, with: {model: m, embedder: e}}
  - {name: near, use: knn, with: {embedder: e}}
yardsticks: []
prices: {models: {openai/m: {input: 1.0, output: 2.0, as_of: 2026-11-01}}}
"""


class Counting:
    """Answers every question, rightly where the question has a system message; counts requests and tokens.

    Attributes:
        bodies: What it was sent.
    """

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer waits 40 ms

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                content = json.dumps(outer._answer(body)).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class's name)
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, body: dict[str, Any]) -> dict[str, Any]:
        self.bodies.append(body)
        asked = body["messages"][-1]["content"]
        good = any(word in asked for word in ("great", "lovely", "superb", "excellent", "happy"))
        label = "positive" if good or body["messages"][0]["role"] != "system" else "negative"
        # Four letters to a token, as of English text; a schema is read too.
        letters = sum(len(each["content"]) for each in body["messages"]) + len(json.dumps(body["response_format"]))
        prompt = letters // 4 + 4 * len(body["messages"]) + 3
        choice = {"finish_reason": "stop", "message": {"content": json.dumps({"answer": label})}}
        return {"choices": [choice], "usage": {"prompt_tokens": prompt, "completion_tokens": 7}}


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    running = Counting()
    try:
        yield running
    finally:
        running.close()


@pytest.fixture
def asking(suite: Path, counting: Counting, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny suite with strategies that ask the endpoint; its folder is the current one."""
    text = suite.read_text()
    head, _, _ = text.partition("models:\n")
    head = head.replace("    data:\n", "    max_output_tokens: 16\n    data:\n")
    suite.write_text(f"{head}models:\n{MODELS.format(url=counting.url)}{STRATEGIES}latency_sample: 5\n")
    monkeypatch.chdir(suite.parent)
    return suite
