"""Fireworks on this machine: datasets, jobs and deployments under names that the client chooses."""

from __future__ import annotations

from typing import Any

from tests.servers.http import Asked, Reply
from tests.servers.stored import StoredFile, StoredJob, told
from tests.servers.tuning import TuningServer

_ACCOUNT = "accounts/[^/]+"
TAKEN = {"code": 6, "message": "already exists", "details": []}
NONE = {"code": 5, "message": "not found", "details": []}


class FireworksServer(TuningServer):
    """What is there already under a name answers 409; errors are gRPC's, without a field `error`."""

    walk = ("JOB_STATE_CREATING", "JOB_STATE_VALIDATING", "JOB_STATE_RUNNING", "JOB_STATE_COMPLETED")
    done = "JOB_STATE_COMPLETED"
    cancelled = "JOB_STATE_CANCELLED"
    failures = frozenset({"JOB_STATE_FAILED"})

    def __init__(self) -> None:
        super().__init__()
        self.starting = ["CREATING", "READY"]
        self.deployments: dict[str, dict[str, Any]] = {}

    @property
    def url(self) -> str:
        return f"{self.root}/inference/v1"

    def routes(self) -> None:
        jobs = "(?:supervisedFineTuningJobs|dpoJobs)"
        self.route("upload", "POST", f"/v1/({_ACCOUNT})/datasets", self.new_dataset)
        self.route("content", "POST", f"/v1/({_ACCOUNT}/datasets/[^/:]+):upload", self.fill)
        self.route("file", "GET", f"/v1/({_ACCOUNT}/datasets/[^/:]+)", self.file)
        self.route("delete-file", "DELETE", f"/v1/({_ACCOUNT}/datasets/[^/:]+)", self.delete_file)
        self.route("create", "POST", f"/v1/({_ACCOUNT}/{jobs})", self.new_job)
        self.route("job", "GET", f"/v1/({_ACCOUNT}/{jobs}/[^/:]+)", self.job)
        self.route("cancel", "POST", f"/v1/({_ACCOUNT}/{jobs}/[^/:]+):cancel", self.cancel)
        self.route("delete-model", "DELETE", f"/v1/({_ACCOUNT}/models/[^/:]+)", self.delete_model)
        self.route("deployments", "GET", f"/v1/({_ACCOUNT})/deployments", self.list_deployments)
        self.route("deploy", "POST", f"/v1/({_ACCOUNT})/deployments", self.deploy)
        self.route("deployment", "GET", f"/v1/({_ACCOUNT}/deployments/[^/:]+)", self.deployment)
        self.route("undeploy", "DELETE", f"/v1/({_ACCOUNT}/deployments/[^/:]+)", self.undeploy)
        self.route("chat", "POST", "/inference/v1/chat/completions", self.chat)

    @staticmethod
    def missing(what: str) -> Reply:
        return Reply(NONE, 404)

    def new_dataset(self, asked: Asked, account: str) -> Reply:
        name = f"{account}/datasets/{asked.body['datasetId']}"
        if name in self.files:
            return Reply(TAKEN, 409)
        self.files[name] = StoredFile(name, name, b"", "dataset")
        return Reply(self.show_file(self.files[name]))

    def fill(self, asked: Asked, name: str) -> Reply:
        assert asked.file is not None
        self.files[name].content = asked.file.content
        return Reply({})

    def show_file(self, file: StoredFile) -> dict[str, Any]:
        ready = bool(file.content) and file.looks > self.late_file
        status = {"code": "INVALID_ARGUMENT", "message": "not valid: planted"} if self.bad_file else {"code": "OK"}
        return {"name": file.id, "state": "READY" if ready else "UPLOADING", "status": status}

    def new_job(self, asked: Asked, place: str) -> Reply:
        name = f"{place}/{next(iter(asked.query.values()))}"
        if name in self.jobs:
            return Reply(TAKEN, 409)
        return Reply(self.show_job(self.order(asked.body, name)))

    def tuned_name(self, job: StoredJob) -> str:
        account, name = job.id.split("/")[1], job.id.split("/")[-1]
        return f"accounts/{account}/models/{name}"

    def training_file(self, job: StoredJob) -> str:
        return str(job.order.get("dataset"))

    def show_job(self, job: StoredJob) -> dict[str, Any]:
        status = self.error if job.state in self.failures else {"code": "OK", "message": ""}
        return {"name": job.id, "state": job.state, "outputModel": self.tuned_name(job), "status": status,
                "createTime": "2026-11-21T10:00:00.123456Z", "displayName": job.order["displayName"]}  # fmt: skip

    def list_deployments(self, asked: Asked, account: str) -> Reply:
        rows = list(self.deployments.values())
        begin = int(asked.query.get("pageToken", 0))
        after = begin + self.page
        token = str(after) if after < len(rows) else ""
        return Reply({"deployments": rows[begin:after], "nextPageToken": token})

    def deploy(self, asked: Asked, account: str) -> Reply:
        name = f"{account}/deployments/{asked.query['deploymentId']}"
        if name in self.deployments:
            return Reply(TAKEN, 409)
        self.deployments[name] = {"name": name, "baseModel": asked.body["baseModel"], "state": told(self.starting)}
        return Reply(self.deployments[name])

    def deployment(self, asked: Asked, name: str) -> Reply:
        if name not in self.deployments:
            return self.missing(name)
        self.deployments[name]["state"] = told(self.starting)
        return Reply(self.deployments[name])

    def undeploy(self, asked: Asked, name: str) -> Reply:
        return Reply({}) if self.deployments.pop(name, None) else self.missing(name)

    def chat(self, asked: Asked) -> Reply:
        model, _, deployment = str(asked.body["model"]).partition("#")
        if deployment not in self.deployments or model not in self.models:
            return Reply({"error": {"message": "Model not found, inaccessible, and/or not deployed"}}, 404)
        return super().chat(asked)
