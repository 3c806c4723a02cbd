"""A provider of fine-tuning without a network: it does what it is told to, and remembers it in a folder.

    models:
      base:
        use: "harness.testing:ScriptedTuning"
        with: {folder: provider, states: [waiting, running, succeeded], faults: {create: [lost]}}

What it tunes answers as the training row does that shares its rarest words, so that tuning is worth something.
Each call raises an audit event, `sys.audit("harness.testing.tuning", call, "before" or "after")`: a test that
kills its process at one of them tries what a strategy finds when it goes on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar, cast, get_args

from pydantic import Field

from harness.finetuning import ENDED, CurvePoint, FileRules, JobEvent, JobOrder, JobState, Method, TuningJob
from harness.models import CallFailed, Endpoint, Model, Opened, Role
from harness.testing.tuned import ScriptedEndpoint
from harness.testing.tuning_state import AUDIT, TuningState

T = TypeVar("T")

_UNKNOWN_SECONDS = 600.0  # that a job takes, by its own clock

Fault = Literal[
    "", "lost", "timeout", "server", "rate-limit", "closed", "quota", "auth", "file", "not-found", "bad-request"
]


class ScriptedTuning(Model):
    """A chat model behind an endpoint, and the fine-tuning of it; real in all but its weights and its network."""

    roles: ClassVar[frozenset[Role]] = frozenset({"chat"})
    local: ClassVar[bool] = False

    folder: Path = Field(description="Where the provider remembers files, jobs and models.")
    otherwise: str = Field("", description="What the base model answers; empty for the first choice.")
    states: tuple[str, ...] = Field(
        ("waiting", "running", "succeeded"),
        description="What a job is at each look, the last one from then on; a word that is no state is unknown.",
    )
    error: str = Field("the training data is odd", description="Why a failed job failed.")
    faults: Mapping[str, tuple[Fault, ...]] = Field(
        {},
        description="Method to what goes wrong at each call of it, in order: `lost` takes effect and its answer "
        "is lost, the others take none; empty goes well.",
    )
    unready: int = Field(0, description="Looks at which an uploaded file is not ready yet.")
    late: int = Field(0, description="Questions to a tuned model that it is not found for.")
    nameless: int = Field(0, description="Looks at a job that succeeded which do not name its model yet.")
    behind: int = Field(0, description="Looks at a list that do not see what was made yet.")
    lag_seconds: float = Field(0.05, description="How far its lists say that they are behind.")
    tells_tokens: bool = Field(True, description="Whether an ended job tells its trained tokens.")
    deploys: bool = Field(False, description="Whether a tuned model must be deployed, under another name.")
    minimum: int = Field(1, description="Examples that a file must have.")
    methods: tuple[Method, ...] = Field(("supervised", "dpo"), description="Ways to tune that it takes.")

    @contextmanager
    def open(self) -> Iterator[Opened]:
        adapter = ScriptedFineTuning(self)
        yield Opened(endpoint=adapter.endpoint("base"), tuning=adapter)

    @property
    def provider(self) -> TuningState:
        """What the provider knows: for a test to look at, or to change behind the harness's back."""
        return TuningState(self.folder)


