"""Mistral on this machine: lists by page, states in capitals, checkpoints with their losses."""

from __future__ import annotations

from typing import Any

from tests.servers.http import Asked, Reply
from tests.servers.stored import StoredFile, StoredJob
from tests.servers.tuning import START, TuningServer


class MistralServer(TuningServer):
    """Jobs whose metadata is the provider's own, and that are found by their suffix."""

    walk = ("QUEUED", "VALIDATING", "VALIDATED", "RUNNING", "SUCCESS")
    done = "SUCCESS"
    cancelled = "CANCELLED"
    failures = frozenset({"FAILED", "FAILED_VALIDATION"})

    def show_file(self, file: StoredFile) -> dict[str, Any]:
        return {"id": file.id, "filename": file.name, "purpose": file.purpose, "bytes": len(file.content),
                "sample_type": "instruct", "source": "upload"}  # fmt: skip

    def paged(self, rows: list[dict[str, Any]], asked: Asked) -> dict[str, Any]:
        size = min(self.page, int(asked.query.get("page_size", 100)))
        begin = int(asked.query.get("page", 0)) * size
        return {"object": "list", "data": rows[begin : begin + size], "total": len(rows)}

    def training_file(self, job: StoredJob) -> str:
        return str(job.order["training_files"][0]["file_id"])

    def create(self, asked: Asked) -> Reply:
        if len(asked.body["suffix"]) > 18 or not asked.body["auto_start"]:
            detail = [{"loc": ["body", "suffix"], "msg": "at most 18 characters"}]
            return Reply({"detail": detail}, 422)
        return Reply(self.show_job(self.order(asked.body)))

    def show_job(self, job: StoredJob) -> dict[str, Any]:
        states = self.walk[: job.at + 1]
        events = [
            {"name": "status-updated", "created_at": START + n,
             "data": {"status": state} | ({"error": "planted"} if state in self.failures else {})}
            for n, state in enumerate(states)
        ]  # fmt: skip
        checkpoints = [
            {"step_number": step, "created_at": START + step,
             "metrics": {"train_loss": 2.0 / step, "valid_loss": 3.0 / step, "valid_mean_token_accuracy": 0.5}}
            for step in (20, 10)
        ]  # fmt: skip
        return {"id": job.id, "object": "job", "status": job.state, "model": job.order["model"],
                "auto_start": True, "created_at": START, "modified_at": START + 60, "job_type": "completion",
                "suffix": job.order["suffix"], "fine_tuned_model": job.model,
                "trained_tokens": self.trained_tokens if job.model else None,
                "metadata": {"cost": 1.0, "cost_currency": "EUR"}, "events": events[::-1],
                "checkpoints": checkpoints if job.model else []}  # fmt: skip
