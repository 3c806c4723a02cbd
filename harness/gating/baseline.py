"""What a later run is held against: one small file without texts, fit to be committed.

{"version": 1,
 "run": "2026-11-21-0915-sentiment",
 "tasks": [
  {"task": "tweets", "metric": "accuracy", "margin": 0.02, "rows": "5b0f1c9a7d21 0c11...",
   "strategies": [
    {"name": "features", "value": {"value": 0.917, "low": 0.88, "high": 0.943, "n": 300}, "answers": ["0110..."]},
    {"name": "lora", ...}]}]}

Rows are hashes, answers are numbers of labels (or the rows' scores): enough to test a later run against this one
on the same rows, and nothing of what the rows say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import ValidationError, model_validator

from harness.comparing.records import Cost, Estimate, Latency
from harness.errors import StoreError, suggest
from harness.gating.packing import unpack
from harness.records import Hardware, Kind, Record

Packed = Literal["labels", "scores", "nothing"]


class Kept(Record):
    """One strategy of a baseline.

    Attributes:
        name: Its name in the suite.
        use: Its plugin name or path.
        models: Names of the models that it uses.
        seeds: Of each trial.
        n: Test rows of one trial.
        failed: Rows that failed, over all trials.
        value: The task's metric.
        figures: The scorer's other figures, those of single labels left out.
        latency: On the baseline's own machine.
        cost: What it costs.
        answers: For each trial the rows' answers or scores, packed, in the order of the task's rows.
    """

    name: str
    use: str
    models: tuple[str, ...] = ()
    seeds: tuple[int, ...]
    n: int
    failed: int = 0
    value: Estimate
    figures: Mapping[str, Estimate] = {}
    latency: Latency | None = None
    cost: Cost = Cost()
    answers: tuple[str, ...] = ()


class KeptTask(Record):
    """One task of a baseline.

    Attributes:
        task: Its name.
        kind: Its kind.
        metric: What strategies are compared by.
        margin: A smaller difference is none that matters.
        recommended: The strategy that was recommended; None for none.
        labels: What the numbers in answers stand for.
        packed: What is kept of each row: its answer's `labels`, its `scores`, or `nothing` where the metric is no
            mean of rows' scores.
        rows: Hashes of the test rows, with a blank between them.
        strategies: By name.
    """

    task: str
    kind: Kind
    metric: str
    margin: float
    recommended: str | None = None
    labels: tuple[str, ...] = ()
    packed: Packed
    rows: str
    strategies: tuple[Kept, ...]

    @model_validator(mode="after")
    def _answers_fit_the_rows(self) -> KeptTask:
        for strategy in self.strategies:
            for answers in strategy.answers:
                unpack(answers, len(self.hashes))
        return self

    @property
    def hashes(self) -> list[str]:
        return self.rows.split()

    def strategy(self, name: str) -> Kept | None:
        return next((each for each in self.strategies if each.name == name), None)


class Baseline(Record):
    """A run, as small as a later one needs it.

    Attributes:
        version: Of this format.
        run: The run's id.
        suite: The suite's name.
        started: When the run was begun.
        git_commit: Of the suite's folder.
        hardware: What it ran on.
        versions: Of what it ran with.
        tasks: In the suite's order.
    """

    version: Literal[1] = 1
    run: str
    suite: str
    started: datetime
    git_commit: str | None = None
    hardware: Hardware
    versions: Mapping[str, str]
    tasks: tuple[KeptTask, ...]

    def task(self, name: str) -> KeptTask:
        """The task of that name.

        Raises:
            StoreError: There is none.
        """
        for each in self.tasks:
            if each.task == name:
                return each
        known = suggest(name, [each.task for each in self.tasks])
        raise StoreError(f"the baseline has no task {name!r}; {known}. `harness baseline RUN` makes a new one")


def read(path: Path) -> Baseline:
    """A baseline from its file.

    Raises:
        StoreError: There is none, or it is not one.
    """
    try:
        return Baseline.model_validate_json(path.read_bytes())
    except OSError as error:
        raise StoreError(
            f"the baseline cannot be read ({error.strerror}); `harness baseline RUN -o {path}` writes one",
            where=str(path),
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise StoreError(
            f"this is no baseline of this version of the harness: {place or 'it'}: {first['msg']};"
            f" `harness baseline RUN -o {path}` writes a new one",
            where=str(path),
        ) from None
