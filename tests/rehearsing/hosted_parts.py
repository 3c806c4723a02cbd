"""A model with fine-tuning that must never be asked anything, and a strategy that tunes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Literal

from harness import Brief, Context, Example, Fitted, Model, Opened, Prompted, Record, Strategy, Usage
from harness.finetuning import FileRules, JobOrder, TuningJob
from harness.models import Completion, Request, Role
from harness.strategy import ChatName, StrategyName


class Asked(Exception):
    """Something was sent."""


class Far:
    """An endpoint that counts ten tokens for each prompt and refuses to be asked."""

    account = "far"
    window = 1000

    def __init__(self, name: str, batched: bool) -> None:
        self.identity = self.name = name
        self.batched = batched

    def tokens(self, request: Request) -> int:
        return 10

    async def send(self, request: Request) -> Completion:
        raise Asked

    async def close(self) -> None: ...


class FarTuning:
    """Knows its rules; all else would be sent."""

    name = "p/ft:far"
    rules = FileRules(provider="p", minimum=2, epochs=3)

    def __getattr__(self, name: str) -> Any:
        raise Asked(name)


class FarModel(Model):
    roles: ClassVar[frozenset[Role]] = frozenset({"chat"})
    local: ClassVar[bool] = False

    batched: bool = False

    @contextmanager
    def open(self) -> Iterator[Opened]:
        yield Opened(endpoint=Far("p/far", self.batched), tuning=FarTuning())


class Job(Record):
    model: str
    tokens: int


class Tunes(Strategy):
    """Uploads, tunes, waits and asks what was tuned."""

    model: ChatName

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        tuning = context.fine_tuning(self.model)
        job = context.step("job", Job, lambda: self._tune(tuning, train, context))
        yield Prompted(context.chat_model(self.model, tuned=job.model), brief)

    def _tune(self, tuning: Any, train: Sequence[Example], context: Context) -> Job:
        path = context.folder / "train.jsonl"
        path.write_text("{}\n" * len(train))
        file = tuning.upload(path, context.key)
        while not tuning.file_ready(file):
            context.sleep(3600)
        upper = Usage(model=tuning.name, training_tokens=1000 * len(train) * (tuning.rules.epochs or 1))
        with context.spend(upper, name="job") as spending:
            job: TuningJob = tuning.create(JobOrder(key=context.key, training_file=file))
            context.sleep(24 * 3600)
            job = tuning.job(job.id)
            spending.actual(Usage(model=tuning.name, training_tokens=job.trained_tokens or 0))
        context.elapsed("job", 24 * 3600)
        return Job(model=tuning.deploy(job, context.key), tokens=job.trained_tokens or 0)


class Cascade(Strategy):
    """Asks one strategy, and another where it is not sure."""

    first: StrategyName
    then: StrategyName

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        with context.fitted(self.first) as first, context.fitted(self.then) as then:
            yield _Cascade(first, then)


class _Cascade:
    def __init__(self, first: Fitted, then: Fitted) -> None:
        self._first, self._then = first, then

    def answer(self, queries: Sequence[Any]) -> Iterator[Any]:
        unsure = []
        for found in self._first.answer(queries):
            sure = max((getattr(found, "probabilities", None) or {"": 0.0}).values())
            if sure > 0.8:
                yield found
            else:
                unsure.append(found.query_id)
        yield from self._then.answer([query for query in queries if query.id in unsure])


class Trains(Strategy):
    """Tunes weights on this machine, after it asked an endpoint."""

    model: ChatName
    weights: ChatName
    how: Literal["here"] = "here"

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        context.trainable(self.weights)
        yield Prompted(context.chat_model(self.model), brief)


class Broken(Strategy):
    """Fails in prepare."""

    model: ChatName

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        raise RuntimeError("no luck")
        yield


class Caller(Strategy):
    """Contacts somebody by itself."""

    model: ChatName

    def reaches(self) -> str | None:
        return "api.example.org"

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        raise Asked
        yield
