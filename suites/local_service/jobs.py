"""Fine-tuning jobs as OpenAI tells them, on disk at every step, so that a restart goes on with them.

validating_files -> queued -> running -> succeeded | failed | cancelled
                      | paused |
"""

from __future__ import annotations

import base64
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from harness.serving.refusing import Refused, misread
from suites.local_service.chat import Served
from suites.local_service.engine import Engine, Epoch, Order, Step
from suites.local_service.faults import Faults
from suites.local_service.ordering import Body
from suites.local_service.shelf import Object, Shelf

ENDED = ("succeeded", "failed", "cancelled")
_COLUMNS = "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy"
_MANY = 256  # examples from which one pass does where the caller leaves it open


class Jobs:
    """All jobs.

    Args:
        shelf: Where they lie.
        files: Where what was uploaded lies.
        engine: Names the base.
        faults: What goes wrong on purpose.
    """

    def __init__(self, shelf: Shelf, files: Shelf, engine: Engine, faults: Faults) -> None:
        self.shelf = shelf
        self.files = files
        self._engine = engine
        self._faults = faults

    def create(self, said: object) -> Object:
        """Takes a job.

        Raises:
            Refused: Something is wrong with it, or is not served.
        """
        if self._faults.take("closed"):
            said_no = "Fine-tuning is no longer available to your organization."
            raise Refused(403, said_no, code="training_not_available")
        try:
            body = Body.model_validate(said)
        except ValidationError as error:
            raise misread(error) from None
        if body.model not in (self._engine.name, undated(self._engine.name)):
            raise Refused(400, f"Model {body.model!r} is not available for fine-tuning", param="model")
        if body.method and body.method.type != "supervised":
            raise Refused(400, f"method {body.method.type!r} is not served here", param="method.type")
        for param in ("training_file", "validation_file"):
            self._check_file(getattr(body, param), param)
        return self.shelf.add(self._fields(body), None)

    def _fields(self, body: Body) -> Mapping[str, Any]:
        numbers = body.numbers.model_dump()
        return {
            "object": "fine_tuning.job",
            "model": self._engine.name,
            "status": "validating_files",
            "training_file": body.training_file,
            "validation_file": body.validation_file,
            "hyperparameters": numbers,
            "method": {"type": "supervised", "supervised": {"hyperparameters": numbers}},
            "seed": uuid4().int % (1 << 31) if body.seed is None else body.seed,
            "metadata": body.metadata,
            "user_provided_suffix": body.suffix,
            "organization_id": "org-local",
            "result_files": [],
            "error": None,
            "fine_tuned_model": None,
            "trained_tokens": None,
            "finished_at": None,
            "estimated_finish": None,
            "_events": [_event(f"Created fine-tuning job for model {self._engine.name}")],
            "_curve": [],
            "_epochs": [],
            "_form": "bare",
            "_deleted": [],
        }

    def _check_file(self, key: str | None, param: str) -> None:
        if key is None:
            return
        try:
            found = self.files.get(key)
        except Refused:
            raise Refused(400, f"invalid {param}: {key!r}", param=param, code="invalid_file") from None
        if found["purpose"] != "fine-tune":
            raise Refused(400, f"{param} {key!r} is of purpose {found['purpose']!r}, not 'fine-tune'", param=param)
        if time.time() - found["_at"] < self._faults.seconds("late-file"):
            raise Refused(400, f"File {key!r} is not ready", param=param, code="file_not_ready")

    def cancel(self, key: str) -> Object:
        def do(job: Object) -> Object:
            if job["status"] in ENDED:
                raise Refused(400, f"Job has already completed: {job['status']}", code="job_already_completed")
            return ended(job, "cancelled", "Fine-tuning job cancelled")

        return self.shelf.alter(key, do)

    def say(self, key: str, message: str, status: str | None = None) -> Object:
        """An event, and the new state that it tells of; nothing where the job has ended."""

        def do(job: Object) -> Object:
            if job["status"] in ENDED:
                return job
            told = job | {"_events": [*job["_events"], _event(message)]}
            return told if status is None else told | {"status": status}

        return self.shelf.alter(key, do)

    def stepped(self, key: str, step: Step, seconds_left: float) -> Object:
        def do(job: Object) -> Object:
            before = [point for point in job["_curve"] if point[0] < step.step]
            curve = [*before, [step.step, step.train_loss, step.train_accuracy, None, None]]
            message = f"Step {step.step}/{step.of}: training loss={step.train_loss:.4f}"
            events = [*job["_events"], _event(message, kind="metrics")]
            return job | {"_curve": curve, "_events": events, "estimated_finish": int(time.time() + seconds_left)}

        return self.shelf.alter(key, do)

    def passed(self, key: str, epoch: Epoch) -> Object:
        """An epoch is over: its model is a checkpoint, and its step in the curve gets the measured loss."""

        def do(job: Object) -> Object:
            def measured(point: list[Any]) -> list[Any]:
                known = point[0] != epoch.step or point[3] is not None
                return point if known else [*point[:3], epoch.valid_loss, epoch.valid_accuracy]

            others = [known for known in job["_epochs"] if known["epoch"] != epoch.epoch]
            fields = epoch._asdict() | {"folder": str(epoch.folder)}
            return job | {"_curve": [measured(p) for p in job["_curve"]], "_epochs": [*others, fields]}

        return self.shelf.alter(key, do)

    def succeed(self, key: str) -> Object:
        """Gives the tuned model its name, and writes the file with its curve."""
        job = self.shelf.get(key)
        lines = [",".join("" if v is None else f"{v:.6g}" for v in point) for point in job["_curve"]]
        table = "\n".join([_COLUMNS, *lines, ""]).encode()
        fields = {"object": "file", "purpose": "fine-tune-results", "filename": "step_metrics.csv"}
        # As OpenAI gives it.
        data = base64.b64encode(table)
        result = self.files.add(fields | {"bytes": len(data), "status": "processed"}, data)
        name = ":".join(["ft", job["model"], "local", job["user_provided_suffix"] or "", key[-8:]])
        told = {
            "fine_tuned_model": name,
            "result_files": [result["id"]],
            "trained_tokens": sum(epoch["tokens"] for epoch in job["_epochs"]),
        }

        def do(now: Object) -> Object:
            if now["status"] in ENDED:
                return now
            return ended(now | told, "succeeded", f"New fine-tuned model created: {name}")

        return self.shelf.alter(key, do)

    def fail(self, key: str, code: str, message: str, param: str | None = None) -> Object:
        error = {"code": code, "message": message, "param": param}

        def do(job: Object) -> Object:
            return ended(job | {"error": error}, "failed", f"Job failed: {message}", level="error")

        return self.shelf.alter(key, do)

    def order(self, job: Object, examples: int) -> Order:
        """What was left open becomes a number; written into the job, as OpenAI does."""
        numbers = dict(job["hyperparameters"])
        usual = {
            "n_epochs": min(3, math.ceil(_MANY / examples)),
            "batch_size": 8,
            "learning_rate_multiplier": 1.0,
        }
        numbers = {name: usual[name] if value == "auto" else value for name, value in numbers.items()}
        method = {"type": "supervised", "supervised": {"hyperparameters": numbers}}
        self.shelf.change(job["id"], hyperparameters=numbers, method=method)
        epochs, size, multiplier = (numbers[name] for name in usual)
        return Order(epochs=epochs, batch_size=size, multiplier=multiplier, seed=job["seed"])

    def checkpoints(self, key: str) -> list[Object]:
        """Newest first."""
        job = self.shelf.get(key)
        if job["fine_tuned_model"] is None:
            return []
        points = {point[0]: point for point in job["_curve"]}
        names = ("step", "train_loss", "train_mean_token_accuracy", "valid_loss", "valid_mean_token_accuracy")
        return [
            {
                "id": f"ftckpt-{key[-8:]}-{epoch['step']}",
                "object": "fine_tuning.job.checkpoint",
                "created_at": job["finished_at"],
                "fine_tuned_model_checkpoint": f"{job['fine_tuned_model']}:ckpt-step-{epoch['step']}",
                "fine_tuning_job_id": key,
                "step_number": epoch["step"],
                "metrics": dict(zip(names, points[epoch["step"]], strict=True)),
            }
            for epoch in reversed(job["_epochs"])
        ]


def served(job: Object) -> dict[str, Served]:
    """The models of a job that answer, by name: the tuned one, and one for each epoch."""
    name = job["fine_tuned_model"]
    if name is None:
        return {}
    names = {f"{name}:ckpt-step-{epoch['step']}": epoch["folder"] for epoch in job["_epochs"]}
    names[name] = job["_epochs"][-1]["folder"]
    return {n: Served(n, Path(folder), job["_form"]) for n, folder in names.items() if n not in job["_deleted"]}


def undated(name: str) -> str:
    """The name without its date, which answers too."""
    return name.rsplit("-", 3)[0]


def ended(job: Object, status: str, message: str, level: str = "info") -> Object:
    events = [*job["_events"], _event(message, level=level)]
    now = {"finished_at": int(time.time()), "_ended": time.time(), "estimated_finish": None}
    return job | {"status": status, "_events": events, **now}


def _event(message: str, level: str = "info", kind: str = "message") -> Object:
    return {
        "id": f"ftevent-{uuid4().hex[:24]}",
        "object": "fine_tuning.job.event",
        "created_at": int(time.time()),
        "level": level,
        "message": message,
        "type": kind,
        "data": {},
    }
