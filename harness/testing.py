"""The public kit for authors of plugins: try a strategy without a suite, and check that it keeps the contract.

    def test_it_keeps_the_contract(tmp_path):
        check_strategy(MyStrategy(), folder=tmp_path)

The context is the runner's own, over real files; nothing is patched.
"""

from __future__ import annotations

import hashlib
import math
import pickle
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from pydantic import Field

from harness import plugins
from harness.calls.budget import Budget
from harness.calls.cache import Cache
from harness.calls.calling import Calls
from harness.calls.ledger import costed, entries
from harness.calls.pool import ModelPool
from harness.calls.pricing import Prices
from harness.data.taskdata import DataReport, TaskData
from harness.journal import read
from harness.models import Answered, Completion, Model, Opened, Request, Role
from harness.records import (
    Brief,
    Example,
    Exchange,
    Failed,
    LedgerEntry,
    Outcome,
    PluginStamp,
    Prediction,
    Query,
    Row,
    TrialHeader,
    TrialKey,
    Usage,
)
from harness.running import trial
from harness.running.bench import TaskBench, Workbench
from harness.running.store import TrialFolder
from harness.scoring import default_metric
from harness.strategy import Strategy
from harness.suite import PriceBook
from harness.suite.binding import Bound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ScriptedModel(Model):
    """A chat model that says what it is told to: real in all but its weights.

    With `choices` it gives log-likelihoods that favour its reply where the reply is one of them.
    """

    roles: ClassVar[frozenset[Role]] = frozenset({"chat"})

    replies: Mapping[str, str] = Field({}, description="Text in the last user turn to the reply; first one wins.")
    otherwise: str = Field("", description="The reply to everything else; empty for the first choice.")
    window: int = Field(4096, description="Words that a prompt may have.")

    @contextmanager
    def open(self) -> Iterator[Opened]:
        yield Opened(chat=_Scripted(self))


class _Scripted:
    def __init__(self, script: ScriptedModel) -> None:
        self._script = script

    @property
    def identity(self) -> str:
        return "scripted-" + hashlib.sha256(self._script.model_dump_json().encode()).hexdigest()[:8]

    @property
    def window(self) -> int:
        return self._script.window

    def tokens(self, request: Request) -> int:
        return sum(len(message.content.split()) + 1 for message in request.messages)

    def complete(self, requests: Sequence[Request]) -> Iterator[Answered]:
        for index, request in enumerate(requests):
            used = self.tokens(request)
            if used > self.window:
                error = f"{used} words do not fit the window of {self.window}"
                yield Answered(
                    index=index, completion=Failed(query_id=request.query_id or "", kind="too-long", error=error)
                )
                continue
            reply = self._reply(request)
            usage = Usage(
                model="scripted", input_tokens=used, output_tokens=len(reply.split()), device_seconds=1e-6
            )
            yield Answered(index=index, completion=_completion(request, reply, usage))

    def _reply(self, request: Request) -> str:
        asked = request.messages[-1].content
        for text, reply in self._script.replies.items():
            if text in asked:
                return reply
        return self._script.otherwise or (request.choices[0] if request.choices else "nothing")


def _completion(request: Request, reply: str, usage: Usage) -> Completion:
    if reply not in request.choices:
        return Completion(text=reply, usage=usage, seconds=1e-6)
    logprobs = {choice: -0.1 if choice == reply else -5.0 for choice in request.choices}
    total = sum(math.exp(value) for value in logprobs.values())
    return Completion(
        text=reply,
        logprobs=logprobs,
        choice_tokens={choice: len(choice.split()) + 1 for choice in request.choices},
        probabilities={choice: math.exp(value) / total for choice, value in logprobs.items()},
        asked="likelihood",
        usage=usage,
        seconds=1e-6,
    )


class HashEmbedder(Model):
    """Bags of words hashed into unit vectors: texts that share words are near each other."""

    roles: ClassVar[frozenset[Role]] = frozenset({"embedder"})

    width: int = Field(64, ge=2, description="Of the vectors.")
    window: int = Field(512, description="Words that are seen of a text.")

    @contextmanager
    def open(self) -> Iterator[Opened]:
        yield Opened(embedder=_Hashed(self.width, self.window))


