"""Together on this machine: /fine-tunes, files that are processed, and dedicated endpoints."""

from __future__ import annotations

from typing import Any

from tests.servers.http import Asked, Reply
from tests.servers.stored import StoredFile, StoredJob, told
from tests.servers.tuning import START, TuningServer

METRICS = [
    {"train/loss": 2.5, "train/global_step": 1},
    {"train/loss": 1.5, "train/global_step": 2},
    {"eval/loss": 1.75, "eval/global_step": 2},
]


class TogetherServer(TuningServer):
    """Jobs without metadata, whose models need a dedicated endpoint unless they are `serverless`."""

    walk = ("pending", "queued", "running", "compressing", "uploading", "completed")
    done = "completed"
    failures = frozenset({"error", "user_error"})

    def __init__(self) -> None:
        super().__init__()
        self.serverless = False
        self.starting = ["PENDING", "STARTED"]
        self.endpoints: dict[str, dict[str, Any]] = {}

    def routes(self) -> None:
        self.route("upload", "POST", "/v1/files/upload", self.upload)
        self.file_routes("/v1")
        self.route("create", "POST", "/v1/fine-tunes", self.create)
        self.route("jobs", "GET", "/v1/fine-tunes", self.list_jobs)
        self.route("job", "GET", "/v1/fine-tunes/([^/]+)", self.job)
        self.route("events", "GET", "/v1/fine-tunes/([^/]+)/events", self.events)
        self.route("metrics", "GET", "/v1/fine-tunes/([^/]+)/metrics", self.metrics)
        self.route("cancel", "POST", "/v1/fine-tunes/([^/]+)/cancel", self.cancel)
        self.route("delete-job", "DELETE", "/v1/fine-tunes/([^/]+)", self.delete_job)
        self.route("endpoints", "GET", "/v1/endpoints", self.list_endpoints)
        self.route("start", "POST", "/v1/endpoints", self.start)
        self.route("stop", "DELETE", "/v1/endpoints/([^/]+)", self.stop)
        self.route("chat", "POST", "/v1/chat/completions", self.chat)

    def tuned_name(self, job: StoredJob) -> str:
        return f"acme/{job.order['model']}-{job.order['suffix']}-{job.number}"

    def show_file(self, file: StoredFile) -> dict[str, Any]:
        return {"id": file.id, "filename": file.name, "purpose": file.purpose, "FileType": "jsonl",
                "Processed": file.looks >= self.late_file, "bytes": len(file.content)}  # fmt: skip

    def list_files(self, asked: Asked) -> Reply:
        return Reply({"data": [self.show_file(file) for file in self.files.values()]})

    def show_job(self, job: StoredJob) -> dict[str, Any]:
        order = job.order
        return {"id": job.id, "status": job.state, "training_file": order["training_file"],
                "model": order["model"], "model_output_name": self.tuned_name(job), "token_count": 100,
                "n_epochs": order.get("n_epochs", 1), "created_at": "2026-11-21T10:00:00.000Z",
                "updated_at": "2026-11-21T10:30:00.000Z",
                "events": [{"message": f"now {job.state}"}]}  # fmt: skip

    def list_jobs(self, asked: Asked) -> Reply:
        return Reply({"data": [self.show_job(job) for job in self.jobs.values()]})

    def events(self, asked: Asked, job: str) -> Reply:
        rows = [
            {"object": "fine-tune-event", "created_at": "2026-11-21T10:00:00Z", "hash": f"{job}-{n}",
             "level": "error" if state in self.failures else "info", "message": f"now {state}"}
            for n, state in enumerate(self.walk[: self.jobs[job].at + 1])
        ]  # fmt: skip
        return Reply({"data": rows})

    def metrics(self, asked: Asked, job: str) -> Reply:
        return Reply({"metrics": METRICS})

    def delete_job(self, asked: Asked, job: str) -> Reply:
        found = self.jobs.pop(job, None)
        if found is not None and found.model is not None:
            del self.models[found.model]
        return Reply({"message": "ok"}) if found else self.missing(f"job {job}")

    def list_endpoints(self, asked: Asked) -> Reply:
        for row in self.endpoints.values():
            row["state"] = told(self.starting)
        return Reply({"data": list(self.endpoints.values())})

    def start(self, asked: Asked) -> Reply:
        made = {"id": self.new("endpoint-"), "name": f"{asked.body['model']}-ded", "model": asked.body["model"],
                "state": told(self.starting), "created_at": START}  # fmt: skip
        self.endpoints[made["id"]] = made
        return Reply(made)

    def stop(self, asked: Asked, endpoint: str) -> Reply:
        del self.endpoints[endpoint]
        return Reply(b"", 204)

    def chat(self, asked: Asked) -> Reply:
        model = str(asked.body["model"])
        served = [row["name"] for row in self.endpoints.values() if row["state"] == "STARTED"]
        if model not in served and not (self.serverless and model in self.models):
            message = f"Unable to access non-serverless model {model}. Create a dedicated endpoint."
            return Reply({"error": {"message": message, "code": "model_not_available"}}, 400)
        if not asked.body["messages"]:
            return Reply({"error": {"message": "messages must not be empty", "code": "invalid"}}, 400)
        return super().chat(asked)
