"""Fine-tuning with OpenAI, and with what speaks its dialect.

POST /files                 train-h0f3a….jsonl   file-abc     uploaded, processed, error
POST /fine_tuning/jobs      {"training_file": "file-abc", "metadata": {"harness_key": …}, "method": …}
GET  /fine_tuning/jobs/ID   validating_files -> queued -> running -> succeeded, "fine_tuned_model": "ft:…"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from harness import CallFailed
from harness.finetuning import CurvePoint, JobEvent, JobOrder, JobState, TuningJob
from harness_openai.reading import mark, moment, table, text, texts, whole
from harness_openai.tuning.adapter import Adapter
from harness_openai.tuning.curves import read_curve
from harness_openai.tuning.wire import Form, Rejected

KEY = "harness_key"
_JOBS = "/fine_tuning/jobs"
_READY = frozenset({"processed", "succeeded"})
_BROKEN = frozenset({"error", "failed", "canceled", "cancelled", "deleted"})
# What a 403 means where it is the key that lacks a right, and no door that is closed to the account.
_RIGHTS = re.compile(r"scope|insufficient permission|missing permission|country|region|territory", re.IGNORECASE)


class OpenAITuning(Adapter):
    """OpenAI's jobs. Its code for an account that may make no more of them is ``training_not_available``."""

    states: ClassVar[Mapping[str, JobState]] = {
        "validating_files": "waiting",
        "queued": "waiting",
        "running": "running",
        "pausing": "running",
        "paused": "paused",
        "resuming": "running",
        "succeeded": "succeeded",
        "failed": "failed",
        "cancelled": "cancelled",
    }
    provider: ClassVar[str] = "openai"
    closed_by_403: ClassVar[bool] = True
    closed_advice: ClassVar[str] = (
        "OpenAI ends self-serve fine-tuning in steps: for accounts new to it since May 2026, for those that asked "
        "no tuned model in 60 days since July, and for all from 2027-01-06. Tune with another provider, or with "
        "`use: lora` on this machine"
    )

    @property
    def base(self) -> str:
        # A tuned model may be tuned further, at its base's price: ft:BASE:org:suffix:id.
        found = super().base
        return found.split(":")[1] if found.startswith("ft:") else found

    def upload(self, path: Path, key: str) -> str:
        form = Form({"purpose": "fine-tune"}, f"{path.stem}-{mark(key)}.jsonl", path, self._opening(path))
        return self._id(self._wire.upload("/files", form))

    def find_file(self, key: str) -> str | None:
        wanted = mark(key)
        for row in self._wire.pages("/files", {"purpose": "fine-tune"}, size=1000):
            if wanted in str(row.get("filename")) and text(row.get("status")) not in _BROKEN:
                return text(row.get("id"))
        return None

    def file_ready(self, file: str) -> bool:
        told = self._wire.json("GET", f"/files/{quote(file, safe='')}")
        state = text(told.get("status"))
        if state in _BROKEN:
            why = self._hide(text(told.get("status_details"))) or "no reason given"
            raise CallFailed("file", f"the file {file!r} is refused ({state}): {why}")
        return state is None or state in _READY  # the field is on its way out

    def create(self, order: JobOrder) -> TuningJob:
        self._check(order)
        try:
            return self._read(self._wire.json("POST", _JOBS, self._order(order)))
        except Rejected as error:
            raise (self._closed(error) or error) from None

    def find(self, key: str) -> TuningJob | None:
        for row in self._wire.pages(_JOBS, self._filter(key)):
            if self._made_under(row, key):
                return self._read(row)
        return None

    def job(self, job: str) -> TuningJob:
        found = self._read(self._wire.json("GET", self._path(job)))
        if found.state != "succeeded":
            return found
        try:
            kept = [text(row.get("fine_tuned_model_checkpoint")) for row in self._pages(job, "checkpoints")]
        except Rejected:
            kept = []  # not all that speak the dialect have them
        return found.model_copy(update={"checkpoints": tuple(name for name in kept if name)[::-1]})

    def events(self, job: str) -> Sequence[JobEvent]:
        found = [
            JobEvent(
                id=str(row.get("id")),
                at=moment(row.get("created_at")),
                message=self._hide(text(row.get("message"))) or "",
                warning=row.get("level") in ("warn", "warning", "error"),
            )
            for row in self._pages(job, "events")
        ]
        return found[::-1]

    def curve(self, job: TuningJob) -> Sequence[CurvePoint]:
        for file in job.result_files:
            try:
                points = read_curve(self._wire.content(f"/files/{quote(file, safe='')}/content"))
            except Rejected as error:
                if error.kind != "not-found":  # it may have been deleted since
                    raise
                continue
            if points:
                return points
        return ()

    def cancel(self, job: str) -> None:
        self._stop(self._path(job, "cancel"), job)

    def delete_model(self, model: str) -> None:
        self._gone(f"/models/{quote(model, safe='')}")

    # What Azure says otherwise

    def _opening(self, path: Path) -> bytes:
        return b""

    def _filter(self, key: str) -> Mapping[str, str]:
        return {f"metadata[{KEY}]": key}

    def _made_under(self, row: Mapping[str, Any], key: str) -> bool:
        return table(row.get("metadata")).get(KEY) == key

    def _order(self, order: JobOrder) -> dict[str, Any]:
        how: dict[str, Any] = {
            "n_epochs": order.epochs,
            "batch_size": order.batch_size,
            "learning_rate_multiplier": order.learning_rate,
            "beta": order.beta if order.method == "dpo" else None,
        }
        body: dict[str, Any] = {
            "model": super().base,
            "training_file": order.training_file,
            "validation_file": order.validation_file,
            "method": {
                "type": order.method,
                order.method: {"hyperparameters": {k: v for k, v in how.items() if v is not None}},
            },
            "seed": order.seed,
            "suffix": order.suffix,
            "metadata": {KEY: order.key},
        }
        return {name: value for name, value in body.items() if value is not None}

    def _read(self, row: Mapping[str, Any]) -> TuningJob:
        told = str(row.get("status"))
        error = table(row.get("error"))
        said = ": ".join(part for part in (text(error.get("code")), text(error.get("message"))) if part)
        return TuningJob(
            id=self._id(row),
            state=self._state(told),
            told=told,
            model=text(row.get("fine_tuned_model")),
            trained_tokens=whole(row.get("trained_tokens")),
            error=self._hide(said or None),
            created=moment(row.get("created_at")),
            finished=moment(row.get("finished_at")),
            result_files=texts(row.get("result_files")),
        )

    def _closed(self, error: Rejected) -> CallFailed | None:
        said = error.said
        known = "training_not_available" in said.code.split()
        shut = self.closed_by_403 and said.status == 403 and error.kind in ("auth", "permission")
        if not known and not (shut and _RIGHTS.search(said.message) is None):
            return None
        who = self.provider
        return CallFailed(
            "closed",
            f"the provider has closed this: {who} makes no new fine-tuning jobs for this account "
            f"(HTTP {said.status}: {said.message}). {self.closed_advice}",
            fatal=True,
        )

    def _pages(self, job: str, what: str) -> Iterator[dict[str, Any]]:
        return self._wire.pages(self._path(job, what))

    @staticmethod
    def _path(job: str, what: str = "") -> str:
        return f"{_JOBS}/{quote(job, safe='')}" + (f"/{what}" if what else "")
