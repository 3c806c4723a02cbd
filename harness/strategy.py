"""The one page that a plugin's author reads.

A strategy is a way to adapt a model to a task. Its fields are its parameters; `prepare` does the work (it may
train, search, index) and gives something that answers:

    class FewShot(Strategy):
        model: ChatName
        shots: int = Field(4, ge=0, description="Demonstrations in the prompt, over all labels.")

        @contextmanager
        def prepare(self, brief, train, validation, context):
            demonstrations = balanced(train, self.shots, context.rng("demonstrations"))
            yield Prompted(context.chat_model(self.model), brief, demonstrations=demonstrations)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Annotated, ClassVar, Literal, Protocol, TypeVar

from harness.finetuning import FineTuning
from harness.models import ChatModel, Embedder, Trainable
from harness.records import Brief, Example, Failed, Kind, Prediction, Query, Record, Row, Usage


@dataclass(frozen=True)
class Ref:
    """Marks a parameter as the name of something in the suite: checked and scheduled before prepare.

    Attributes:
        kind: What it must name.
        tuned: Whether it is a chat model that its provider tunes, so that it is not asked as it is.
    """

    kind: Literal["chat", "embedder", "trainable", "strategy", "table"]
    tuned: bool = False


ChatName = Annotated[str, Ref("chat")]
EmbedderName = Annotated[str, Ref("embedder")]
TrainableName = Annotated[str, Ref("trainable")]
StrategyName = Annotated[str, Ref("strategy")]
TableName = Annotated[str, Ref("table")]
R = TypeVar("R", bound=Record)


class Fitted(Protocol):
    """What prepare gives: answers queries. Yields one outcome for each query, as they come, in any order."""

    def answer(self, queries: Sequence[Query]) -> Iterator[Prediction | Failed]: ...


class Spending(Protocol):
    """A reservation that is settled with what was really used."""

    def actual(self, usage: Usage) -> None: ...


class Context(Protocol):
    """The only purse, the only way to models, and the trial's memory. The runner implements it."""

    @property
    def key(self) -> str:
        """This trial's, the same after every resume: a hosted job's run key."""
        ...

    @property
    def folder(self) -> Path:
        """This trial's, kept between attempts; empty only at the first."""
        ...

    def rng(self, *names: str) -> Random:
        """A random generator from the seed and the names: never from call order."""
        ...

    def chat_model(self, name: str, *, tuned: str | None = None) -> ChatModel:
        """The suite's model of that name, or what was tuned from it.

        Args:
            name: The suite's.
            tuned: A folder of this trial's; for an endpoint, the tuned model's name with the provider.
        """
        ...

    def fine_tuning(self, name: str) -> FineTuning:
        """The provider's fine-tuning of the suite's model of that name; safe to call again at any time.

        Core keeps every file and job that is made under a key, looks for it with the provider before it is made
        again, and retries what may be repeated.

        Raises:
            ModelError: The model's endpoint has no fine-tuning that the harness knows.
        """
        ...

    def embedder(self, name: str) -> Embedder: ...

    def trainable(self, name: str) -> Trainable: ...

    def table(self, name: str) -> Sequence[Row]: ...

    def fitted(self, name: str) -> AbstractContextManager[Fitted]:
        """Another strategy of the suite, prepared once however many ask for it, charged to each."""
        ...

    def score(self, predictions: Sequence[Prediction | Failed], examples: Sequence[Example]) -> float:
        """The task's metric; a failure counts as wrong here, so that nobody is chosen for failing."""
        ...

    def step(self, name: str, of: type[R], do: Callable[[], R]) -> R:
        """Runs `do` once in the trial's life: its result is on disk before it is returned; read back on resume.

        What steps return stands in the trial's record, so a step is also how a strategy reports.
        """
        ...

    def spend(self, upper: Usage, *, name: str | None = None) -> AbstractContextManager[Spending]:
        """Reserves `upper` before work that no model call meters (training), then settles what was used.

        Left without a word to `actual`, all of `upper` is booked.

        Args:
            upper: At most what will be used.
            name: For what outlives this process, such as a job with a provider: reserved once in the trial's life
                and booked once. Left by an error it stays reserved, because the job goes on; where none was made,
                say so by an `actual` without tokens, and it is given back.
        """
        ...

    def sleep(self, seconds: float) -> None:
        """Waits for a job elsewhere: no part of what preparing takes, and over where the run is stopped."""
        ...

    def elapsed(self, name: str, seconds: float) -> None:
        """Counts seconds that passed elsewhere, such as a job's on a provider's machines, as part of prepare.

        Once under each name, however often it is said.
        """
        ...

    def progress(self, done: int, total: int, what: str) -> None: ...

    def warn(self, message: str) -> None:
        """Something that a reader of the results must know; kept once however often it is said."""
        ...


class Strategy(Record, ABC):
    """Parameters only: no work when constructed, pickles, round-trips through YAML."""

    kinds: ClassVar[frozenset[Kind]] = frozenset({"label", "labels", "fields", "text"})  # tasks it serves

    @abstractmethod
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> AbstractContextManager[Fitted]:
        """Does all that is done once, and gives what answers.

        Independent in a fresh `context.folder`; in a used one it takes up the finished work (each
        `context.step` that is on disk) and spends nothing on it again. Choices are made on `validation`.
        """

    def reaches(self) -> str | None:
        """The host beyond this machine that it would contact by itself; None for none (`privacy: local`).

        What its models contact, they say themselves.
        """
        return None
