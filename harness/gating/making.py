"""Makes a baseline of a run, and writes it so that git shows which strategy changed.

sentiment.baseline.json, 12 strategies on 300 rows: 11 kB, one strategy a line
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import JsonValue

from harness.comparing.records import StrategyFigures
from harness.comparison import Compared, TaskComparison
from harness.errors import StoreError
from harness.gating.baseline import Baseline, Kept, KeptTask, Packed
from harness.gating.packing import label_token, pack, row_hash, score_token

if TYPE_CHECKING:
    from harness.comparing.evidence import TaskEvidence, Trial

_DIGITS = 4  # of a number that count


def make(compared: Compared) -> Baseline:
    """What a later run can be held against; strategies without a finished result are left out.

    Raises:
        StoreError: It is not one run, or no strategy of a task has a result.
    """
    if len(compared.runs) != 1:
        raise StoreError(f"a baseline is made of one run, not of {len(compared.runs)}")
    header = compared.runs[0]
    return Baseline(
        run=header.id,
        suite=header.name,
        started=header.started,
        git_commit=header.git_commit,
        hardware=header.hardware,
        versions=header.versions,
        tasks=tuple(_task(task, compared.evidence[task.task]) for task in compared.tasks),
    )


def left_out(compared: Compared) -> list[str]:
    """What a baseline of this run lacks, a sentence each."""
    lacking = [
        f"{task.task}: {figures.name} is left out: {figures.status}"
        for task in compared.tasks
        for figures in task.strategies
        if not _has_result(figures)
    ]
    gone = [gap for gap in compared.gaps if gap.what in ("missing", "rows")]
    return [*lacking, *(f"the run is not whole: {gap}" for gap in gone)]


def text(baseline: Baseline) -> str:
    """The file: the same for the same run, a strategy a line."""
    told = baseline.model_dump(mode="json", exclude_defaults=True)
    tasks = told.pop("tasks")
    lines = [f" {_json(name)}: {_json(value)}," for name, value in {"version": 1, **told}.items()]
    blocks = []
    for task in tasks:
        strategies = ",\n".join(f"    {_json(strategy)}" for strategy in task.pop("strategies"))
        fields = ",\n".join(f"   {_json(name)}: {_json(value)}" for name, value in task.items())
        blocks.append(f'  {{\n{fields},\n   "strategies": [\n{strategies}\n   ]\n  }}')
    return "\n".join(["{", *lines, ' "tasks": [', ",\n".join(blocks), " ]", "}"]) + "\n"


def _task(task: TaskComparison, evidence: TaskEvidence) -> KeptTask:
    hashes = {example.query.id: row_hash(evidence, example) for example in evidence.test}
    rows = sorted(evidence.test, key=lambda example: hashes[example.query.id])
    ids = [example.query.id for example in rows]
    found = [figures for figures in task.strategies if _has_result(figures)]
    if not found:
        raise StoreError(f"task {task.task!r} has no strategy with a result to keep as a baseline")
    trials = {f.name: evidence.contender(f.name).answered for f in found}
    every = [trial for each in trials.values() for trial in each]
    packed = _packed(task, evidence, every)
    labels = _labels(task, every) if packed == "labels" else ()
    places = {label: place for place, label in enumerate(labels)}
    kept = []
    for figures in sorted(found, key=lambda f: f.name):
        of_trials = trials[figures.name]
        answers = tuple(_answers(evidence, trial, ids, packed, places) for trial in of_trials)
        kept.append(_kept(figures, of_trials, answers if packed != "nothing" else ()))
    return KeptTask(
        task=task.task,
        kind=task.kind,
        metric=task.metric,
        margin=task.decide.margin,
        recommended=task.recommendation.strategy,
        labels=labels,
        packed=packed,
        rows=" ".join(hashes[query_id] for query_id in ids),
        strategies=tuple(kept),
    )


def _has_result(figures: StrategyFigures) -> bool:
    return figures.status == "finished" and figures.value is not None and figures.train_size is None


def _packed(task: TaskComparison, evidence: TaskEvidence, trials: Sequence[Trial]) -> Packed:
    from harness.scoring.rowsums import row_sums

    if task.kind in ("label", "labels"):
        return "labels"
    some = [evidence.pairs(trial) for trial in trials]
    return "scores" if row_sums(evidence.scorer, task.metric, some).is_mean else "nothing"


def _labels(task: TaskComparison, trials: Sequence[Trial]) -> tuple[str, ...]:
    """The task's labels, and behind them any other that was answered."""
    given = {label for trial in trials for answer in trial.answers.values() for label in answer.answers or ()}
    return tuple(dict.fromkeys((*task.labels, *sorted(given))))


def _answers(
    evidence: TaskEvidence, trial: Trial, ids: Sequence[str], packed: Packed, places: dict[str, int]
) -> str:
    tokens = []
    for query_id in ids:
        answer = trial.answers.get(query_id)
        given = None if answer is None else answer.answers
        if packed == "labels":
            tokens.append(label_token(given, places))
        else:
            one = evidence.scorer.one
            score = None if given is None else one(evidence.metric, evidence.targets[query_id], given)
            tokens.append(score_token(score))
    return pack(tokens)


def _kept(figures: StrategyFigures, trials: Sequence[Trial], answers: tuple[str, ...]) -> Kept:
    assert figures.value is not None
    latency = figures.latency
    return Kept(
        name=figures.name,
        use=figures.use,
        models=figures.models,
        seeds=tuple(trial.header.key.seed for trial in trials),
        n=figures.n,
        failed=figures.failed,
        value=figures.value,
        figures={
            name: each
            for name, each in sorted(figures.figures.items())
            if "[" not in name and name != figures.metric
        },
        latency=None if latency is None else latency.model_copy(update={"seconds": ()}),
        cost=figures.cost,
        answers=answers,
    )


def _json(value: JsonValue) -> str:
    return json.dumps(_short(value), ensure_ascii=False)


def _short(value: JsonValue) -> JsonValue:
    """The same with numbers no longer than they are sure."""
    if isinstance(value, dict):
        return {name: _short(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_short(each) for each in value]
    if isinstance(value, float) and math.isfinite(value):
        return float(f"{value:.{_DIGITS}g}")
    return value
