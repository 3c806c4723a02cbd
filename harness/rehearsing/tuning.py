"""Fine-tuning with a provider, rehearsed: any file is taken, and every job has succeeded at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from harness.finetuning import CurvePoint, FileRules, FineTuning, JobEvent, JobOrder, TuningJob
from harness.models import Endpoint
from harness.rehearsing.standins import Speaker, StandInEndpoint


class StandInTuning:
    """Implements `harness.finetuning.FineTuning`; says what the real one says of itself, and asks it nothing.

    Args:
        real: The provider's.
        base: The untuned model.
        speaker: What tuned models answer.
        reserved: Trained tokens that were reserved for a model of a name.
    """

    def __init__(
        self, real: FineTuning, base: Endpoint, speaker: Speaker, reserved: Callable[[str], int | None]
    ) -> None:
        self._real = real
        self._base = base
        self._speaker = speaker
        self._reserved = reserved

    @property
    def name(self) -> str:
        return self._real.name

    @property
    def rules(self) -> FileRules:
        return self._real.rules

    def upload(self, path: Path, key: str) -> str:
        return f"rehearsal-{key}"

    def find_file(self, key: str) -> str | None:
        return None

    def file_ready(self, file: str) -> bool:
        return True

    def create(self, order: JobOrder) -> TuningJob:
        return self.job(order.key)

    def find(self, key: str) -> TuningJob | None:
        return None

    def job(self, job: str) -> TuningJob:
        told = self._reserved(self.name)
        return TuningJob(id=job, state="succeeded", told="rehearsed", model="ft:rehearsal", trained_tokens=told)

    def events(self, job: str) -> Sequence[JobEvent]:
        return ()

    def curve(self, job: TuningJob) -> Sequence[CurvePoint]:
        return ()

    def cancel(self, job: str) -> None: ...

    def deploy(self, job: TuningJob, key: str) -> str:
        return job.model or "ft:rehearsal"

    def endpoint(self, model: str) -> Endpoint:
        return StandInEndpoint(self._base, self._speaker, self.name)

    def delete_model(self, model: str) -> None: ...

    def delete_file(self, file: str) -> None: ...
