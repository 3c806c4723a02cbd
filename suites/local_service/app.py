"""The routes, in OpenAI's shapes.

POST /v1/chat/completions          GET  /v1/models                DELETE /v1/models/ID
POST /v1/files                     GET  /v1/files[/ID[/content]]  DELETE /v1/files/ID
POST /v1/fine_tuning/jobs          GET  /v1/fine_tuning/jobs[/ID[/events | /checkpoints]]
POST /v1/fine_tuning/jobs/ID/cancel, pause, resume
POST /v1/batches                   GET  /v1/batches[/ID]          POST /v1/batches/ID/cancel
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from harness.serving.refusing import Refused
from suites.local_service import uploading
from suites.local_service.answering import ROOM
from suites.local_service.jobs import ENDED
from suites.local_service.service import Service, marked
from suites.local_service.shelf import Object, Shelf, page, told

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

_PURPOSES = ("fine-tune", "batch")
Do = Callable[["Request"], Awaitable["Object | Response"]]


def app(service: Service) -> Starlette:
    """The application of a service, which it begins and closes."""
    from starlette.applications import Starlette
    from starlette.routing import Route

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        service.begin()
        yield
        await asyncio.to_thread(service.close)

    routes = _Routes(service)
    table: list[tuple[str, str, Do]] = [
        ("POST", "/v1/chat/completions", routes.chat),
        ("GET", "/v1/models", routes.models),
        ("DELETE", "/v1/models/{id:path}", routes.delete_model),
        ("POST", "/v1/files", routes.upload),
        ("GET", "/v1/files", _listed(service.files, "purpose")),
        ("GET", "/v1/files/{id}", routes.file),
        ("GET", "/v1/files/{id}/content", routes.content),
        ("DELETE", "/v1/files/{id}", routes.delete_file),
        ("POST", "/v1/fine_tuning/jobs", routes.create_job),
        ("GET", "/v1/fine_tuning/jobs", _listed(service.jobs.shelf, "metadata")),
        ("GET", "/v1/fine_tuning/jobs/{id}", _one(service.jobs.shelf)),
        ("GET", "/v1/fine_tuning/jobs/{id}/events", routes.events),
        ("GET", "/v1/fine_tuning/jobs/{id}/checkpoints", routes.checkpoints),
        ("POST", "/v1/fine_tuning/jobs/{id}/{verb}", routes.steer),
        ("POST", "/v1/batches", routes.create_batch),
        ("GET", "/v1/batches", _listed(service.batches.shelf, "metadata")),
        ("GET", "/v1/batches/{id}", _one(service.batches.shelf)),
        ("POST", "/v1/batches/{id}/cancel", routes.cancel_batch),
    ]
    return Starlette(
        routes=[Route(path, _guarded(service, do), methods=[method]) for method, path, do in table],
        lifespan=lifespan,
    )


class _Routes:
    def __init__(self, service: Service) -> None:
        self._service = service

    async def chat(self, request: Request) -> Object | Response:
        service = self._service
        body = await _json(request)
        request.state.asked = marked(body)
        service.faults.refuse()
        reply = await service.answer(body)
        request.state.tokens = reply["usage"]["total_tokens"]
        request.state.late = service.faults.once("slow")
        kind, reply = service.faults.broken(reply)
        return _spoilt(kind, reply) or reply

    async def models(self, request: Request) -> Object:
        found = [{"id": n, "object": "model", "created": 0, "owned_by": "local"} for n in self._service.models()]
        return {"object": "list", "data": found}

    async def delete_model(self, request: Request) -> Object:
        return self._service.delete_model(request.path_params["id"])

    async def upload(self, request: Request) -> Object:
        upload = uploading.read(request.headers.get("content-type", ""), await request.body())
        if upload.purpose not in _PURPOSES:
            raise Refused(400, f"purpose {upload.purpose!r} is not served: {_PURPOSES}", param="purpose")
        fields = {"object": "file", "purpose": upload.purpose, "filename": upload.name, "bytes": len(upload.data)}
        return self._shown(self._service.files.add(fields | {"status": "processed"}, upload.data))

    async def file(self, request: Request) -> Object:
        return self._shown(self._service.files.get(request.path_params["id"]))

    def _shown(self, found: Object) -> Object:
        late = time.time() - found["_at"] < self._service.faults.seconds("late-file")
        return found | {"status": "uploaded"} if late and found["purpose"] == "fine-tune" else found

    async def content(self, request: Request) -> Response:
        from starlette.responses import Response

        found = self._service.files.get(request.path_params["id"])
        return Response(self._service.files.data(found["id"]).read_bytes(), media_type="application/octet-stream")

    async def delete_file(self, request: Request) -> Object:
        self._service.files.remove(request.path_params["id"])
        return {"id": request.path_params["id"], "object": "file", "deleted": True}

    async def create_job(self, request: Request) -> Object | Response:
        service = self._service
        job = service.jobs.create(await _json(request))
        request.state.made = job["id"]
        service.trainer.wake()
        request.state.late = service.faults.once("slow-create")
        return _spoilt("cut-off", told(job)) or job if service.faults.take("lost-create") else job

    async def events(self, request: Request) -> Object:
        job = self._service.jobs.shelf.get(request.path_params["id"])
        return page(job["_events"][::-1], request.query_params)

    async def checkpoints(self, request: Request) -> Object:
        return page(self._service.jobs.checkpoints(request.path_params["id"]), request.query_params)

    async def steer(self, request: Request) -> Object:
        jobs, key, verb = self._service.jobs, request.path_params["id"], request.path_params["verb"]
        if verb == "cancel":
            return jobs.cancel(key)
        if verb not in ("pause", "resume"):
            raise Refused(404, f"no such action: {verb!r}")
        if jobs.shelf.get(key)["status"] in ENDED:
            raise Refused(400, "Job has already completed", code="job_already_completed")
        job = jobs.say(key, f"Job {verb}d", "paused" if verb == "pause" else "queued")
        self._service.trainer.wake()
        return job

    async def create_batch(self, request: Request) -> Object:
        body = await _json(request)
        batch = self._service.batches.create(body if isinstance(body, dict) else {})
        request.state.made = batch["id"]
        return batch

    async def cancel_batch(self, request: Request) -> Object:
        return self._service.batches.cancel(request.path_params["id"])


def _one(shelf: Shelf) -> Do:
    async def do(request: Request) -> Object:
        return shelf.get(request.path_params["id"])

    return do


def _listed(shelf: Shelf, by: str) -> Do:
    async def do(request: Request) -> Object:
        query = request.query_params
        found = [o for o in reversed(shelf.all()) if _matches(o, query, by)]
        return page(found[::-1] if query.get("order") == "asc" else found, query)

    return do


def _matches(found: Object, query: Mapping[str, str], by: str) -> bool:
    """Whether an object is among those asked for: by a field, or by `metadata[key]=value`."""
    if by != "metadata":
        return by not in query or found[by] == query[by]
    wanted = {m.group(1): value for name, value in query.items() if (m := re.fullmatch(r"metadata\[(.+)\]", name))}
    held = found.get("metadata") or {}
    return all(held.get(name) == value for name, value in wanted.items())


def _guarded(service: Service, do: Do) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        from starlette.responses import JSONResponse, Response

        began = time.perf_counter()
        headers: dict[str, str] = {}
        try:
            _admit(request, service.secret)
            found = await do(request)
            answered = found if isinstance(found, Response) else JSONResponse(told(found))
        except Refused as refused:
            headers = refused.headers
            answered = JSONResponse(refused.body(), refused.status)
        except Exception as error:  # the caller is told; the service goes on
            answered = JSONResponse(Refused(500, f"{type(error).__name__}: {error}").body(), 500)
        free = max(0, ROOM - service.answering.held)
        spare = {"limit-requests": f"{ROOM}", "remaining-requests": f"{free}", "reset-requests": "1s"}
        headers = headers | {f"x-ratelimit-{name}": value for name, value in spare.items()}
        milliseconds = round(1000 * (time.perf_counter() - began))
        headers |= {"x-request-id": f"req_{uuid4().hex}", "openai-processing-ms": f"{milliseconds}"}
        answered.headers.update(headers)
        known = {name: getattr(request.state, name, None) for name in ("tokens", "made", "asked")}
        more = {name: value for name, value in known.items() if value is not None}
        service.note(f"{request.method} {request.url.path}", answered.status_code, **more)
        # Late after that: what was done is billed, whether the caller still waits or not.
        await asyncio.sleep(getattr(request.state, "late", None) or 0)
        return answered

    return answer


def _spoilt(kind: str, reply: Object) -> Response | None:
    """A reply that is no reply."""
    from starlette.responses import Response, StreamingResponse

    whole = json.dumps(reply).encode()
    if kind == "html":
        return Response("<!DOCTYPE html><html><body>Just a moment …</body></html>", media_type="text/html")
    if kind == "truncated":
        return Response(whole[: len(whole) // 2], media_type="application/json")
    if kind != "cut-off":
        return None

    async def half() -> AsyncIterator[bytes]:
        yield whole[: len(whole) // 2]

    # Fewer bytes than promised: the server then closes the connection.
    return StreamingResponse(half(), headers={"content-length": str(len(whole))}, media_type="application/json")


def _admit(request: Request, secret: str) -> None:
    given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if secret and not secrets.compare_digest(given.encode(), secret.encode()):
        raise Refused(401, "Incorrect API key provided", code="invalid_api_key")


async def _json(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON") from None
