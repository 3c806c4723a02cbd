"""Goes through every trial that asks an endpoint as the runner would, with stand-ins, in a folder that is dropped.

The runner's own code asks, books and reads the cache, so that what is counted here is what a run sends: warm-up,
latency sample, validation rows, probes, candidates of a matrix, what strategies share. Nothing is sent, no weights
are loaded, and this process's connections beyond this machine are refused meanwhile.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from harness.calls.budget import Budget
from harness.calls.ledger import entries
from harness.calls.price_list import prices_used
from harness.calls.pricing import Prices
from harness.data.taskdata import TaskData
from harness.privacy.owner import owner_only
from harness.privacy.staying import staying
from harness.records import LedgerEntry, RunHeader, TrialKey, Usage
from harness.rehearsing.context import CHOSEN, GOES_ON, RehearsalContext, TrainsHere
from harness.rehearsing.parts import ReadCache, Reservations, StandInPool
from harness.rehearsing.records import Rehearsal, Rehearsed, together
from harness.running import machine, trial
from harness.running.bench import Workbench
from harness.running.outcomes import ALL_FAILED
from harness.running.runner import Options, make_bench
from harness.running.store import CACHE, RunFolder
from harness.running.watch import Watcher
from harness.selection import Selected
from harness.suite.load import Loaded, needs, tables

_FAILED = "no answer of the stand-in could be read: about, and without what is asked only of answers"
_ONE_AT_A_TIME = ("sample", "warm-up")  # phases that are timed, and never go as a batch


class _Gone(NamedTuple):
    """A trial gone through."""

    row: Rehearsed
    usages: Sequence[Usage] = ()


def rehearse(
    loaded: Loaded, options: Options, data: Mapping[str, TaskData], keys: Sequence[TrialKey]
) -> Rehearsal:
    """What trials would send, and what that costs at most; nothing is sent and nothing kept.

    Args:
        loaded: The suite.
        options: As the run would have them.
        data: The tasks' rows.
        keys: The trials; of a run that is taken up again those that are left.
    """
    with ExitStack() as stack:
        stack.enter_context(owner_only())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="harness-rehearsal-")))
        hosted = [key for key in keys if _asks(loaded, key, data)]
        stage = _Stage(loaded, options, data, folder, stack, hosted)
        gone = [stage.through(key) if key in hosted else _Gone(_here(loaded, key, data)) for key in keys]
        spent = _spent(options.resume, stage.prices, folder)
    usages = [usage for each in gone for usage in each.usages]
    by_line: dict[tuple[str, str], list[Rehearsed]] = {}
    for each in gone:
        by_line.setdefault((each.row.task, each.row.strategy), []).append(each.row)
    return Rehearsal(
        rows=tuple(together(rows) for rows in by_line.values()),
        prices=prices_used(usages, stage.prices),
        known_dollars=stage.prices.known_part(usages),
        spent=spent,
        limit=options.cost_limit,
        unpriced=options.unpriced,
    )


def _asks(loaded: Loaded, key: TrialKey, data: Mapping[str, TaskData]) -> bool:
    """Whether a trial is gone through: it asks an endpoint, and contacts nobody by itself."""
    strategy = loaded.strategies[key.strategy].strategy
    if data[key.task].brief.kind not in strategy.kinds or strategy.reaches() is not None:
        return False
    return any(not loaded.models[name].local for name in needs(loaded, key.strategy))


def _here(loaded: Loaded, key: TrialKey, data: Mapping[str, TaskData]) -> Rehearsed:
    """What is not gone through."""
    strategy = loaded.strategies[key.strategy].strategy
    row = Rehearsed(task=key.task, strategy=key.strategy, where="machine")
    if data[key.task].brief.kind not in strategy.kinds:
        return row.model_copy(update={"where": "not-applicable"})
    if (host := strategy.reaches()) is not None:
        why = f"it contacts {host} by itself, which cannot be rehearsed"
        return row.model_copy(update={"where": "unknown", "dollars": None, "notes": (why,)})
    return row


class _Stage:
    """A run's bench with stand-ins."""

    def __init__(
        self,
        loaded: Loaded,
        options: Options,
        data: Mapping[str, TaskData],
        temporary: Path,
        stack: ExitStack,
        keys: Sequence[TrialKey],
    ) -> None:
        self._loaded = loaded
        self.prices = Prices(loaded.suite.prices)
        folder = RunFolder(temporary / ("new" if options.resume is None else options.resume.id))
        folder.path.mkdir()
        if options.resume is not None:
            _take_over(options.resume, folder)
        else:
            folder.write_header(_header(loaded, folder, options))
        there = (options.results / CACHE).is_file()
        real = replace(options, cost_limit=None, results=options.results if there else temporary)
        bench = make_bench(loaded, real, folder, data, Watcher(), stack)
        budget = Reservations(temporary / "reserved.jsonl")
        stack.callback(budget.close)
        self._cache = ReadCache(bench.calls.cache)
        self._pool = StandInPool(loaded.models, budget)
        stack.callback(self._pool.close)
        calls = replace(bench.calls, cache=self._cache, budget=budget)
        self._bench: Workbench = replace(bench, pool=self._pool, calls=calls, contexts=RehearsalContext)
        self._trials = folder.path / "trials"
        self._seen: dict[Path, tuple[int, int]] = {}  # bytes and entries of each ledger
        list(self._new())  # of a run that is taken up again: what was used before
        for name in {name for key in keys for name in tables(loaded, key.strategy)}:
            self._bench.table(name)
        stack.enter_context(staying("local"))

    def through(self, key: TrialKey) -> _Gone:
        """Goes through one trial."""
        job = self._bench.job(key)
        self._pool.speaker.brief = job.data.brief
        self._pool.said.clear()
        asked, found = self._pool.asked, self._cache.found
        header = trial.run(job, self._bench)
        sent = [self._usage(entry) for entry in self._new() if entry.paid and not entry.usage.device_seconds]
        calls = [usage for usage in sent if usage.input_tokens + usage.output_tokens]
        cached = self._cache.found - found
        row = Rehearsed(
            task=key.task,
            strategy=key.strategy,
            calls=len(calls),
            batched=sum(usage.batched for usage in calls),
            cached=cached,
            shared=max(0, self._pool.asked - asked - cached - len(calls)),
            input_tokens=sum(usage.input_tokens for usage in sent),
            output_tokens=sum(usage.output_tokens for usage in sent),
            trained_tokens=sum(usage.training_tokens for usage in sent),
            dollars=self.prices.total(sent),
            notes=self._notes(key),
        )
        if header.problem is None:
            return _Gone(row, sent)
        if header.problem.kind == ALL_FAILED:
            return _Gone(row.model_copy(update={"notes": (*row.notes, _FAILED)}), sent)
        why = header.problem.message
        told = why if header.problem.kind == TrainsHere.__name__ else f"it could not be rehearsed: {why}"
        unknown = {"where": "unknown", "dollars": None, "notes": (*row.notes, told)}
        return _Gone(row.model_copy(update=unknown), sent)

    def _notes(self, key: TrialKey) -> tuple[str, ...]:
        matrix = isinstance(self._loaded.strategies[key.strategy].strategy, Selected)
        said = [note for note in self._pool.said if note != GOES_ON or not matrix]
        return tuple(note for note in said if note != CHOSEN or GOES_ON not in said)

    def _usage(self, entry: LedgerEntry) -> Usage:
        """What was used, as a batch where it would have gone as one."""
        usage = entry.usage
        tokens = usage.input_tokens + usage.output_tokens > 0
        batched = usage.batched or (
            usage.model in self._pool.batched and tokens and entry.phase not in _ONE_AT_A_TIME
        )
        return usage.model_copy(update={"batched": batched})

    def _new(self) -> Iterator[LedgerEntry]:
        """What was booked since the last call, whichever trial's ledger it is in."""
        for path in sorted(self._trials.glob("**/ledger.jsonl")):
            size, (before, seen) = path.stat().st_size, self._seen.get(path, (0, 0))
            if size == before:  # a ledger only grows, and most are other trials'
                continue
            booked = list(entries(path))
            yield from booked[seen:]
            self._seen[path] = size, len(booked)


