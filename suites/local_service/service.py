"""What the routes share: the shelves, who answers, who trains, and a line for each request that was served.

SERVICE/served.jsonl   {"at": 1763730000.1, "what": "POST /v1/chat/completions", "status": 200, "tokens": 83, …}
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from harness.errors import SuiteError
from harness.serving.refusing import Refused
from suites.local_service import jobs as fine_tuning
from suites.local_service.answering import Answering
from suites.local_service.batches import ENDED, Batches
from suites.local_service.chat import Served, ask, reply
from suites.local_service.engine import Engine
from suites.local_service.faults import Faults
from suites.local_service.jobs import Jobs
from suites.local_service.shelf import Object, Shelf
from suites.local_service.trainer import Trainer


def digest(messages: object) -> str:
    """A question's mark in the log, which keeps no text."""
    return hashlib.sha256(json.dumps(messages, sort_keys=True).encode()).hexdigest()[:12]


def marked(body: object) -> str:
    """The mark of a body's question."""
    return digest(body.get("messages") if isinstance(body, dict) else None)


@dataclass
class Service:
    """The service without its routes.

    Attributes:
        engine: What answers and trains.
        folder: Where all of it lies; taken up where it was left.
        secret: The key that callers must bring; empty for any or none.
        faults: What goes wrong on purpose.
    """

    engine: Engine
    folder: Path
    secret: str = ""
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._check_base()
        self._lock = Lock()
        self.files = Shelf(self.folder / "files", "file")
        self.jobs = Jobs(Shelf(self.folder / "jobs", "ftjob"), self.files, self.engine, self.faults)
        self.batches = Batches(
            Shelf(self.folder / "batches", "batch"), self.files, self.answer_patiently, self.faults
        )
        self.answering = Answering(self.engine)
        self.trainer = Trainer(self.jobs, self.engine, self.faults, self.folder / "training")

    def begin(self) -> None:
        """Goes on with what was under way; in the event loop."""
        for batch in self.batches.shelf.all():
            if batch["status"] not in ENDED:
                self.batches.begin(batch["id"])
        self.trainer.wake()

    def close(self) -> None:
        self.trainer.close()
        self.answering.close()

    def models(self) -> dict[str, Served]:
        """Everything that answers, by name."""
        name = self.engine.name
        found = {name: Served(name), fine_tuning.undated(name): Served(name)}
        for job in self.jobs.shelf.all():
            if time.time() - job.get("_ended", 0.0) >= self.faults.seconds("late-model"):
                found |= fine_tuning.served(job)
        return found

    async def answer(self, body: object, *, patient: bool = False) -> dict[str, Any]:
        """A chat completion.

        Raises:
            Refused: No such model, a question that is not served, or too many at a time.
        """
        name = body.get("model") if isinstance(body, dict) else None
        served = self.models().get(str(name))
        if served is None:
            said = f"The model {name!r} does not exist or you do not have access to it."
            raise Refused(404, said, param="model", code="model_not_found")
        asked = ask(body, served)
        return reply(asked, await self.answering.answer(asked, patient=patient), self.engine)

    async def answer_patiently(self, body: object) -> dict[str, Any]:
        """A line of a batch: it waits for its turn."""
        reply = await self.answer(body, patient=True)
        self.note("BATCH /v1/chat/completions", 200, tokens=reply["usage"]["total_tokens"], asked=marked(body))
        return reply

    def delete_model(self, name: str) -> Object:
        for job in self.jobs.shelf.all():
            if name in fine_tuning.served(job):
                self.jobs.shelf.change(job["id"], _deleted=[*job["_deleted"], name])
                return {"id": name, "object": "model", "deleted": True}
        raise Refused(404, f"The model {name!r} does not exist", code="model_not_found", param="model")

    def note(self, what: str, status: int, **more: object) -> None:
        """Writes down what was served."""
        line = json.dumps({"at": time.time(), "what": what, "status": status, **more})
        with self._lock, (self.folder / "served.jsonl").open("a", encoding="utf-8") as log:
            log.write(line + "\n")

    def _check_base(self) -> None:
        """Whoever takes up a folder must serve the model that its jobs were trained from."""
        mark = self.folder / "model.txt"
        if mark.exists() and mark.read_text(encoding="utf-8") != self.engine.name:
            raise SuiteError(f"{str(self.folder)!r} belongs to {mark.read_text()!r}: give another --folder")
        mark.write_text(self.engine.name, encoding="utf-8")
