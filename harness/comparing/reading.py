"""Reads runs into evidence: the same task of several runs side by side, row by row.

run A   a61c331a "Great flight!"  positive
run B   a61c331a "Great flight!"  neutral     <- relabelled: both are scored under the last named run's target
run B   77f0a1d2 "Never again"    negative    <- unpaired: run A never asked it
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase

from harness.calls.pricing import Prices
from harness.comparing.evidence import Answer, Contender, TaskEvidence, Trial
from harness.comparing.records import Pairing
from harness.errors import SuiteError, suggest
from harness.models import Scorer, scorer_for
from harness.records import Example, Kind, RunHeader
from harness.running.forgotten import OPEN, content, kept
from harness.running.rows import Row, row
from harness.running.store import RunFolder, TrialFolder
from harness.scoring.kept import KeptScorer
from harness.suite import Decide, PriceBook
from harness.suite.load import Loaded, needs
from harness.suite.references import references

_OF_TEXTS = ("value", "low", "high", "accuracy", "macro_f1", "figures")  # of free answers, which are gone


@dataclass(frozen=True)
class Opened:
    """A run to compare.

    Attributes:
        folder: Where it is.
        header: What it is.
        loaded: Its suite.
        prices: What its usage costs.
        decide: What its recommendation goes by.
    """

    folder: RunFolder
    header: RunHeader
    loaded: Loaded
    prices: Prices
    decide: Decide


def opened(
    folder: RunFolder, loaded: Loaded, prices: PriceBook | None = None, decide: Decide | None = None
) -> Opened:
    """A run, with other prices or limits than its suite's where they are given."""
    book = loaded.suite.prices if prices is None else prices
    header = folder.header
    return Opened(folder, header, loaded, Prices(book, at=header.started), decide or loaded.suite.decide)


def read(runs: Sequence[Opened], only: Sequence[str] = ()) -> list[TaskEvidence]:
    """The tasks of the last run that all runs have, in its suite's order.

    Args:
        runs: In the order in which they were named; the last one's targets, metric and limits hold.
        only: Names of strategies; all without it.

    Raises:
        SuiteError: A run is named twice, the runs have no task in common, or none has such a strategy.
    """
    _check_runs(runs)
    _check_names(runs, only)
    last = runs[-1]
    tasks = [task.name for task in last.loaded.suite.tasks if all(task.name in r.header.data for r in runs)]
    if not tasks:
        told = "; ".join(f"{run.header.id}: {', '.join(run.header.data) or 'none'}" for run in runs)
        raise SuiteError(f"these runs have no task in common ({told})")
    return [_task(name, runs, only) for name in tasks]


def _check_runs(runs: Sequence[Opened]) -> None:
    """A run beside itself has no difference, and its rows would count twice."""
    seen: dict[str, str] = {}
    for run in runs:
        name, path = run.header.id, str(run.folder.path)
        if name in seen:
            raise SuiteError(f"run {name!r} is named twice ({seen[name]!r} and {path!r}): name two different runs")
        seen[name] = path


def _check_names(runs: Sequence[Opened], only: Sequence[str]) -> None:
    known = {name for run in runs for name, bound in run.loaded.strategies.items() if not bound.hidden}
    for name in only:
        if name not in known:
            raise SuiteError(f"no strategy {name!r} in what is compared; {suggest(name, known)}")


def _task(name: str, runs: Sequence[Opened], only: Sequence[str]) -> TaskEvidence:
    last = runs[-1]
    task = last.folder.task(name)
    forgotten = any(run.header.forgotten for run in runs)
    if forgotten and len(runs) > 1 and task.brief.kind in OPEN:
        raise SuiteError(
            f"the answers of task {name!r} are texts, which a run here has forgotten: such a run is compared alone"
        )
    by_run = {run.header.id: run.folder.data(name) for run in runs}
    data, test = by_run[last.header.id], {run: of_run.test for run, of_run in by_run.items()}
    rows, pairing = _paired([run.header.id for run in runs], test, task.brief.kind, forgotten=forgotten)
    if not rows and len(runs) > 1:
        raise SuiteError(
            f"these runs asked no test row of task {name!r} with the same id and text: none is paired"
        )
    targets = {example.query.id: example.targets for example in rows}
    scorer = scorer_for(last.loaded.registry.scorer_of(task.metric, task.brief.kind).item, task.brief)
    stays = kept(last.folder, name) if last.header.forgotten else None
    if last.header.forgotten and task.brief.kind in OPEN:
        if stays is None:
            raise SuiteError(f"the answers of task {name!r} were forgotten, and no figures were kept of them")
        scorer = KeptScorer(scorer, stays.scores)
    contenders = [
        contender
        for letter, run in zip(letters(len(runs)), runs, strict=True)
        for contender in _contenders((name, targets), run, letter, only, (task.metric, scorer))
    ]
    of_run = {run: len(each.train) + len(each.validation) for run, each in by_run.items()}
    contenders = [replace(contender, labels=of_run[contender.run]) for contender in contenders]
    return TaskEvidence(
        name=name,
        brief=task.brief,
        metric=task.metric,
        scorer=scorer,
        test=rows,
        train=data.train,
        validation=data.validation,
        report=data.report,
        contenders=tuple(contenders),
        pairing=pairing,
        decide=last.decide,
        looks=last.header.looks.get(name, 0),
        seeds=last.header.seeds,
        hashes=stays.hashes if stays is not None else {},
        forgotten=forgotten,
    )


