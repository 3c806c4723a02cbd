"""Fine-tuning with Together.

POST /files/upload      train-h0f3a….jsonl      file-abc, "Processed": true
POST /fine-tunes        {"training_file": "file-abc", "suffix": "h0f3a…"}     pending -> running -> completed
GET  /fine-tunes/ID     "model_output_name": "acme/Qwen3-8B-h0f3a…", "token_count": 51234
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from harness import CallFailed
from harness.finetuning import ENDED, CurvePoint, JobEvent, JobOrder, JobState, TuningJob
from harness_openai.reading import figure, mark, moment, rows, text, whole
from harness_openai.tuning.adapter import Adapter
from harness_openai.tuning.wire import Form

_WAIT_SECONDS = 15.0


class TogetherTuning(Adapter):
    """Together's jobs. They take no metadata: the run's key goes into the tuned model's name."""

    states: ClassVar[Mapping[str, JobState]] = {
        "pending": "waiting",
        "queued": "waiting",
        "running": "running",
        "compressing": "running",
        "uploading": "running",
        "cancel_requested": "running",
        "cancelled": "cancelled",
        "error": "failed",
        "user_error": "failed",
        "completed": "succeeded",
    }
    provider: ClassVar[str] = "together"
    one_upload: ClassVar[int] = 5 * 1024**3  # by parts it takes more
    not_served: ClassVar[tuple[str, ...]] = ("non-serverless", "model_not_available", "dedicated_endpoint")

    def upload(self, path: Path, key: str) -> str:
        name = f"{path.stem}-{mark(key)}.jsonl"
        form = Form({"purpose": "fine-tune", "file_name": name, "file_type": "jsonl"}, name, path)
        return self._id(self._wire.upload("/files/upload", form))

    def find_file(self, key: str) -> str | None:
        wanted = mark(key)
        found = rows(self._wire.json("GET", "/files").get("data"))
        return next((text(row.get("id")) for row in found if wanted in str(row.get("filename"))), None)

    def file_ready(self, file: str) -> bool:
        told = self._wire.json("GET", f"/files/{quote(file, safe='')}")
        return told.get("Processed", told.get("processed")) is not False

    def create(self, order: JobOrder) -> TuningJob:
        self._check(order)
        method: dict[str, Any] = {"method": "sft"}
        if order.method == "dpo":
            method = {"method": "dpo"} | ({} if order.beta is None else {"dpo_beta": order.beta})
        body: dict[str, Any] = {
            "model": self.base,
            "training_file": order.training_file,
            "validation_file": order.validation_file,
            "n_epochs": order.epochs,
            "batch_size": order.batch_size,
            "learning_rate": order.learning_rate,
            "training_method": method,
            "suffix": self._marked(order),
        }
        return self._read(self._wire.json("POST", "/fine-tunes", {k: v for k, v in body.items() if v is not None}))

    def find(self, key: str) -> TuningJob | None:
        wanted = mark(key)
        for row in rows(self._wire.json("GET", "/fine-tunes").get("data")):
            if wanted in f"{self._output(row)} {row.get('suffix')}":
                return self._read(row)
        return None

    def job(self, job: str) -> TuningJob:
        return self._read(self._wire.json("GET", f"/fine-tunes/{quote(job, safe='')}"))

    def events(self, job: str) -> Sequence[JobEvent]:
        told = self._wire.json("GET", f"/fine-tunes/{quote(job, safe='')}/events")
        return [
            JobEvent(
                id=text(row.get("hash")) or f"{row.get('created_at')}-{row.get('type')}-{nth}",
                at=moment(row.get("created_at")),
                message=self._hide(text(row.get("message"))) or "",
                warning=str(row.get("level")).casefold() in ("warning", "error"),
            )
            for nth, row in enumerate(rows(told.get("data")))
        ]

    def curve(self, job: TuningJob) -> Sequence[CurvePoint]:
        told = self._wire.json("GET", f"/fine-tunes/{quote(job.id, safe='')}/metrics")
        found: dict[int, dict[str, float | None]] = {}
        for row in rows(told.get("metrics")):
            step = next((figure(row[name]) for name in row if name.endswith("global_step")), None)
            if step is not None and step >= 0:
                point = found.setdefault(int(step), {})
                losses = {"train_loss": figure(row.get("train/loss")), "valid_loss": figure(row.get("eval/loss"))}
                point |= {name: loss for name, loss in losses.items() if loss is not None}
        return [CurvePoint(step=step, **found[step]) for step in sorted(found)]

    def cancel(self, job: str) -> None:
        self._stop(f"/fine-tunes/{quote(job, safe='')}/cancel", job)

    def deploy(self, job: TuningJob, key: str) -> str:
        model = self._model(job)
        told = self._params.deployment
        if told is None or told.hardware is None:
            if self._answers(model):
                return model
            raise CallFailed(
                "deploy",
                f"Together answers for {model!r} only by a dedicated endpoint, billed by the minute: write "
                "`deployment: {hardware: …}` with what `together endpoints hardware` lists, then --resume",
                fatal=True,
            )
        found = next(iter(self._served(model)), None)
        if found is None:
            body = {
                "model": model,
                "hardware": told.hardware,
                "display_name": mark(key),
                "autoscaling": {"min_replicas": 1, "max_replicas": 1},
                "inactive_timeout": told.idle_minutes,
            }
            try:
                found = self._wire.json("POST", "/endpoints", body)
            except CallFailed as error:
                # It may have been made, and the list may not show it yet: a second one would be billed too.
                error.after = max(error.after or 0.0, self.rules.lag_seconds)
                raise
        state, name = text(found.get("state")), text(found.get("name"))
        if state == "STARTED" and name is not None:
            return name
        if state in ("PENDING", "STARTING"):
            message = f"Together's endpoint of {model!r} is {state!r}"
            raise CallFailed("deploying", message, retry=True, after=_WAIT_SECONDS)
        message = f"Together's endpoint {name!r} of {model!r} is {state!r}: start or delete it, then --resume"
        raise CallFailed("deploy", message, fatal=True)

    def delete_model(self, model: str) -> None:
        for row in self._served(model):
            model = text(row.get("model")) or model
            self._gone(f"/endpoints/{quote(str(row.get('id')), safe='')}")
        for row in rows(self._wire.json("GET", "/fine-tunes").get("data")):
            if self._output(row) == model:
                self._gone(f"/fine-tunes/{quote(self._id(row), safe='')}", {"force": "false"})

    def _served(self, model: str) -> list[dict[str, Any]]:
        """Dedicated endpoints of a model, or of this name."""
        found = self._wire.json("GET", "/endpoints", query={"type": "dedicated"})
        return [row for row in rows(found.get("data")) if model in (row.get("model"), row.get("name"))]

    def _read(self, row: Mapping[str, Any]) -> TuningJob:
        told = str(row.get("status"))
        state = self._state(told)
        tokens, epochs = whole(row.get("token_count")), whole(row.get("n_epochs"))
        last = next((text(event.get("message")) for event in rows(row.get("events"))[::-1]), None)
        return TuningJob(
            id=self._id(row),
            state=state,
            told=told,
            model=self._output(row) if state == "succeeded" else None,
            # `token_count` is the file's; each pass over it is billed.
            trained_tokens=tokens * (epochs or 1) if tokens else None,
            error=self._hide(last) if state == "failed" else None,
            created=moment(row.get("created_at")),
            finished=moment(row.get("updated_at")) if state in ENDED else None,
        )

    @staticmethod
    def _output(row: Mapping[str, Any]) -> str | None:
        return text(row.get("model_output_name")) or text(row.get("output_name"))
