"""A run: read and check the data, make the folder, run the trials, keep the record.

Trials that hold this machine's device run one after another; trials that only wait for endpoints run beside
them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from harness.calls import flights
from harness.calls.ages import Ages
from harness.calls.batches import Batches
from harness.calls.budget import Budget
from harness.calls.cache import Cache
from harness.calls.calling import Calls
from harness.calls.pool import ModelPool
from harness.calls.pricing import Prices
from harness.data.tables import load_table
from harness.data.taskdata import TaskData
from harness.models import scorer_for
from harness.privacy.owner import close_off, owner_only
from harness.privacy.staying import refused, staying
from harness.records import TrialHeader, TrialKey
from harness.running import machine, trial
from harness.running.beginning import Asked, check_same, write_down
from harness.running.bench import TaskBench, Workbench
from harness.running.canary import ask_again
from harness.running.capping import check_prices
from harness.running.forgotten import refuse
from harness.running.gaps import is_whole
from harness.running.hosted import book, tidy
from harness.running.planning import check_models, check_sizes, models_of, plan, read_data
from harness.running.store import CACHE, RunFolder, TrialFolder
from harness.running.watch import Watcher
from harness.suite.load import Loaded, needs


@dataclass(frozen=True)
class Options:
    """How a suite is run.

    Attributes:
        results: Where run folders are made.
        jobs: Requests to an endpoint under way at once, at most; fewer where it wants fewer.
        limit: At most so many rows of each split; for a quick look.
        strategies: Only these of the suite's.
        cost_limit: Dollars that the run may spend.
        unpriced: Models without a known price that may be asked under a cap all the same, by the suite's name or
            by the one that prices go by; they count nothing.
        cache: Whether answers of other runs are used again.
        old_cache: Whether those that are older than the suite's `cache_days` are too.
        canary: Recorded prompts of each endpoint that are asked again before the run.
        resume: A run to go on with; its own sizes stand.
        sizes: Labelled rows, train and validation together, to run each trial with, once with each size; for
            learning curves. All rows without it.
    """

    results: Path = Path("results")
    jobs: int = 8
    limit: int | None = None
    strategies: tuple[str, ...] = ()
    cost_limit: float | None = None
    unpriced: tuple[str, ...] = ()
    cache: bool = True
    old_cache: bool = False
    canary: int = 0
    resume: RunFolder | None = None
    sizes: tuple[int, ...] = ()


def run(loaded: Loaded, options: Options, watcher: Watcher) -> RunFolder:
    """Runs a suite, or what is left of a run.

    Returns:
        The run's folder; a trial that failed says so in its header.

    Raises:
        BudgetError: When the cap is reached; what is finished is kept.
        DataError: When the data is not what the suite says.
        StoreError: When results cannot be written.
        SuiteError: When it cannot run so: an unknown strategy, a size that there are no rows for.
    """
    with staying(loaded.suite.privacy), owner_only():
        folder = _run(loaded, options, watcher)
        close_off(folder.path)
        if loaded.suite.privacy == "local" and (said := refused()):
            watcher.message(said)
    return folder


def _run(loaded: Loaded, options: Options, watcher: Watcher) -> RunFolder:
    folder = options.resume
    keys = plan(loaded, options.strategies, options.sizes if folder is None else folder.header.sizes)
    if folder is None:
        data = read_data(loaded, options.limit)
        check_sizes(options.sizes, data)
        check_models(loaded, keys)
        folder = RunFolder.create(options.results, loaded.suite.name, datetime.now())
    else:
        refuse(folder, "the run cannot go on")
        check_same(loaded, folder)
        data = {task.name: folder.data(task.name) for task in loaded.suite.tasks}
        check_models(loaded, [key for key in keys if not _is_done(folder, key, data)])
        watcher.message(f"going on with {folder.id} and the rows it keeps; files changed since are not read again")
    with ExitStack() as stack:
        stack.enter_context(folder.locked())
        if options.resume is not None:
            folder.write_suite(loaded.resolved())  # limits and prices may have changed
        else:
            write_down(loaded, folder, data, Asked(options.strategies, options.limit, options.sizes))
        for warning in (f"{name}: {text}" for name, d in data.items() for text in d.report.warnings):
            watcher.message(warning)
        bench = make_bench(loaded, options, folder, data, watcher, stack)
        models = models_of(loaded, keys)
        if options.cost_limit is not None:
            check_prices(loaded, models, bench, options.unpriced)
        watcher.run_started(folder.header, keys)
        ask_again(folder, models, bench, options.canary, old_cache=options.old_cache)
        try:
            _execute(keys, loaded, bench, options.jobs)
        finally:
            for said in bench.calls.told():
                watcher.message(said)
        for said in tidy(loaded, folder, bench.jobs, bench.pool):
            watcher.message(said)
        if not loaded.suite.keep:
            folder.drop_fits()
        folder.write_header(folder.header.model_copy(update={"finished": datetime.now(UTC)}))
    return folder


def open_bench(loaded: Loaded, folder: RunFolder, stack: ExitStack, watcher: Watcher | None = None) -> Workbench:
    """A finished run's bench, to put its strategies to use; what it holds is freed with `stack`."""
    stack.enter_context(staying(loaded.suite.privacy))
    stack.enter_context(owner_only())
    data = {task.name: folder.data(task.name) for task in loaded.suite.tasks}
    options = Options(results=folder.path.parent)
    return make_bench(loaded, options, folder, data, watcher or Watcher(), stack)


