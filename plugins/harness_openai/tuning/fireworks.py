"""Fine-tuning with Fireworks: every name is of our own choosing, so that a second create finds the first.

POST /v1/accounts/acme/datasets                        {"datasetId": "h0f3a…"}   UPLOADING -> READY
POST /v1/accounts/acme/supervisedFineTuningJobs?supervisedFineTuningJobId=h0f3a…
POST /v1/accounts/acme/deployments?deploymentId=h0f3a… {"baseModel": "accounts/acme/models/h0f3a…"}   READY
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import quote

from harness import CallFailed
from harness.finetuning import JobOrder, JobState, TuningJob
from harness_openai.reading import mark, moment, rows, table, text
from harness_openai.tuning.adapter import Adapter
from harness_openai.tuning.wire import Form, Rejected, Wire

_KINDS: Mapping[Literal["supervised", "dpo"], str] = {
    "supervised": "supervisedFineTuningJobs",
    "dpo": "dpoJobs",
}
_WAIT_SECONDS = 15.0
_PAGES = 1000
_TAKEN = 409


class FireworksTuning(Adapter):
    """Fireworks' jobs, datasets and deployments. Its control plane is beside `/inference/v1`, where it answers."""

    states: ClassVar[Mapping[str, JobState]] = {
        "JOB_STATE_CREATING": "waiting",
        "JOB_STATE_CREATING_INPUT_DATASET": "waiting",
        "JOB_STATE_VALIDATING": "waiting",
        "JOB_STATE_PENDING": "waiting",
        "JOB_STATE_RE_QUEUEING": "waiting",
        "JOB_STATE_RUNNING": "running",
        "JOB_STATE_WRITING_RESULTS": "running",
        "JOB_STATE_CANCELLING": "running",
        "JOB_STATE_PAUSED": "paused",
        "JOB_STATE_COMPLETED": "succeeded",
        "JOB_STATE_EARLY_STOPPED": "succeeded",
        "JOB_STATE_FAILED": "failed",
        "JOB_STATE_EXPIRED": "failed",
        "JOB_STATE_CANCELLED": "cancelled",
        "JOB_STATE_DELETING": "cancelled",
        "JOB_STATE_DELETING_CLEANING_UP": "cancelled",
    }
    provider: ClassVar[str] = "fireworks"
    one_upload: ClassVar[int] = 150 * 1024**2  # by a signed address it takes more

    def upload(self, path: Path, key: str) -> str:
        name = mark(key)
        file = f"{self._account}/datasets/{name}"
        try:
            made = {"datasetId": name, "dataset": {"displayName": path.stem, "userUploaded": {}}}
            self._wire.json("POST", f"/{self._account}/datasets", made)
        except Rejected as error:
            if error.said.status != _TAKEN:
                raise
            if self.file_ready(file):  # an attempt whose answer was lost
                return file
        self._wire.upload(f"/{file}:upload", Form({}, f"{name}.jsonl", path))
        return file

    def find_file(self, key: str) -> str | None:
        file = f"{self._account}/datasets/{mark(key)}"
        try:
            return file if self.file_ready(file) else None
        except CallFailed as error:
            if error.kind != "not-found":
                raise
            return None

    def file_ready(self, file: str) -> bool:
        told = self._wire.json("GET", _path(file))
        status = table(told.get("status"))
        if status.get("code") not in (None, "OK", 0):
            why = self._hide(text(status.get("message"))) or str(status.get("code"))
            raise CallFailed("file", f"the dataset {file!r} is refused: {why}")
        return told.get("state") == "READY"

    def create(self, order: JobOrder) -> TuningJob:
        self._check(order)
        kind, name = _KINDS[order.method], mark(order.key)
        how: dict[str, Any] = {
            "baseModel": self.base,
            "epochs": order.epochs,
            "learningRate": order.learning_rate,
            "batchSizeSamples": order.batch_size,
        }
        how = {field: value for field, value in how.items() if value is not None}
        body: dict[str, Any] = {"dataset": order.training_file, "displayName": order.suffix or name}
        if order.method == "dpo":
            loss = {} if order.beta is None else {"dpo": {"beta": order.beta}}
            body |= {"trainingConfig": how, "lossConfig": {"method": "DPO", **loss}}
        else:
            body |= how | ({"evaluationDataset": order.validation_file} if order.validation_file else {})
        try:
            made = self._wire.json("POST", f"/{self._account}/{kind}", body, {f"{kind[:-1]}Id": name})
        except Rejected as error:
            if error.said.status != _TAKEN:
                raise
            return self.job(f"{self._account}/{kind}/{name}")
        return self._read(made)

    def find(self, key: str) -> TuningJob | None:
        for kind in _KINDS.values():
            try:
                return self.job(f"{self._account}/{kind}/{mark(key)}")
            except CallFailed as error:
                if error.kind != "not-found":
                    raise
        return None

    def job(self, job: str) -> TuningJob:
        return self._read(self._wire.json("GET", _path(job)))

    def cancel(self, job: str) -> None:
        self._stop(f"{_path(job)}:cancel", job)

    def deploy(self, job: TuningJob, key: str) -> str:
        model = self._model(job)
        name = f"{self._account}/deployments/{mark(key)}"
        try:
            found = self._wire.json("GET", _path(name))
        except CallFailed as error:
            if error.kind != "not-found":
                raise
            found = self._serve(model, mark(key))
        state = text(found.get("state"))
        if state == "READY":
            return f"{model}#{name}"
        if state in ("FAILED", "DELETING", "DELETED"):
            why = self._hide(text(table(found.get("status")).get("message"))) or "no reason given"
            raise CallFailed("deploy", f"Fireworks' deployment {name!r} is {state!r}: {why}", fatal=True)
        message = f"Fireworks' deployment {name!r} is {state!r}"
        raise CallFailed("deploying", message, retry=True, after=_WAIT_SECONDS)

    def delete_model(self, model: str) -> None:
        name, _, served = model.partition("#")
        names = [served] if served else [
            str(row.get("name")) for row in self._listed("deployments") if row.get("baseModel") == name
        ]  # fmt: skip
        for deployment in names:
            self._gone(_path(deployment), {"ignoreChecks": "true"})
        self._gone(_path(name))

    def delete_file(self, file: str) -> None:
        self._gone(_path(file))

    def _serve(self, model: str, name: str) -> dict[str, Any]:
        told = self._params.deployment
        body: dict[str, Any] = {
            "baseModel": model,
            "displayName": name,
            "minReplicaCount": 0,
            "maxReplicaCount": 1,
        }
        if told is not None and told.hardware is not None:
            body |= {"acceleratorType": told.hardware}
        try:
            return self._wire.json("POST", f"/{self._account}/deployments", body, {"deploymentId": name})
        except Rejected as error:
            if error.said.status != _TAKEN:
                raise
            return self._wire.json("GET", f"/{self._account}/deployments/{name}")

    def _listed(self, kind: str) -> Iterator[dict[str, Any]]:
        token = ""
        for _ in range(_PAGES):
            query = {"pageSize": "200"} | ({"pageToken": token} if token else {})
            page = self._wire.json("GET", f"/{self._account}/{kind}", query=query)
            yield from rows(page.get(kind))
            after, token = token, text(page.get("nextPageToken")) or ""
            if not token or token == after:
                return

    def _read(self, row: Mapping[str, Any]) -> TuningJob:
        told = str(row.get("state"))
        state = self._state(told)
        output = text(row.get("outputModel")) or text(table(row.get("trainingConfig")).get("outputModel"))
        why = text(table(row.get("status")).get("message"))
        return TuningJob(
            id=self._id(row, "name"),
            state=state,
            told=told,
            # It is named from the start, and there once the job has succeeded.
            model=output if state == "succeeded" else None,
            error=self._hide(why) if state == "failed" else None,
            created=moment(row.get("createTime")),
            finished=moment(row.get("completedTime")),
        )

    def _wired(self) -> Wire:
        url = self._params.address.url.rstrip("/").removesuffix("/v1").removesuffix("/inference")
        return Wire(self._params, self._key, f"{url}/v1")

    @property
    def _account(self) -> str:
        told = self._params.deployment
        if told is None or not told.account:
            raise CallFailed(
                "account",
                "Fireworks tunes in an account: write `deployment: {account: …}` with its id",
                fatal=True,
            )
        return f"accounts/{quote(told.account, safe='')}"


def _path(name: str) -> str:
    return f"/{quote(name, safe='/')}"
