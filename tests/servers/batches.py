"""A provider of batches on this machine: it keeps files and batches, answers as told, and knows what it was asked.

with BatchServer() as server:
    server.expires_after = 3                    the first batch answers three requests and expires
    OpenAIChat(base_url=server.url, provider="openai", batch=True, …)
    server.asked                                 every prompt that was answered, and how: live or batch
"""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.reviews import TASK

Body = dict[str, Any]
# A suite that is asked by the batch; `test` rows, of which `timed` ones are asked live.
BATCHED = (
    TASK
    + """\
models:
  m: {{use: openai, with: {{model: m, provider: openai, base_url: "URL", batch: true}}}}
strategies:
  - {{name: asks, use: prompt, with: {{model: m, normalise: sum}}}}
yardsticks: []
latency_sample: {timed}
prices: {{models: {{m: {{input: 1.0, output: 1.0, batch: 0.5}}}}}}
"""
)


class Replied(NamedTuple):
    status: int
    body: Body


def judge(body: Body) -> Replied:
    """Calls what is lovely or great positive."""
    text = body["messages"][-1]["content"]
    label = "positive" if "lovely" in text or "great" in text else "negative"
    choice = {"finish_reason": "stop", "message": {"content": json.dumps({"answer": label})}}
    usage = {"prompt_tokens": 30, "completion_tokens": 5}
    return Replied(200, {"model": "m-2026", "system_fingerprint": "fp_1", "choices": [choice], "usage": usage})