def make_bench(
    loaded: Loaded,
    options: Options,
    folder: RunFolder,
    data: Mapping[str, TaskData],
    watcher: Watcher,
    stack: ExitStack,
) -> Workbench:
    """What trials are gone through with, in a run or otherwise; what it holds is freed with `stack`."""
    sources = loaded.registry.readers
    prices = Prices(loaded.suite.prices)
    # Without the shared cache a run still keeps its own, so that a resume pays nothing twice.
    cache = Cache(options.results / CACHE if options.cache else folder.path / CACHE)
    stack.callback(cache.close)
    budget = Budget(options.cost_limit, prices, folder.path / "budget.jsonl", folder.paid(), options.unpriced)
    stack.callback(budget.close)
    ages = Ages(loaded.suite.cache_days, folder.header.started, datetime.now(UTC), old=options.old_cache)
    batches = Batches(folder.path / "batches.jsonl")
    stack.callback(batches.close)
    here, say = machine.fingerprint(), watcher.message
    calls = Calls(cache, budget, here, options.jobs, ages=ages, say=say, batches=batches)
    stack.callback(calls.loop.close)
    pool = ModelPool(loaded.models)
    stack.callback(pool.close)
    return Workbench(
        run_id=folder.id,
        folder=folder.path,
        strategies=loaded.strategies,
        tasks={
            task.name: TaskBench(
                data[task.name],
                str(task.metric),
                scorer_for(loaded.registry.scorer_of(str(task.metric), task.kind).item, data[task.name].brief),
                task.probes,
                task.data.splits.seed,
            )
            for task in loaded.suite.tasks
        },
        tables={
            name: partial(load_table, spec, loaded.folder, sources) for name, spec in loaded.suite.tables.items()
        },
        pool=pool,
        calls=calls,
        jobs=book(folder),
        latency_sample=loaded.suite.latency_sample,
        validation=loaded.suite.wants_validation,
        watcher=watcher,
    )


def _execute(keys: Sequence[TrialKey], loaded: Loaded, bench: Workbench, jobs: int) -> None:
    """Runs the trials; the first error that ends a run stops them all, and is raised."""
    needed = {key: needs(loaded, key.strategy) for key in keys}
    remote = [k for k in keys if needed[k] and not any(bench.pool.is_local(m) for m in needed[k])]
    local = [key for key in keys if key not in remote]
    with ThreadPoolExecutor(max_workers=max(1, min(jobs, 8)), thread_name_prefix="trial") as threads:
        waiting = [threads.submit(_one, key, loaded, bench) for key in remote]
        try:
            for index, key in enumerate(local):
                _raise_first(waiting)
                _one(key, loaded, bench)
                bench.pool.keep_only({name for k in (*local[index + 1 :], *remote) for name in needed[k]})
            while not all(future.done() for future in waiting):
                _raise_first(waiting)
                time.sleep(0.05)
            _raise_first(waiting)
        except BaseException as error:
            bench.stop.set()
            for future in waiting:
                future.cancel()
            asked = isinstance(error, KeyboardInterrupt)
            bench.calls.flights.stop(flights.LINGER_AT_STOP if asked else flights.LINGER_SECONDS)
            raise


def _one(key: TrialKey, loaded: Loaded, bench: Workbench) -> TrialHeader:
    bench.check_stop()
    job = bench.job(key)
    header = trial.read_header(job.folder)
    if header is None or not is_whole(header, TrialFolder(job.folder), len(job.data.test)):
        bench.watcher.trial_started(key)
        header = trial.run(job, bench)
        for said in loaded.registry.trial_finished(header):
            bench.watcher.message(said)
    bench.watcher.trial_finished(header)
    return header


def _is_done(folder: RunFolder, key: TrialKey, data: Mapping[str, TaskData]) -> bool:
    kept = folder.trial(key)
    header = trial.read_header(kept.path)
    return header is not None and is_whole(header, kept, len(data[key.task].test))


def _raise_first(futures: Sequence[Future[TrialHeader]]) -> None:
    for future in futures:
        if future.done() and not future.cancelled() and (error := future.exception()) is not None:
            raise error
