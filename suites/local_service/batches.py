"""Batches: a file of requests in, a file of answers and one of errors out.

{"custom_id": "row-1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": …, "messages": […]}}
{"id": "batch_req-…", "custom_id": "row-1", "response": {"status_code": 200, "request_id": …, "body": {…}}}
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

from harness.serving.refusing import Refused
from suites.local_service.faults import Faults
from suites.local_service.shelf import Object, Shelf

URL = "/v1/chat/completions"
ENDED = ("completed", "failed", "expired", "cancelled")
_AT_ONCE = 16
Answer = Callable[[object], Awaitable[dict[str, Any]]]


class Batches:
    """All batches.

    Args:
        shelf: Where they lie.
        files: Where their files lie.
        answer: Answers one body; raises `Refused`.
        faults: What goes wrong on purpose.
    """

    def __init__(self, shelf: Shelf, files: Shelf, answer: Answer, faults: Faults) -> None:
        self.shelf = shelf
        self._files = files
        self._answer = answer
        self._faults = faults
        self._running: set[asyncio.Task[None]] = set()

    def create(self, body: Mapping[str, Any]) -> Object:
        """Takes a batch and begins with it.

        Raises:
            Refused: Something is wrong with it.
        """
        if body.get("endpoint") != URL:
            raise Refused(400, f"endpoint {body.get('endpoint')!r} is not served: {URL}", param="endpoint")
        file = self._files.get(str(body.get("input_file_id")))
        if file["purpose"] != "batch":
            raise Refused(400, f"the file is of purpose {file['purpose']!r}, not 'batch'", param="input_file_id")
        batch = self.shelf.add(
            {
                "object": "batch",
                "endpoint": URL,
                "input_file_id": file["id"],
                "completion_window": str(body.get("completion_window", "24h")),
                "status": "validating",
                "metadata": body.get("metadata"),
                "errors": None,
                "output_file_id": None,
                "error_file_id": None,
                "request_counts": {"total": 0, "completed": 0, "failed": 0},
            }
        )
        self.begin(batch["id"])
        return batch

    def begin(self, key: str) -> None:
        """Works a batch off; again after a restart, from its start."""
        task = asyncio.get_running_loop().create_task(self._run(key))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def cancel(self, key: str) -> Object:
        if self.shelf.get(key)["status"] in ENDED:
            raise Refused(409, "the batch has ended", code="batch_ended")
        return self.shelf.change(key, status="cancelling", cancelling_at=int(time.time()))

    async def _run(self, key: str) -> None:
        batch = self.shelf.get(key)
        try:
            lines = _read(self._files.data(batch["input_file_id"]).read_bytes())
        except ValueError as error:
            found = [{"code": "invalid_json_line", "message": str(error), "param": None, "line": None}]
            errors = {"object": "list", "data": found}
            self.shelf.change(key, status="failed", failed_at=int(time.time()), errors=errors)
            return
        counts = {"total": len(lines), "completed": 0, "failed": 0}
        self.shelf.change(key, status="in_progress", in_progress_at=int(time.time()), request_counts=counts)
        until = len(lines) // 2 if self._faults.take("expire") else len(lines)
        done: list[dict[str, Any]] = []
        for start in range(0, until, _AT_ONCE):
            if self.shelf.get(key)["status"] == "cancelling":
                break
            some = lines[start : min(start + _AT_ONCE, until)]
            done += await asyncio.gather(*map(self._one, some))
            failed = sum(line["error"] is not None for line in done)
            counts = counts | {"completed": len(done) - failed, "failed": failed}
            self.shelf.change(key, request_counts=counts)
        self._finish(key, lines, done)

    def _finish(self, key: str, lines: list[dict[str, Any]], done: list[dict[str, Any]]) -> None:
        cancelled = self.shelf.get(key)["status"] == "cancelling"
        status = "cancelled" if cancelled else "completed" if len(done) == len(lines) else "expired"
        wrong = {"code": f"batch_{status}", "message": f"This request could not be answered: {status}"}
        left = [_line(line, None, wrong) for line in lines[len(done) :]]
        files = {
            "output_file_id": [line for line in done if line["error"] is None],
            "error_file_id": [line for line in done if line["error"] is not None] + left,
        }
        ids = {name: self._write(key, some) for name, some in files.items() if some}
        self.shelf.change(key, status=status, **ids, **{f"{status}_at": int(time.time())})

    async def _one(self, line: dict[str, Any]) -> dict[str, Any]:
        try:
            return _line(line, {"status_code": 200, "body": await self._answer(line["body"])}, None)
        except Refused as refused:
            error = {"code": refused.code or str(refused.status), "message": refused.message}
            return _line(line, {"status_code": refused.status, "body": refused.body()}, error)

    def _write(self, key: str, lines: list[dict[str, Any]]) -> str:
        data = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
        fields = {"object": "file", "purpose": "batch_output", "filename": f"{key}_output.jsonl"}
        name: str = self._files.add(fields | {"bytes": len(data), "status": "processed"}, data)["id"]
        return name


def _read(data: bytes) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in data.decode().split("\n") if line.strip()]
    ids = [line.get("custom_id") if isinstance(line, dict) else None for line in lines]
    if not all(isinstance(found, str) for found in ids) or len(set(ids)) < len(ids):
        raise ValueError("each line is an object with a custom_id of its own")
    return lines


def _line(line: Mapping[str, Any], response: object, error: object) -> dict[str, Any]:
    asked = f"req_{uuid4().hex[:24]}"
    response = {"request_id": asked, **response} if isinstance(response, dict) else response
    found = {"id": f"batch_req_{uuid4().hex[:24]}", "custom_id": line["custom_id"]}
    return {**found, "response": response, "error": error}
