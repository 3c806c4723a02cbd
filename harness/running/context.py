"""A trial's Context: what the contract in strategy.py promises, over files.

fit/      the trial's folder: adapters, indexes, whatever prepare keeps
steps/    what prepare did, see steps.py
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Protocol, TypeVar

from harness.calls.batch import metered
from harness.calls.budget import unpriced
from harness.calls.calling import Calls, MeteredEngine
from harness.calls.endpoint import MeteredEndpoint
from harness.calls.ledger import Meter, costed
from harness.calls.long_embedding import LongEmbedder, LongTexts
from harness.calls.metering import MeteredEmbedder, MeteredTrainable
from harness.calls.patience import Asker
from harness.calls.pool import ModelPool
from harness.calls.tuning import SafeTuning
from harness.calls.tuning_book import TuningBook
from harness.errors import BudgetError, ModelError
from harness.finetuning import FineTuning
from harness.models import ChatModel, Endpoint, Opened, Trainable
from harness.privacy.secrets import hide
from harness.records import Example, Failed, Long, Prediction, Record, Row, TrialKey, Usage
from harness.running.spending import spend, spend_once
from harness.running.steps import Steps
from harness.scoring.tally import NO_ANSWER
from harness.strategy import Fitted, Spending

R = TypeVar("R", bound=Record)
_STOP_SECONDS = 0.1  # between two looks at whether the user stopped the run


class Bench(Protocol):
    """What a trial needs of its run."""

    @property
    def run_id(self) -> str: ...

    @property
    def pool(self) -> ModelPool: ...

    @property
    def calls(self) -> Calls: ...

    @property
    def jobs(self) -> TuningBook: ...

    def table(self, name: str) -> Sequence[Row]: ...

    def table_warning(self, name: str, task: str) -> str | None: ...

    def score(self, task: str, answers: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> float:
        """The task's metric over (targets, answers)."""
        ...

    def inner(self, key: TrialKey, meter: Meter) -> AbstractContextManager[Inner]:
        """Another strategy's trial, prepared; its answers are booked on `meter`."""
        ...

    def alone(self, key: TrialKey) -> AbstractContextManager[None]:
        """Held while a trial is prepared; what it uses is prepared inside, and nothing else is waited for."""
        ...

    def progress(self, key: TrialKey, done: int, total: int, what: str) -> None: ...

    def check_stop(self) -> None:
        """Raises KeyboardInterrupt once the user asked to stop."""
        ...

    @property
    def contexts(self) -> type[TrialContext]:
        """What strategies are handed; a rehearsal has its own."""
        ...


@dataclass(frozen=True)
class Inner:
    """Another trial as one that uses it sees it.

    Attributes:
        fitted: What answers.
        prepare_seconds: What its own prepare took, whoever it was prepared for.
        ledger: Its ledger file.
        warnings: What its readers must know.
    """

    fitted: Fitted
    prepare_seconds: float
    ledger: Path
    warnings: Sequence[str] = ()


