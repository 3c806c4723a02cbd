"""Fine-tuning with Mistral.

POST /files                 train-h0f3a….jsonl      a UUID
POST /fine_tuning/jobs      {"training_files": [{"file_id": …, "weight": 1}], "suffix": "h0f3a…"}
GET  /fine_tuning/jobs/ID   QUEUED -> VALIDATED -> RUNNING -> SUCCESS, with events and checkpoints
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from harness.finetuning import ENDED, CurvePoint, JobEvent, JobOrder, JobState, TuningJob
from harness_openai.reading import figure, mark, moment, rows, table, text, whole
from harness_openai.tuning.adapter import Adapter
from harness_openai.tuning.wire import Form

_JOBS = "/fine_tuning/jobs"
_PAGES, _SIZE = 1000, 100


class MistralTuning(Adapter):
    """Mistral's jobs. Their metadata is the provider's own: the run's key goes into the suffix, of 18 letters."""

    states: ClassVar[Mapping[str, JobState]] = {
        "QUEUED": "waiting",
        "STARTED": "waiting",
        "VALIDATING": "waiting",
        "VALIDATED": "waiting",
        "RUNNING": "running",
        "CANCELLATION_REQUESTED": "running",
        "SUCCESS": "succeeded",
        "FAILED": "failed",
        "FAILED_VALIDATION": "failed",
        "CANCELLED": "cancelled",
    }
    provider: ClassVar[str] = "mistral"
    takes_no: ClassVar[tuple[str, ...]] = ("batch_size",)

    def upload(self, path: Path, key: str) -> str:
        form = Form({"purpose": "fine-tune"}, f"{path.stem}-{mark(key)}.jsonl", path)
        return self._id(self._wire.upload("/files", form))

    def find_file(self, key: str) -> str | None:
        wanted = mark(key)
        for row in self._listed("/files", {"purpose": "fine-tune", "search": wanted}):
            if wanted in str(row.get("filename")):
                return text(row.get("id"))
        return None

    def file_ready(self, file: str) -> bool:
        # It has no states: the job validates it.
        self._wire.json("GET", f"/files/{quote(file, safe='')}")
        return True

    def create(self, order: JobOrder) -> TuningJob:
        self._check(order)
        how = {"epochs": order.epochs, "learning_rate": order.learning_rate}
        body: dict[str, Any] = {
            "model": self.base,
            "training_files": [{"file_id": order.training_file, "weight": 1}],
            "validation_files": [order.validation_file] if order.validation_file else None,
            "hyperparameters": {name: value for name, value in how.items() if value is not None},
            "suffix": mark(order.key),
            "auto_start": True,
        }
        return self._read(self._wire.json("POST", _JOBS, {k: v for k, v in body.items() if v is not None}))

    def find(self, key: str) -> TuningJob | None:
        wanted = mark(key)
        for row in self._listed(_JOBS, {"suffix": wanted}):
            if wanted in f"{row.get('suffix')} {row.get('fine_tuned_model')}":
                return self._read(row)
        return None

    def job(self, job: str) -> TuningJob:
        return self._read(self._told(job))

    def events(self, job: str) -> Sequence[JobEvent]:
        found = [
            JobEvent(
                id=f"{row.get('created_at')}-{row.get('name')}-{table(row.get('data')).get('status')}",
                at=moment(row.get("created_at")),
                message=self._hide(_message(row)) or "",
                warning="error" in table(row.get("data")),
            )
            for row in rows(self._told(job).get("events"))
        ]
        return sorted(found, key=lambda event: event.at.timestamp() if event.at else 0.0)

    def curve(self, job: TuningJob) -> Sequence[CurvePoint]:
        points = {}
        for row in rows(self._told(job.id).get("checkpoints")):
            step, metrics = whole(row.get("step_number")), table(row.get("metrics"))
            if step is not None:
                points[step] = CurvePoint(
                    step=step,
                    train_loss=figure(metrics.get("train_loss")),
                    valid_loss=figure(metrics.get("valid_loss")),
                    valid_accuracy=figure(metrics.get("valid_mean_token_accuracy")),
                )
        return [points[step] for step in sorted(points)]

    def cancel(self, job: str) -> None:
        self._stop(f"{_JOBS}/{quote(job, safe='')}/cancel", job)

    def delete_model(self, model: str) -> None:
        self._gone(f"/models/{quote(model, safe='')}")

    def _told(self, job: str) -> dict[str, Any]:
        return self._wire.json("GET", f"{_JOBS}/{quote(job, safe='')}")

    def _listed(self, path: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for page in range(_PAGES):
            asked = {**query, "page": str(page), "page_size": str(_SIZE)}
            told = self._wire.json("GET", path, query=asked)
            new = {str(row.get("id")): row for row in rows(told.get("data"))}
            if not new.keys() - found.keys():  # the end, or a list that repeats itself
                break
            found |= new
        return list(found.values())

    def _read(self, row: Mapping[str, Any]) -> TuningJob:
        told = str(row.get("status"))
        state = self._state(told)
        tokens = whole(row.get("trained_tokens")) or whole(table(row.get("metadata")).get("train_tokens"))
        why = next(
            (_message(event) for event in rows(row.get("events")) if table(event.get("data")).get("error")), None
        )
        return TuningJob(
            id=self._id(row),
            state=state,
            told=told,
            model=text(row.get("fine_tuned_model")),
            trained_tokens=tokens,
            error=self._hide(why) if state == "failed" else None,
            created=moment(row.get("created_at")),
            finished=moment(row.get("modified_at")) if state in ENDED else None,
        )


def _message(event: Mapping[str, Any]) -> str:
    data = table(event.get("data"))
    said = text(data.get("error")) or text(data.get("message")) or text(data.get("status"))
    return f"{event.get('name')}: {said}" if said else str(event.get("name"))
