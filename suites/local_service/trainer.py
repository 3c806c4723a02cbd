"""The thread that works jobs off, one at a time, the oldest first."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Event, Thread

from suites.local_service.engine import Engine, Epoch, Step
from suites.local_service.examples import Chat, Wrong, answers_are_objects, read
from suites.local_service.faults import Faults
from suites.local_service.jobs import ENDED, Jobs
from suites.local_service.shelf import Object

ODD = "preparing_cluster"  # a state that no documentation names
_ODD_SECONDS = 0.5


class _Over(Exception):
    """The job was cancelled or paused, or the service ends."""


class Trainer:
    """Works off jobs until it is closed; what it leaves running goes on with the next service on that folder.

    Args:
        jobs: The jobs.
        engine: Trains.
        faults: What goes wrong on purpose.
        folder: A folder for each job.
    """

    def __init__(self, jobs: Jobs, engine: Engine, faults: Faults, folder: Path) -> None:
        self._jobs = jobs
        self._engine = engine
        self._faults = faults
        self._folder = folder
        self._over = Event()
        self._new = Event()
        self._thread = Thread(target=self._run, name="training", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """A job may be there."""
        self._new.set()

    def close(self) -> None:
        self._over.set()
        self._new.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            waiting = [job for job in self._jobs.shelf.all() if _may_go_on(job)]
            if not waiting:
                self._new.wait(0.5)
                self._new.clear()
                continue
            try:
                self._work(waiting[0]["id"])
            except _Over:
                continue
            except Wrong as error:
                self._jobs.fail(waiting[0]["id"], "invalid_training_file", str(error), "training_file")
            except Exception as error:  # the job's owner is told; the service goes on
                self._jobs.fail(waiting[0]["id"], "server_error", f"{type(error).__name__}: {error}")

    def _work(self, key: str) -> None:
        jobs = self._jobs
        job = jobs.shelf.get(key)
        train, validation = self._read(job, "training_file"), self._read(job, "validation_file")
        if job["status"] == "validating_files":
            jobs.say(key, "Files validated, moving job to queued state", "queued")
            if self._faults.take("stuck"):
                jobs.shelf.change(key, _stuck=True)
                return
            if self._faults.take("pause"):
                jobs.say(key, "Job paused", "paused")
                return
            if self._faults.take("odd-state"):
                jobs.say(key, "Cluster is being prepared", ODD)
                self._over.wait(_ODD_SECONDS)
        form = "json" if answers_are_objects(train) else "bare"
        order = jobs.order(job, len(train))
        jobs.say(key, "Fine-tuning job started", "running")
        jobs.shelf.change(key, _form=form)
        fails, began = self._faults.take("fail"), time.monotonic()

        def tell(said: Step | Epoch) -> None:
            if self._over.is_set() or jobs.shelf.get(key)["status"] != "running":
                raise _Over
            if isinstance(said, Epoch):
                jobs.passed(key, said)
                return
            if fails:
                raise RuntimeError("the machine broke down")
            each = (time.monotonic() - began) / said.step
            jobs.stepped(key, said, each * (said.of - said.step))

        self._engine.tune(train, validation, order, self._folder / key, tell)
        for state in (self._folder / key).rglob("optimizer.safetensors"):
            state.unlink()
        jobs.succeed(key)

    def _read(self, job: Object, param: str) -> list[Chat]:
        key = job[param]
        if key is None:
            return []
        path = self._jobs.files.data(key)
        if not path.exists():
            raise Wrong(f"{param} {key!r} was deleted")
        return read(path.read_bytes()) if param == "training_file" else read(path.read_bytes(), least=1)


def _may_go_on(job: Object) -> bool:
    return job["status"] not in (*ENDED, "paused") and not job.get("_stuck")