class ScriptedFineTuning:
    """Implements `FineTuning`."""

    def __init__(self, script: ScriptedTuning) -> None:
        self._script = script
        self._state = script.provider

    @property
    def name(self) -> str:
        return "scripted/ft:base"

    @property
    def rules(self) -> FileRules:
        script = self._script
        return FileRules(
            provider="scripted",
            methods=script.methods,
            minimum=script.minimum,
            epochs=3,
            lag_seconds=script.lag_seconds,
        )

    def upload(self, path: Path, key: str) -> str:
        def effect() -> str:
            with self._state.open() as state:
                file = f"file-{len(state['files']) + 1}"
                self._state.content(file).write_bytes(path.read_bytes())
                state["files"][file] = {"key": key, "looks": 0, "listed": 0}
            return file

        return self._call("upload", effect)

    def find_file(self, key: str) -> str | None:
        return self._call("find_file", lambda: self._listed("files", key))

    def file_ready(self, file: str) -> bool:
        def effect() -> bool:
            with self._state.open() as state:
                known = state["files"].get(file)
                if known is None:
                    raise CallFailed("not-found", f"there is no file {file}", fatal=True)
                known["looks"] += 1
                return bool(known["looks"] > self._script.unready)

        return self._call("file_ready", effect)

    def create(self, order: JobOrder) -> TuningJob:
        def effect() -> TuningJob:
            with self._state.open() as state:
                if order.training_file not in state["files"]:
                    raise CallFailed("not-found", f"there is no file {order.training_file}", fatal=True)
                job = f"job-{len(state['jobs']) + 1}"
                now = datetime.now(UTC).isoformat()
                state["jobs"][job] = {"order": order.model_dump(), "looks": 0, "listed": 0, "created": now}
            return self._job(job, look=False)

        return self._call("create", effect)

    def find(self, key: str) -> TuningJob | None:
        found = self._call("find", lambda: self._listed("jobs", key))
        return None if found is None else self._job(found, look=False)

    def job(self, job: str) -> TuningJob:
        return self._call("job", lambda: self._job(job, look=True))

    def events(self, job: str) -> Sequence[JobEvent]:
        def effect() -> list[JobEvent]:
            looks = self._state.read()["jobs"][job]["looks"]
            return [
                JobEvent(id=f"{job}-{i}", message=f"Step {i + 1}/{len(self._script.states)}: training")
                for i in range(looks)
            ]

        return self._call("events", effect)

    def curve(self, job: TuningJob) -> Sequence[CurvePoint]:
        points = [
            CurvePoint(step=i, train_loss=2.0 / i, valid_loss=2.5 / i if i % 3 == 0 else None)
            for i in range(1, 10)
        ]
        return self._call("curve", lambda: points)

    def cancel(self, job: str) -> None:
        def effect() -> None:
            ended = self._job(job, look=False).ended
            with self._state.open() as state:
                state["jobs"][job]["cancelled"] = not ended

        self._call("cancel", effect)

    def deploy(self, job: TuningJob, key: str) -> str:
        return self._call("deploy", lambda: f"deployed-{job.id}" if self._script.deploys else str(job.model))

    def endpoint(self, model: str) -> Endpoint:
        return ScriptedEndpoint(model, self._state, self._script.otherwise, self._script.late)

    def delete_model(self, model: str) -> None:
        self._call("delete_model", lambda: self._delete(model))

    def delete_file(self, file: str) -> None:
        self._call("delete_file", lambda: self._delete(file))

    def _call(self, call: str, effect: Callable[[], T]) -> T:
        sys.audit(AUDIT, call, "before")
        planned = self._script.faults.get(call, ())
        number = self._state.count(call)
        fault = planned[number] if number < len(planned) else ""
        if fault and fault != "lost":
            raise _failed(fault)
        result = effect()
        if fault == "lost":
            raise CallFailed("timeout", f"no answer to {call}", retry=True, after=0.01, billed=True)
        sys.audit(AUDIT, call, "after")
        return result

    def _listed(self, what: str, key: str) -> str | None:
        with self._state.open() as state:
            for id_, known in state[what].items():
                if (known["order"] if what == "jobs" else known)["key"] == key:
                    known["listed"] += 1
                    return str(id_) if known["listed"] > self._script.behind else None
        return None

    def _job(self, job: str, *, look: bool) -> TuningJob:
        with self._state.open() as state:
            known = state["jobs"].get(job)
            if known is None:
                raise CallFailed("not-found", f"there is no job {job}", fatal=True)
            told = self._script.states[min(known["looks"], len(self._script.states) - 1)]
            known["looks"] += look
            told = "cancelled" if known.get("cancelled") else told
            if told == "succeeded":
                state["models"][f"ft:base:{job}"] = known["order"]["training_file"]
        return self._told(job, told, known)

    def _told(self, job: str, told: str, known: dict[str, Any]) -> TuningJob:
        state: JobState = cast(JobState, told) if told in get_args(JobState) else "unknown"
        ended = state in ENDED
        named = len(self._script.states) - 1 + self._script.nameless
        created = datetime.fromisoformat(known["created"])
        lines = self._state.content(known["order"]["training_file"]).read_text(encoding="utf-8-sig").splitlines()
        tokens = sum(len(json.dumps(json.loads(line)).split()) for line in lines) * (known["order"]["epochs"] or 3)
        return TuningJob(
            id=job,
            state=state,
            told=told,
            model=f"ft:base:{job}" if state == "succeeded" and known["looks"] > named else None,
            trained_tokens=tokens if state == "succeeded" and self._script.tells_tokens else None,
            error=self._script.error if state == "failed" else None,
            created=created,
            finished=created + timedelta(seconds=_UNKNOWN_SECONDS) if ended else None,
        )

    def _delete(self, id_: str) -> None:
        with self._state.open() as state:
            state["deleted"].append(id_)
            state["files"].pop(id_, None)
            state["models"].pop(id_, None)


def _failed(fault: str) -> CallFailed:
    if fault in ("timeout", "server"):
        return CallFailed(fault, f"planted {fault}", retry=True, after=0.01, billed=fault == "timeout")
    if fault == "rate-limit":
        return CallFailed(fault, "planted limit", retry=True, after=0.01)
    return CallFailed(fault, f"it was planted: {fault}", fatal=fault in ("closed", "quota", "auth", "not-found"))
