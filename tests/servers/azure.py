"""Azure OpenAI on this machine: OpenAI's dialect under /openai/v1, and Azure Resource Manager beside it."""

from __future__ import annotations

import codecs
from typing import Any

from tests.servers.http import Asked, Reply
from tests.servers.stored import StoredJob, told
from tests.servers.tuning import TuningServer

_PLACE = "/subscriptions/([^/]+)/resourceGroups/([^/]+)/providers/Microsoft.CognitiveServices/accounts/([^/]+)"
DENIED = {"error": {"code": "401", "message": "Access denied due to invalid subscription key."}}


class AzureServer(TuningServer):
    """Jobs, and deployments that a tuned model needs before it answers.

    Attributes:
        provisioning: What looks at a deployment are told; the last one stays.
        deployments: The tuned model's name, by the deployment's.
        token: What Azure Resource Manager wants.
    """

    walk = ("pending", "notRunning", "running", "succeeded")
    key = "sk-planted/0123456789+secret"
    token = "arm-token"

    def __init__(self) -> None:
        super().__init__()
        self.provisioning = ["Creating", "Succeeded"]
        self.deployments: dict[str, str] = {}
        self.tells_metadata = True

    @property
    def url(self) -> str:
        return f"{self.root}/openai/v1"

    def routes(self) -> None:
        self.file_routes("/openai/v1")
        self.job_routes("/openai/v1/fine_tuning")
        self.route("chat", "POST", "/openai/v1/chat/completions", self.chat)
        self.route("delete-model", "DELETE", "/openai/v1/models/(.+)", self.delete_model)
        self.route("deployments", "GET", f"{_PLACE}/deployments", self.list_deployments)
        for method, serve in (("GET", self.deployment), ("PUT", self.deploy), ("DELETE", self.undeploy)):
            self.route(f"{method.lower()}-deployment", method, f"{_PLACE}/deployments/([^/]+)", serve)

    def serve(self, asked: Asked) -> Reply | None:
        managed = asked.path.startswith("/subscriptions")
        right = f"Bearer {self.token}" == asked.headers.get("authorization")
        # Its v1 API takes a key in either place.
        keyed = f"Bearer {self.key}" == asked.headers.get("authorization") or self.key == asked.headers.get(
            "api-key"
        )
        if not (right if managed else keyed):
            return Reply(DENIED, 401)
        return super().serve(asked)

    def upload(self, asked: Asked) -> Reply:
        assert asked.file is not None
        if not asked.file.content.startswith(codecs.BOM_UTF8):
            return Reply({"error": {"code": "invalidPayload", "message": "no byte-order mark"}}, 400)
        return super().upload(asked)

    def tuned_name(self, job: StoredJob) -> str:
        return f"{job.order['model']}.ft-{job.number}-{job.order.get('suffix')}"

    def show_job(self, job: StoredJob) -> dict[str, Any]:
        shown = super().show_job(job) | {"user_provided_suffix": job.order.get("suffix")}
        return shown if self.tells_metadata else {name: shown[name] for name in shown if name != "metadata"}

    def chat(self, asked: Asked) -> Reply:
        name = str(asked.body["model"])
        if name not in self.deployments:
            message = "The API deployment for this resource does not exist."
            return Reply({"error": {"code": "DeploymentNotFound", "message": message}}, 404)
        if not asked.body["messages"]:
            return Reply({"error": {"message": "[] is too short - 'messages'", "code": None}}, 400)
        return super().chat(asked)

    def shown(self, name: str, state: str) -> dict[str, Any]:
        of = {"format": "OpenAI", "name": self.deployments[name], "version": "1"}
        return {"name": name, "properties": {"model": of, "provisioningState": state}}

    def list_deployments(self, asked: Asked, *place: str) -> Reply:
        return Reply({"value": [self.shown(name, "Succeeded") for name in self.deployments]})

    def deployment(self, asked: Asked, *place: str) -> Reply:
        if place[-1] not in self.deployments:
            return Reply({"error": {"code": "ResourceNotFound", "message": "no such deployment"}}, 404)
        return Reply(self.shown(place[-1], told(self.provisioning)))

    def deploy(self, asked: Asked, *place: str) -> Reply:
        self.deployments[place[-1]] = asked.body["properties"]["model"]["name"]
        return Reply(self.shown(place[-1], told(self.provisioning)), 201)

    def undeploy(self, asked: Asked, *place: str) -> Reply:
        del self.deployments[place[-1]]
        return Reply(b"", 202)