def letters(runs: int) -> list[str]:
    """What strategies of several runs are told apart by; nothing for one run."""
    if runs == 1:
        return [""]
    return [ascii_uppercase[i] if i < len(ascii_uppercase) else f"R{i + 1}" for i in range(runs)]


def _paired(
    names: Sequence[str], test: Mapping[str, tuple[Example, ...]], kind: Kind, *, forgotten: bool = False
) -> tuple[tuple[Example, ...], Pairing]:
    """Rows that every run asked with the same text, with the last run's targets."""
    last = test[names[-1]]
    if len(names) == 1:
        return last, Pairing(rows=len(last))
    by_run = {name: {e.query.id: e for e in test[name]} for name in names}
    common = set.intersection(*(set(rows) for rows in by_run.values()))
    changed = {i for i in common if len({content(rows[i], by_length=forgotten) for rows in by_run.values()}) > 1}
    relabelled = {
        i
        for i in common - changed
        if any(_wanted(rows[i], kind) != _wanted(by_run[names[-1]][i], kind) for rows in by_run.values())
    }
    kept = tuple(example for example in last if example.query.id in common - changed)
    return kept, Pairing(
        rows=len(kept),
        unpaired={name: tuple(sorted(set(rows) - common)) for name, rows in by_run.items() if set(rows) - common},
        relabelled=tuple(sorted(relabelled)),
        changed=tuple(sorted(changed)),
    )


def _wanted(example: Example, kind: Kind) -> tuple[str, ...]:
    """The targets; those of `labels` have no order."""
    return tuple(sorted(set(example.targets))) if kind == "labels" else example.targets


def _contenders(
    rows: tuple[str, Mapping[str, tuple[str, ...]]],
    run: Opened,
    letter: str,
    only: Sequence[str],
    scoring: tuple[str, Scorer],
) -> Iterable[Contender]:
    task, targets = rows
    of_strategy: dict[tuple[str, int | None], list[TrialFolder]] = {}
    for folder in run.folder.trials():
        key, status = folder.header.key, folder.header.status
        if key.task == task and status != "candidate" and (not only or key.strategy in only):
            of_strategy.setdefault((key.strategy, key.train_size), []).append(folder)
    order = list(run.loaded.strategies)
    for (strategy, _), folders in sorted(of_strategy.items(), key=lambda i: (order.index(i[0][0]), i[0][1] or 0)):
        models = tuple(sorted(needs(run.loaded, strategy)))
        name = folders[0].header.key.contender + (f" ({letter})" if letter else "")
        trials = [_trial(folder, targets, run, scoring) for folder in folders]
        yield Contender(
            name=name,
            strategy=strategy,
            run=run.header.id,
            trials=tuple(sorted(trials, key=lambda t: (t.header.key.seed, t.header.key.repeat))),
            models=models,
            local=run.loaded.strategies[strategy].strategy.reaches() is None
            and all(run.loaded.models[model].reaches() is None for model in models),
            machine=run.header.hardware,
            prices=run.prices,
            decide=run.decide,
            tuned=_models(run.loaded, strategy, tuned=True),
            asked=_models(run.loaded, strategy, tuned=False),
        )


def _models(loaded: Loaded, name: str, *, tuned: bool) -> tuple[str, ...]:
    """Models that a strategy has tuned, or asks as they are, itself or through strategies that it names."""
    found = references(loaded.strategies[name].strategy)
    named = {each.name for each in found if each.kind in ("chat", "trainable") and each.tuned == tuned}
    for each in found:
        if each.kind == "strategy":
            named.update(_models(loaded, each.name, tuned=tuned))
    return tuple(sorted(named))


def _trial(
    folder: TrialFolder, targets: Mapping[str, tuple[str, ...]], run: Opened, scoring: tuple[str, Scorer]
) -> Trial:
    metric, scorer = scoring
    figures = row(folder, targets, metric, scorer, run.prices, run.decide)
    stays = kept(run.folder, folder.header.key.task) if run.header.forgotten else None
    known = stays.rows.get(str(folder.header.key)) if stays is not None else None
    if known is not None:
        whole = Row.model_validate_json(known)
        figures = figures.model_copy(update={name: getattr(whole, name) for name in _OF_TEXTS})
    answers, served = {}, set()
    for outcome in folder.outcomes():
        answers[outcome.query_id] = Answer.of(outcome)
        served |= {f"{e.served} {e.fingerprint or ''}".strip() for e in outcome.exchanges if e.served}
    return Trial(
        folder=folder,
        header=folder.header,
        row=figures,
        answers=answers,
        ledger=folder.ledger(),
        steps=folder.steps(),
        served=tuple(sorted(served)),
    )
