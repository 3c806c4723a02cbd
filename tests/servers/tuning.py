"""A provider of fine-tuning on this machine: files, jobs that walk through states, a tuned model that answers.

    with TuningServer() as server:
        OpenAIChat(model="base", base_url=server.url)
        server.walk = ("queued", "running", "failed")       each look at a job moves it on by one state
        server.fault("create", lose=True)                   the job is made, and its answer is lost
        server.fault("create", 403, code="training_not_available")
        server.late_model = 2                               two questions to a tuned model find none

It speaks OpenAI's dialect; the other providers' are subclasses beside it.
"""

from __future__ import annotations

import base64
from typing import Any

from tests.servers.http import Asked, Reply
from tests.servers.stored import Store, StoredFile, StoredJob

START = 1_790_000_000  # seconds since 1970


class TuningServer(Store):
    """OpenAI's files, fine-tuning jobs, models and chat completions."""

    def __init__(self) -> None:
        super().__init__()
        self.routes()

    @property
    def url(self) -> str:
        """What stands as `base_url`."""
        return f"{self.root}/v1"

    def routes(self) -> None:
        self.file_routes("/v1")
        self.job_routes("/v1/fine_tuning")
        self.route("chat", "POST", "/v1/chat/completions", self.chat)
        self.route("delete-model", "DELETE", "/v1/models/(.+)", self.delete_model)

    def file_routes(self, root: str) -> None:
        self.route("upload", "POST", f"{root}/files", self.upload)
        self.route("files", "GET", f"{root}/files", self.list_files)
        self.route("content", "GET", f"{root}/files/([^/]+)/content", self.content)
        self.route("file", "GET", f"{root}/files/([^/]+)", self.file)
        self.route("delete-file", "DELETE", f"{root}/files/([^/]+)", self.delete_file)

    def job_routes(self, root: str) -> None:
        self.route("create", "POST", f"{root}/jobs", self.create)
        self.route("jobs", "GET", f"{root}/jobs", self.list_jobs)
        self.route("job", "GET", f"{root}/jobs/([^/]+)", self.job)
        self.route("events", "GET", f"{root}/jobs/([^/]+)/events", self.events)
        self.route("checkpoints", "GET", f"{root}/jobs/([^/]+)/checkpoints", self.list_checkpoints)
        self.route("cancel", "POST", f"{root}/jobs/([^/]+)/cancel", self.cancel)

    # Files

    def upload(self, asked: Asked) -> Reply:
        assert asked.file is not None
        made = self.store(asked.file.name, asked.file.content, asked.body["purpose"])
        return Reply(self.show_file(made))

    def show_file(self, file: StoredFile) -> dict[str, Any]:
        status = ("error" if self.bad_file else "processed") if file.looks >= self.late_file else "uploaded"
        return {"id": file.id, "object": "file", "bytes": len(file.content), "created_at": START,
                "filename": file.name, "purpose": file.purpose, "status": status,
                "status_details": "not valid: planted" if status == "error" else None}  # fmt: skip

    def list_files(self, asked: Asked) -> Reply:
        purpose = asked.query.get("purpose")
        found = [file for file in self.files.values() if purpose in (None, file.purpose)]
        return Reply(self.paged([self.show_file(file) for file in reversed(found)], asked))

    def paged(self, rows: list[dict[str, Any]], asked: Asked) -> dict[str, Any]:
        after = asked.query.get("after")
        begin = next((n + 1 for n, row in enumerate(rows) if row["id"] == after), 0)
        size = min(self.page, int(asked.query.get("limit", 20)))
        return {"object": "list", "data": rows[begin : begin + size], "has_more": begin + size < len(rows)}

    def file(self, asked: Asked, file: str) -> Reply:
        if file not in self.files:
            return self.missing(f"File object: {file}")
        self.files[file].looks += 1
        return Reply(self.show_file(self.files[file]))

    def content(self, asked: Asked, file: str) -> Reply:
        if file not in self.files:
            return self.missing(f"File object: {file}")
        kept = self.files[file]
        content = self.curve.encode() if kept.purpose == "fine-tune-results" else kept.content
        return Reply(base64.b64encode(content) if self.encoded else content, 200, {"content-type": "text/csv"})

    def delete_file(self, asked: Asked, file: str) -> Reply:
        found = self.files.pop(file, None)
        return Reply({"id": file, "deleted": True}) if found else self.missing(f"File object: {file}")

    # Jobs

    def create(self, asked: Asked) -> Reply:
        if asked.body.get("training_file") not in self.files:
            return Reply({"error": {"message": "invalid training_file", "param": "training_file"}}, 400)
        return Reply(self.show_job(self.order(asked.body)))

    def show_job(self, job: StoredJob) -> dict[str, Any]:
        over = job.state == self.done or job.state in self.failures or job.state == self.cancelled
        order = job.order
        return {"id": job.id, "object": "fine_tuning.job", "created_at": START + job.number,
                "status": job.state, "model": order.get("model"), "fine_tuned_model": job.model,
                "finished_at": START + 600 if over else None, "organization_id": "org-acme",
                "error": self.error if job.state in self.failures else {}, "result_files": job.results,
                "seed": order.get("seed") or 7, "training_file": order.get("training_file"),
                "validation_file": order.get("validation_file"), "metadata": order.get("metadata"),
                "method": order.get("method"), "hyperparameters": {"n_epochs": 3},
                "trained_tokens": self.trained_tokens if job.model else None}  # fmt: skip

    def list_jobs(self, asked: Asked) -> Reply:
        newest = sorted(self.jobs.values(), key=lambda job: -job.number)
        return Reply(self.paged([self.show_job(job) for job in newest], asked))

    def job(self, asked: Asked, job: str) -> Reply:
        if job not in self.jobs:
            return self.missing(f"fine-tune job: {job}")
        self.look(self.jobs[job])
        return Reply(self.show_job(self.jobs[job]))

    def events(self, asked: Asked, job: str) -> Reply:
        rows = [
            {"id": f"ftevent-{job}-{n}", "object": "fine_tuning.job.event", "created_at": START + n,
             "level": "error" if state in self.failures else "info", "message": f"now {state}", "type": "message"}
            for n, state in enumerate(self.walk[: self.jobs[job].at + 1])
        ]  # fmt: skip
        return Reply(self.paged(rows[::-1], asked))

    def list_checkpoints(self, asked: Asked, job: str) -> Reply:
        rows = [
            {"id": f"ftckpt-{n}", "step_number": n, "metrics": {"step": n}, "fine_tuning_job_id": job,
             "fine_tuned_model_checkpoint": f"{self.jobs[job].model}:ckpt-step-{n}"}
            for n in range(self.checkpoints, 0, -1)
        ]  # fmt: skip
        return Reply(self.paged(rows, asked))

    def cancel(self, asked: Asked, job: str) -> Reply:
        held = self.jobs[job]
        if held.state == self.done or held.state in self.failures:
            return Reply({"error": {"message": f"Job has already completed: {job}", "code": None}}, 400)
        held.state = self.cancelled
        return Reply(self.show_job(held))

    # Models

    def chat(self, asked: Asked) -> Reply:
        model = str(asked.body["model"])
        if model.startswith("ft:") and (model not in self.models or self.late_model > 0):
            self.late_model -= model in self.models
            message = f"The model `{model}` does not exist or you do not have access to it."
            return Reply({"error": {"message": message, "code": "model_not_found"}}, 404)
        text = self.answer(model, asked.body["messages"])
        return Reply({"id": self.new("chatcmpl-"), "object": "chat.completion", "model": model,
                      "choices": [{"index": 0, "finish_reason": "stop",
                                   "message": {"role": "assistant", "content": text}}],
                      "usage": {"prompt_tokens": 10, "completion_tokens": 2}})  # fmt: skip

    def delete_model(self, asked: Asked, model: str) -> Reply:
        found = self.models.pop(model, None)
        return Reply({"id": model, "deleted": True}) if found else self.missing(f"model: {model}")