class _Hashed:
    def __init__(self, width: int, window: int) -> None:
        self._width = width
        self._window = window

    @property
    def identity(self) -> str:
        return f"hashed-{self._width}-{self._window}"

    @property
    def window(self) -> int:
        return self._window

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        return [len(text.split()) for text in texts]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        vectors = np.full((len(texts), self._width), 1e-6, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.casefold())[: self._window]:
                vectors[row, int(hashlib.sha256(word.encode()).hexdigest(), 16) % self._width] += 1
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


class Tried(NamedTuple):
    """What `try_strategy` saw.

    Attributes:
        outcomes: By query id.
        exchanges: What was sent to models, by query id.
        steps: Results of steps by name.
        warnings: What a reader must know.
        ledger: What an unbroken run would have used.
        paid: Every entry that was really paid, over all attempts in the folder.
        header: The trial's.
    """

    outcomes: Mapping[str, Prediction | Failed]
    exchanges: Mapping[str, Sequence[Exchange]]
    steps: Mapping[str, object]
    warnings: tuple[str, ...]
    ledger: Sequence[LedgerEntry]
    paid: Sequence[LedgerEntry]
    header: TrialHeader


def try_strategy(  # noqa: PLR0913  (a test names what it varies)
    strategy: Strategy,
    *,
    folder: Path,
    brief: Brief | None = None,
    train: Sequence[Example] | None = None,
    validation: Sequence[Example] | None = None,
    queries: Sequence[Query | Example] | None = None,
    models: Mapping[str, Model] | None = None,
    tables: Mapping[str, Sequence[Row]] | None = None,
    strategies: Mapping[str, Strategy] | None = None,
    metric: str | None = None,
    seed: int = 0,
    latency_sample: int = 1,
    cost_limit: float | None = None,
) -> Tried:
    """Runs one trial as the runner does; again with the same folder, it is a resume.

    What is left out comes from `tiny_task`.

    Raises:
        AssertionError: When the trial failed; with the strategy's own traceback.
    """
    tiny = tiny_task()
    asked = tiny.test if queries is None else queries
    # A bare query has no target: any will do, since nothing is scored here.
    blank = ("",) if brief is None or not brief.labels else (next(iter(brief.labels)),)
    test = tuple(q if isinstance(q, Example) else Example(query=q, targets=blank) for q in asked)
    data = TaskData(
        brief=brief or tiny.brief,
        train=tuple(tiny.train if train is None else train),
        validation=tuple(tiny.validation if validation is None else validation),
        test=test,
        fingerprint="",
        report=DataReport(),
    )
    bench = _bench(strategy, data, models, tables, strategies, metric, folder, latency_sample, cost_limit)
    try:
        header = trial.run(bench.job(TrialKey(task=data.brief.name, strategy="tried", seed=seed)), bench)
    finally:
        bench.pool.close()
        bench.calls.loop.close()
        bench.calls.budget.close()
        bench.calls.cache.close()
    assert header.problem is None, header.problem.traceback
    path = folder / "trials" / str(header.key)
    outcomes = list(read(path / "outcomes.jsonl", Outcome))
    return Tried(
        outcomes={o.query_id: o.result for o in outcomes},
        exchanges={o.query_id: o.exchanges for o in outcomes},
        steps={step.name: step.result for step in TrialFolder(path).steps()},
        warnings=header.warnings,
        ledger=costed(path / "ledger.jsonl"),
        paid=[entry for entry in entries(path / "ledger.jsonl") if entry.paid],
        header=header,
    )


def _bench(  # noqa: PLR0913, PLR0917  (what try_strategy takes)
    strategy: Strategy,
    data: TaskData,
    models: Mapping[str, Model] | None,
    tables: Mapping[str, Sequence[Row]] | None,
    strategies: Mapping[str, Strategy] | None,
    metric: str | None,
    folder: Path,
    latency_sample: int,
    cost_limit: float | None,
) -> Workbench:
    registry = plugins.load()
    metric = metric or default_metric(data.brief.kind)
    budget = Budget(cost_limit, Prices(PriceBook()), folder / "budget.jsonl", ())
    bound = {
        name: Bound(
            name=name,
            strategy=each,
            use=type(each).__name__,
            plugin=PluginStamp(name="tried", version="", sha256=""),
            yardstick=False,
            tasks=None,
        )
        for name, each in {**(strategies or {}), "tried": strategy}.items()
    }
    return Workbench(
        run_id=folder.name,
        folder=folder,
        strategies=bound,
        tasks={data.brief.name: TaskBench(data, metric, registry.scorer_of(metric, data.brief.kind).item)},
        tables={name: (lambda rows=rows: rows) for name, rows in (tables or {}).items()},  # type: ignore[misc]
        pool=ModelPool(models or {}),
        calls=Calls(Cache(folder / "cache.sqlite"), budget, "tests"),
        latency_sample=latency_sample,
    )