def _header(loaded: Loaded, folder: RunFolder, options: Options) -> RunHeader:
    """A new run's, as far as trials go by it."""
    return RunHeader(
        id=folder.id,
        name=loaded.suite.name,
        suite_path=str(loaded.path),
        suite_folder=str(loaded.folder),
        started=datetime.now(UTC),
        versions={},
        hardware=machine.hardware(),
        seeds=loaded.suite.seeds,
        repeats=loaded.suite.repeats,
        sizes=options.sizes,
    )


def _take_over(run: RunFolder, into: RunFolder) -> None:
    """What a run has so far; what strategies kept is small but for weights, which are none of an endpoint's."""
    weights = shutil.ignore_patterns("*.safetensors", "*.bin", "*.pt", "*.gguf", "*.onnx")
    if (run.path / "trials").is_dir():
        shutil.copytree(run.path / "trials", into.path / "trials", ignore=weights)
    for path in run.path.iterdir():
        if path.is_file() and (path.suffix in (".json", ".jsonl") or path.name == CACHE):
            shutil.copy(path, into.path / path.name)


def _spent(run: RunFolder | None, prices: Prices, temporary: Path) -> float:
    """What a run has spent so far, with what it reserved and never settled."""
    if run is None:
        return 0.0
    copy = temporary / "spent.jsonl"
    if (run.path / "budget.jsonl").is_file():
        shutil.copy(run.path / "budget.jsonl", copy)
    budget = Budget(None, prices, copy, run.paid())
    budget.close()
    return budget.spent