class BatchServer:
    """Answers chat completions live, and in batches that end at the look after `looks` ones.

    Attributes:
        answer: What is said to a body, live and in batches.
        looks: Looks at a batch before it has ended.
        states: What those looks are told, before the last.
        expires_after: Requests that a batch answers before it expires; one number a batch, None for all.
        ends: What a batch that is not whole ends as.
        fails: What the next batches fail with, as a whole.
        loses: Answers to a create that get lost, after it was done.
        unlisted: Lists that do not yet show the newest batch.
        reads: Looks at an uploaded file before it can be used, as on Azure.
        torn: Results files that are cut in the middle of a line.
        asked: Every prompt that was answered, and how.
        on: Called with method and path of each request, once it took effect and before it is answered.
    """

    def __init__(self) -> None:
        self.answer: Callable[[Body], Replied] = judge
        self.looks = 0
        self.states = ["validating", "in_progress", "finalizing"]
        self.expires_after: list[int | None] = []
        self.ends = "expired"
        self.fails: list[str] = []
        self.loses = 0
        self.unlisted = 0
        self.torn = 0
        self.reads = 0
        self.asked: list[tuple[str, str]] = []
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, Body] = {}
        self.on: Callable[[str], None] = lambda seen: None
        self.seen: list[str] = []  # method and path of every request
        self.lock = threading.Lock()
        self._numbers = itertools.count(1)
        outer = self

        class Handler(_Handler):
            server_of_batches = outer

        self._http = _Quiet(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    def count(self, how: str) -> int:
        return sum(each == how for each, _ in self.asked)

    def twice(self) -> list[str]:
        """Prompts that were answered more than once."""
        return [text for text, n in Counter(text for _, text in self.asked).items() if n > 1]

    def live(self, body: Body) -> Replied:
        return self._answered("live", body)

    def upload(self, content: bytes) -> Body:
        id_ = f"file-{next(self._numbers)}"
        self.files[id_] = content
        return {"id": id_, "object": "file", "status": "pending" if self.reads else "processed"}

    def file(self, id_: str) -> Body:
        self.reads -= 1
        return {"id": id_, "object": "file", "status": "pending" if self.reads > 0 else "processed"}

    def create(self, body: Body) -> Body:
        assert self.reads <= 0
        lines = [json.loads(line) for line in self.files[body["input_file_id"]].splitlines()]
        assert {body["endpoint"]} == {line["url"] for line in lines}
        assert len({line["custom_id"] for line in lines}) == len(lines)
        id_ = f"batch_{next(self._numbers)}"
        self.batches[id_] = {
            "id": id_,
            "object": "batch",
            "status": "validating",
            "metadata": body.get("metadata"),
            "endpoint": body["endpoint"],
            "request_counts": {"total": len(lines), "completed": 0, "failed": 0},
            "lines": lines,
            "looks": 0,
        }
        return self.shown(id_)

    def look(self, id_: str) -> Body:
        batch = self.batches[id_]
        if batch["status"] not in ("completed", "expired", "cancelled", "failed"):
            if batch["looks"] >= self.looks:
                self._end(batch)
            else:
                batch["status"] = self.states[min(batch["looks"], len(self.states) - 1)]
            batch["looks"] += 1
        return self.shown(id_)

    def shown(self, id_: str) -> Body:
        return {name: value for name, value in self.batches[id_].items() if name not in ("lines", "looks")}

    def listed(self, after: str | None, limit: int) -> Body:
        ids = list(self.batches)[::-1]
        if self.unlisted > 0:
            self.unlisted -= 1
            ids = ids[1:]
        start = ids.index(after) + 1 if after else 0
        page = ids[start : start + limit]
        return {"object": "list", "data": [self.shown(i) for i in page], "has_more": start + limit < len(ids)}

    def content(self, id_: str) -> bytes:
        whole = self.files[id_]
        if self.torn > 0:
            self.torn -= 1
            return whole[: len(whole) // 2]
        return whole

    def _end(self, batch: Body) -> None:
        if self.fails:
            error = {"code": self.fails.pop(0), "message": "not today"}
            batch |= {"status": "failed", "errors": {"data": [error]}}
            return
        most = self.expires_after.pop(0) if self.expires_after else None
        lines = batch["lines"]
        done = lines if most is None else lines[:most]
        out: list[Body] = []
        errors: list[Body] = []
        for line in reversed(done):  # in another order than they were sent
            status, body = self._answered("batch", line["body"])
            response = {"status_code": status, "request_id": f"r-{line['custom_id'][:6]}", "body": body}
            whole = {"id": "x", "custom_id": line["custom_id"], "response": response, "error": None}
            (out if status == 200 else errors).append(whole)
        for line in lines[len(done) :]:
            error = {"code": "batch_expired", "message": "This request could not be executed in time."}
            errors.append({"id": "x", "custom_id": line["custom_id"], "response": None, "error": error})
        batch["status"] = "completed" if most is None else self.ends
        batch["request_counts"] |= {"completed": len(out), "failed": len(errors)}
        for name, found in (("output_file_id", out), ("error_file_id", errors)):
            if found:
                content = "".join(json.dumps(each) + "\n" for each in found).encode()
                batch[name] = self.upload(content)["id"]

    def _answered(self, how: str, body: Body) -> Replied:
        replied = self.answer(body)
        if replied.status == 200:
            self.asked.append((how, body["messages"][-1]["content"]))
        return replied

    def __enter__(self) -> BatchServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked was killed."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of_batches: BatchServer

    def do_POST(self) -> None:
        server = self.server_of_batches
        content = self.rfile.read(int(self.headers.get("content-length", 0)))
        with server.lock:
            server.seen.append(f"POST {self.path}")
            if self.path.endswith("/chat/completions"):
                replied = server.live(json.loads(content))
            elif self.path.endswith("/files"):
                replied = Replied(200, server.upload(_file(content, self.headers["content-type"])))
            else:
                replied = Replied(200, server.create(json.loads(content)))
                if server.loses > 0:
                    server.loses -= 1
                    self.close_connection = True
                    return
        server.on(f"POST {self.path}")
        self._send(replied.status, json.dumps(replied.body).encode())

    def do_GET(self) -> None:
        server = self.server_of_batches
        parts = urlsplit(self.path)
        names = parts.path.removeprefix("/v1/").split("/")
        server.on(f"GET {parts.path}")
        with server.lock:
            server.seen.append(f"GET {parts.path}")
            if names[0] == "files" and len(names) == 2:
                self._send(200, json.dumps(server.file(names[1])).encode())
            elif names[0] == "files":
                self._send(200, server.content(names[1]))
            elif len(names) == 1:
                query = parse_qs(parts.query)
                after, limit = query.get("after", [None])[0], int(query.get("limit", ["20"])[0])
                self._send(200, json.dumps(server.listed(after, limit)).encode())
            elif names[1] in server.batches:
                self._send(200, json.dumps(server.look(names[1])).encode())
            else:
                self._send(404, b'{"error": {"message": "No batch found"}}')

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked was killed
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class's name)
        pass


def _file(content: bytes, kind: str) -> bytes:
    """The file of a form."""
    found = re.search(r'boundary="?([^";]+)', kind)
    assert found is not None
    for part in content.split(b"--" + found.group(1).encode()):
        head, _, body = part.partition(b"\r\n\r\n")
        if b'name="file"' in head:
            return body.removesuffix(b"\r\n")
    raise AssertionError("no file in the form")