def tiny_task() -> TaskData:
    """Thirty short reviews with two labels: enough to learn a little from, and quick."""
    good, bad = ["great", "lovely", "superb", "excellent", "happy"], ["awful", "broken", "rude", "terrible", "sad"]
    things = ["room", "food", "staff", "view", "pool", "bed"]
    rows = [
        Example(query=Query(id=f"{thing}-{word}", text=f"the {thing} was {word}"), targets=(label,))
        for label, words in (("positive", good), ("negative", bad))
        for word in words
        for thing in things
    ]
    rows.sort(key=lambda e: hashlib.sha256(e.query.id.encode()).digest())
    return TaskData(
        brief=Brief(
            name="tiny",
            instructions="Is this review positive or negative?",
            kind="label",
            labels={"positive": "", "negative": ""},
        ),
        train=tuple(rows[:30]),
        validation=tuple(rows[30:45]),
        test=tuple(rows[45:]),
        fingerprint="tiny",
        report=DataReport(),
    )


def check_strategy(
    strategy: Strategy,
    *,
    folder: Path,
    models: Mapping[str, Model] | None = None,
    tables: Mapping[str, Sequence[Row]] | None = None,
) -> None:
    """Checks that a strategy keeps the contract.

    It constructs without work and round-trips through pickle and JSON; every query gets exactly one outcome
    and only labels of the task; the same seed gives the same answers; a resume gives the same answers and pays
    nothing again for finished work.

    Args:
        strategy: With the parameters to check.
        folder: An empty one for its files.
        models: What its model parameters name; `ScriptedModel` and `HashEmbedder` serve.
        tables: What its table parameters name.

    Raises:
        AssertionError: Says which promise is broken.
    """
    assert strategy == type(strategy).model_validate_json(strategy.model_dump_json()), (
        "it does not round-trip through JSON: parameters must be fields, and nothing but parameters"
    )
    assert strategy == pickle.loads(pickle.dumps(strategy)), "it does not pickle"
    data = tiny_task()
    assert data.brief.kind in strategy.kinds, f"it serves {sorted(strategy.kinds)}; this check needs a label task"
    first = try_strategy(strategy, folder=folder / "a", models=models, tables=tables)
    asked = Counter(example.query.id for example in data.test)
    assert set(asked) == set(first.outcomes), "it did not answer every query"
    missing = [
        o for o in first.outcomes.values() if isinstance(o, Failed) and o.kind in ("unanswered", "not-a-label")
    ]
    assert not missing, f"{len(missing)} queries: {missing[0].error}" if missing else ""
    twice = [warning for warning in first.warnings if "more than once" in warning or "nobody asked" in warning]
    assert not twice, twice[0] if twice else ""
    again = try_strategy(strategy, folder=folder / "b", models=models, tables=tables)
    assert _answers(first) == _answers(again), "the same seed gives other answers: draw from context.rng"
    path = folder / "a" / "trials" / str(first.header.key)
    (path / "outcomes.jsonl").unlink()
    before = [entry.name for entry in first.paid if entry.phase == "prepare" and entry.usage.model != "this"]
    resumed = try_strategy(strategy, folder=folder / "a", models=models, tables=tables)
    assert _answers(first) == _answers(resumed), "a resumed trial answers otherwise: keep what prepare did"
    after = [entry.name for entry in resumed.paid if entry.phase == "prepare" and entry.usage.model != "this"]
    assert before == after, f"a resume paid again for {sorted(set(after[len(before) :]))[:3]}: use context.step"


def _answers(tried: Tried) -> dict[str, tuple[str, ...]]:
    return {i: o.answers for i, o in tried.outcomes.items() if isinstance(o, Prediction)}