class TrialContext:
    """The Context of one trial; see harness.strategy.Context.

    Args:
        key: Which trial.
        folder: The trial's; `fit/` and `steps/` are in it.
        bench: The run's shared parts.
        meter: Where what it uses is booked.
        long: What is done with texts that are longer than a model's window.
    """

    def __init__(self, key: TrialKey, folder: Path, bench: Bench, meter: Meter, long: Long | None = None) -> None:
        self._key = key
        self._fit = folder / "fit"
        self._steps = Steps(folder / "steps")
        self._fit.mkdir(parents=True, exist_ok=True)
        self._bench = bench
        self.meter = meter
        self._elsewhere = 0.0  # seconds on another account: a step's, an inner trial's, loading
        self._foreign = 0.0  # those of them that are not this trial's at all
        self._warnings: dict[str, None] = {}
        self._truncated: dict[str, str] = {}
        self.long_texts = LongTexts(long, self._truncated.__setitem__)
        self._inner: set[str] = set()

    @property
    def key(self) -> str:
        return f"{self._bench.run_id}/{self._key}"

    @property
    def folder(self) -> Path:
        return self._fit

    @property
    def warnings(self) -> tuple[str, ...]:
        return (*self._warnings, *self._truncated.values())

    def rng(self, *names: str) -> Random:
        return Random("\0".join((self._key.task, str(self._key.seed), str(self._key.repeat), *names)))

    def chat_model(self, name: str, *, tuned: str | None = None) -> ChatModel:
        opened = self._opened(name)
        if tuned is not None and opened.tuning is not None:
            return self._metered(name, self.fine_tuning(name).endpoint(tuned))
        if tuned is not None:
            return self.trainable(name).chat(Path(tuned))
        if opened.chat is not None:
            return MeteredEngine(opened.chat, self._bench.calls, self, self._key.repeat)
        if opened.endpoint is not None:
            return self._metered(name, opened.endpoint)
        raise ModelError(f"model {name!r} cannot chat: its weights are of another sort (an encoder?)")

    def fine_tuning(self, name: str) -> FineTuning:
        tuning = self._opened(name).tuning
        if tuning is None:
            raise ModelError(f"model {name!r} has no fine-tuning with a provider that the harness knows")
        if not self._bench.calls.budget.allow(name, tuning.name):  # before it is trained, and paid for
            raise BudgetError(unpriced({tuning.name: name}))
        asker = Asker(str(self._key), name, self.sleep, lambda said: self.progress(0, 1, said))
        return SafeTuning(tuning, self._bench.jobs, asker)

    def embedder(self, name: str) -> LongEmbedder:
        embedder = self._opened(name).embedder
        if embedder is None:
            raise ModelError(f"model {name!r} gives no embeddings")
        return LongEmbedder(name, MeteredEmbedder(name, embedder, self._bench.calls, self), self.long_texts)

    def trainable(self, name: str) -> Trainable:
        trainable = self._opened(name).trainable
        if trainable is None:
            raise ModelError(f"model {name!r} cannot be tuned here")
        return MeteredTrainable(name, trainable, self._bench.calls, self, self._key.repeat)

    def table(self, name: str) -> Sequence[Row]:
        if (told := self._bench.table_warning(name, self._key.task)) is not None:
            self.warn(told)
        return self._bench.table(name)

    @contextmanager
    def fitted(self, name: str) -> Iterator[Fitted]:
        began = time.perf_counter()
        with self._bench.inner(self._key.model_copy(update={"strategy": name}), self.meter) as inner:
            self._not_ours(began)
            if name not in self._inner:
                self._inner.add(name)
                self.meter.copy(costed(inner.ledger), name)
                for warning in inner.warnings:
                    self.warn(f"{name}: {warning}")
            if self._steps.find(f"prepared {name}") is None:
                self._steps.keep(f"prepared {name}", {}, inner.prepare_seconds)
            yield inner.fitted

    def score(self, predictions: Sequence[Prediction | Failed], examples: Sequence[Example]) -> float:
        answers = {p.query_id: p.answers if isinstance(p, Prediction) else NO_ANSWER for p in predictions}
        pairs = [(example.targets, answers.get(example.query.id, NO_ANSWER)) for example in examples]
        return self._bench.score(self._key.task, pairs)

    def step(self, name: str, of: type[R], do: Callable[[], R]) -> R:
        done = self._steps.result(name, of)
        if done is not None:
            return done
        began = self._clock()
        with self.meter.scope(name), self.booking_own("own"):
            result = do()
        seconds = self._clock() - began
        self._elsewhere += seconds
        self._steps.keep(name, result.model_dump(mode="json"), seconds)
        return of.model_validate_json(result.model_dump_json())  # the first attempt sees what a later one will

    def spend(self, upper: Usage, *, name: str | None = None) -> AbstractContextManager[Spending]:
        budget = self._bench.calls.budget
        if name is None:
            return spend(self.meter, budget, self.key, upper)
        return spend_once(self.meter, budget, self.key, upper, name)

    def sleep(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self._bench.check_stop()
            time.sleep(min(left, _STOP_SECONDS))
        self.meter.wait(seconds)

    def elapsed(self, name: str, seconds: float) -> None:
        if self._steps.find(f"elapsed {name}") is None:
            self._steps.keep(f"elapsed {name}", {}, seconds)

    def progress(self, done: int, total: int, what: str) -> None:
        self._bench.progress(self._key, done, total, what)

    def warn(self, message: str) -> None:
        self._warnings[hide(message)] = None

    def prepared_seconds(self, outside: float) -> float:
        """Seconds of prepare as an unbroken run would have taken: each step's own, and those outside of steps."""
        return outside + sum(step.seconds for step in self._steps.all())

    @contextmanager
    def booking_own(self, name: str) -> Iterator[None]:
        """Books what this machine does itself inside, beside the models at work: fitting, searching, parsing."""
        began = self._host_clock()
        try:
            yield
        finally:
            self._book_own(name, max(0.0, self._host_clock() - began))

    def _book_own(self, name: str, seconds: float) -> None:
        usage = Usage(model="this", device_seconds=seconds)
        self.meter.book(self.meter.name(name), usage, seconds, paid=True)
        self._bench.calls.budget.used(usage)

    @contextmanager
    def timed(self) -> Iterator[Callable[[], float]]:
        """Gives a clock of this trial's own seconds: waits left out, replays as first observed, steps apart."""
        began = self._clock()
        yield lambda: max(0.0, self._clock() - began)

    def _clock(self) -> float:
        return time.perf_counter() - self.meter.waited + self.meter.replayed - self._elsewhere

    def _host_clock(self) -> float:
        return time.perf_counter() - self.meter.waited - self.meter.live - self._foreign

    def _not_ours(self, began: float) -> None:
        seconds = time.perf_counter() - began
        self._elsewhere += seconds
        self._foreign += seconds

    def _metered(self, name: str, endpoint: Endpoint) -> MeteredEndpoint:
        self._bench.calls.budget.allow(name, endpoint.name)
        return metered(endpoint, self._bench.calls, self, self._key.repeat)

    def _opened(self, name: str) -> Opened:
        began = time.perf_counter()
        if not self._bench.pool.is_open(name):
            self._bench.progress(self._key, 0, 1, f"loading {name}")
        try:
            return self._bench.pool.get(name)
        finally:
            # Loading weights is the run's, not this strategy's: whoever comes first would pay for all.
            self._not_ours(began)
