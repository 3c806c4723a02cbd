"""Fine-tuning with Azure OpenAI, by its v1 API: OpenAI's dialect, with more states and a deployment.

POST /openai/v1/fine_tuning/jobs                                pending -> running -> succeeded
PUT  management.azure.com/…/deployments/h0f3a…?api-version=…    Creating -> Succeeded
POST /openai/v1/chat/completions {"model": "h0f3a…"}            asked by the deployment's name
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from harness import CallFailed
from harness.errors import ModelError
from harness.finetuning import JobOrder, JobState, TuningJob
from harness.privacy.secrets import keep
from harness_openai.deployment import Deployment
from harness_openai.reading import mark, rows, table, text
from harness_openai.tuning.openai import OpenAITuning
from harness_openai.tuning.wire import Wire

_VERSION = "2024-10-01"  # of Azure Resource Manager's interface to these resources
_WAIT_SECONDS = 15.0
_FAILED = frozenset({"Failed", "Canceled", "Deleting", "Disabled"})


class AzureTuning(OpenAITuning):
    """Azure's jobs, and the deployment that a tuned model needs before it answers."""

    states: ClassVar[Mapping[str, JobState]] = {
        **OpenAITuning.states,
        "pending": "waiting",
        "notRunning": "waiting",
        "canceled": "cancelled",
        "deleted": "cancelled",
    }
    provider: ClassVar[str] = "azure"
    closed_by_403: ClassVar[bool] = False  # a 403 of Azure is a role that is missing
    closed_advice: ClassVar[str] = "Ask Microsoft for access, or tune with another provider"

    def deploy(self, job: TuningJob, key: str) -> str:
        model, name = self._model(job), mark(key)
        if not self._deployment.managed:
            if self._answers(name):
                return name
            raise CallFailed(
                "deploy",
                f"Azure answers only by a deployment: deploy the model {model!r} under the name {name!r} in its "
                "portal, which is billed by the hour while it stands, then --resume. Or write `deployment: "
                "{subscription, resource_group, token_env}`, and it is deployed for you",
                fatal=True,
            )
        manager = self._manager()
        path = f"{self._place()}/{name}"
        try:
            found = self._managed(manager, "GET", path)
        except CallFailed as error:
            if error.kind != "not-found":
                raise
            sku = {"name": self._deployment.sku, "capacity": self._deployment.capacity}
            of = {"format": "OpenAI", "name": model, "version": "1"}
            found = self._managed(manager, "PUT", path, {"sku": sku, "properties": {"model": of}})
        finally:
            manager.close()
        state = text(table(found.get("properties")).get("provisioningState"))
        if state == "Succeeded":
            return name
        if state in _FAILED:
            raise CallFailed("deploy", f"Azure's deployment {name!r} of {model!r} is {state!r}", fatal=True)
        message = f"Azure's deployment {name!r} is {state!r}"
        raise CallFailed("deploying", message, retry=True, after=_WAIT_SECONDS)

    def delete_model(self, model: str) -> None:
        if not self._deployment.managed:
            if self._answers(model):
                message = f"delete the deployment {model!r} in Azure's portal: it is billed by the hour until then"
                raise CallFailed("deploy", message)
            super().delete_model(model)
            return
        manager, named = self._manager(), model
        try:
            for row in rows(self._managed(manager, "GET", self._place()).get("value")):
                of = text(table(table(row.get("properties")).get("model")).get("name"))
                if model in (row.get("name"), of):
                    named = of or named
                    self._managed(manager, "DELETE", f"{self._place()}/{quote(str(row.get('name')), safe='')}")
        finally:
            manager.close()
        super().delete_model(named)

    def _wired(self) -> Wire:
        return Wire(self._params, self._key, self._params.address.url, header="api-key")

    def _opening(self, path: Path) -> bytes:
        with path.open("rb") as source:
            marked = source.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
        return b"" if marked else codecs.BOM_UTF8

    def _filter(self, key: str) -> Mapping[str, str]:
        return {}

    def _made_under(self, row: Mapping[str, Any], key: str) -> bool:
        names = " ".join(str(row.get(name)) for name in ("user_provided_suffix", "suffix", "fine_tuned_model"))
        return super()._made_under(row, key) or mark(key) in names

    def _order(self, order: JobOrder) -> dict[str, Any]:
        # Older versions of its API keep no metadata.
        return super()._order(order) | {"suffix": self._marked(order)}

    @property
    def _deployment(self) -> Deployment:
        return self._params.deployment or Deployment()

    def _manager(self) -> Wire:
        told = self._deployment
        try:
            token = told.token()
        except ModelError as error:
            raise CallFailed("auth", str(error), fatal=True) from None
        return Wire(self._params, keep(token), told.manager, key_env=told.token_from)

    @staticmethod
    def _managed(manager: Wire, method: Any, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return manager.json(method, path, body, {"api-version": _VERSION})

    def _place(self) -> str:
        told = self._deployment
        account = told.account or self._params.address.host.partition(".")[0]
        group = f"/subscriptions/{told.subscription}/resourceGroups/{told.resource_group}"
        return f"{group}/providers/Microsoft.CognitiveServices/accounts/{account}/deployments"
