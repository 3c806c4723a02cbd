"""Writes a comparison into an MLflow tracking server or folder.

2026-11-21-0915-sentiment                   the run: recommendation as tags, the JSON as artifact
├── tweets/features/0-0                     a trial: accuracy, accuracy_low, accuracy_high, p95_seconds, params
└── tweets/lora/0-0

Names are as in `-o out.json`. Neither prompts nor answers are written.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from pydantic import JsonValue

from harness.errors import StoreError, SuiteError
from harness.privacy.addresses import is_loopback
from harness.records import RunHeader
from harness.running.rows import Row

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from harness.comparing.evidence import Trial
    from harness.comparison import Compared

INSTALL = "MLflow is not installed: pip install 'harness[mlflow]', or pip install mlflow-skinny"
_DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
_LONGEST = 500  # characters of a value that every server takes
_AT_ONCE = 100  # parameters that a server takes with one request
_COSTS = ("prepare_seconds", "prepare_dollars", "dollars_per_answer", "dollars_per_month", "n", "failed")


class Logged(NamedTuple):
    """What was written.

    Attributes:
        experiment_id: Where.
        runs: Ids of the parent runs, one for each run compared.
        trials: How many child runs they have.
    """

    experiment_id: str
    runs: tuple[str, ...]
    trials: int


def log(compared: Compared, tracking_uri: str, experiment: str, *, document: str | None = None) -> Logged:
    """Writes a parent run for each run compared, and under it a run for each trial.

    Args:
        compared: What was found.
        tracking_uri: MLflow's, such as ``http://localhost:5000``, ``sqlite:///mlflow.db`` or ``file:./mlruns``.
        experiment: Its name; made where there is none.
        document: The comparison as JSON, to keep as an artifact.

    Raises:
        SuiteError: MLflow is not installed.
        StoreError: The server or folder cannot be written.
    """
    try:
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "mlflow":
            raise
        raise SuiteError(INSTALL) from None
    try:
        client = MlflowClient(tracking_uri=tracking_uri)
        found = client.get_experiment_by_name(experiment)
        experiment_id = found.experiment_id if found is not None else client.create_experiment(experiment)
        runs, trials = [], 0
        for header in compared.runs:
            run_id, count = _run(client, experiment_id, compared, header, document)
            runs.append(run_id)
            trials += count
    except (MlflowException, OSError) as error:
        raise StoreError(f"MLflow at {tracking_uri!r} cannot be written: {_said(tracking_uri, error)}") from error
    return Logged(experiment_id, tuple(runs), trials)


def is_local(tracking_uri: str) -> bool:
    """Whether what is written there stays on this machine."""
    from urllib.parse import urlsplit

    if "\\" in tracking_uri:  # clients do not agree on where the host ends then
        return False
    parts = urlsplit(tracking_uri)
    if parts.scheme in ("http", "https", "file") and parts.netloc:
        return is_loopback(parts.hostname or "")
    # A bare word may be a service's name, as `databricks` is.
    return parts.scheme in ("file", "sqlite") or (not parts.scheme and parts.path.startswith((".", "/")))


def _said(tracking_uri: str, error: Exception) -> str:
    if tracking_uri.partition(":")[0].partition("+")[0] in _DATABASES and find_spec("sqlalchemy") is None:
        return "a database takes the whole of MLflow: pip install mlflow"
    return str(error).strip()


def _run(
    client: MlflowClient, experiment_id: str, compared: Compared, header: RunHeader, document: str | None
) -> tuple[str, int]:
    """A parent run with its children; its id and how many they are."""
    sentences = [f"{task.task}: {task.recommendation.sentence}" for task in compared.tasks]
    tags = {
        "mlflow.note.content": "\n\n".join(sentences),
        "harness.run": header.id,
        "harness.suite": header.name,
        "harness.complete": str(compared.complete).lower(),
        "harness.hardware": header.hardware.model_dump_json(),
        "harness.git_commit": header.git_commit or "",
        **{f"harness.version.{name}": version for name, version in header.versions.items()},
        **{f"harness.recommended.{task.task}": task.recommendation.strategy or "" for task in compared.tasks},
    }
    run_id = _created(client, experiment_id, header.id, header, tags)
    at = _milliseconds(header)
    metrics: dict[str, float | None] = {}
    count = 0
    for task in compared.tasks:
        for figures in task.strategies:
            if figures.run == header.id:
                for name, each in figures.figures.items():
                    ends = {"": each.value, "_low": each.low, "_high": each.high}
                    metrics |= {f"{task.task}/{figures.name}/{name}{end}": x for end, x in ends.items()}
        for contender in compared.evidence[task.task].contenders:
            for trial in contender.trials if contender.run == header.id else ():
                _trial(client, experiment_id, run_id, header, trial)
                count += 1
    _log(client, run_id, metrics, {"seeds": list(header.seeds), "repeats": header.repeats}, at)
    if document is not None:
        client.log_text(run_id, document, "comparison.json")
    client.set_terminated(run_id, "FINISHED" if compared.complete else "FAILED", end_time=at)
    return run_id, count


def _trial(client: MlflowClient, experiment_id: str, parent: str, header: RunHeader, trial: Trial) -> None:
    key, row = trial.header.key, trial.row
    tags = {
        "mlflow.parentRunId": parent,
        "harness.run": header.id,
        "harness.task": key.task,
        "harness.strategy": key.strategy,
        "harness.seed": str(key.seed),
        "harness.repeat": str(key.repeat),
        "harness.status": trial.header.status,
        "harness.use": trial.header.use,
        "harness.plugin": f"{trial.header.plugin.name} {trial.header.plugin.version}",
        "harness.metric": row.metric,
    }
    if key.train_size is not None:
        tags["harness.train_size"] = str(key.train_size)
    run_id = _created(client, experiment_id, str(key), header, tags)
    chosen = {} if row.chosen is None else {"chosen": row.chosen}
    _log(client, run_id, dict(_metrics(row)), {**trial.header.params, **chosen}, _milliseconds(header))
    ended = trial.header.status in ("finished", "not-applicable")
    client.set_terminated(run_id, "FINISHED" if ended else "FAILED", end_time=_milliseconds(header))


def _metrics(row: Row) -> Iterator[tuple[str, float | None]]:
    yield from row.figures.items()
    yield from ((row.metric, row.value), (f"{row.metric}_low", row.low), (f"{row.metric}_high", row.high))
    yield from (("p50_seconds", row.p50_seconds), ("p50_seconds_low", row.p50_low))
    yield from (("p50_seconds_high", row.p50_high), ("p95_seconds", row.p95_seconds))
    yield "p95_seconds_high", row.p95_high
    for name in _COSTS:
        yield name, getattr(row, name)


def _created(
    client: MlflowClient, experiment_id: str, name: str, header: RunHeader, tags: Mapping[str, str]
) -> str:
    started = int(header.started.timestamp() * 1000)
    short = {_name(key): value[:_LONGEST] for key, value in tags.items() if value}
    run_id: str = client.create_run(experiment_id, start_time=started, tags=short, run_name=name).info.run_id
    return run_id


def _log(
    client: MlflowClient,
    run_id: str,
    metrics: Mapping[str, float | None],
    params: Mapping[str, JsonValue],
    at: int,
) -> None:
    from mlflow.entities import Metric, Param

    numbers = [
        Metric(_name(name), float(value), at, 0)
        for name, value in metrics.items()
        if value is not None and math.isfinite(value)
    ]
    told = [Param(_name(name), _text(value)) for name, value in params.items()]
    for start in range(0, max(len(numbers), len(told)), _AT_ONCE):
        end = start + _AT_ONCE
        client.log_batch(run_id, metrics=numbers[start:end], params=told[start:end])


def _text(value: JsonValue) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _name(name: str) -> str:
    """``recall[positive]`` as MLflow takes it, ``recall.positive``.

    Where more than brackets is lost a hash stands behind it: ``a+b`` and ``a&b`` stay two names.
    """
    told = re.sub(r"[^A-Za-z0-9_. /-]+", ".", name).strip(".")
    if told == name.replace("[", ".").removesuffix("]"):
        return told
    return f"{told}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _milliseconds(header: RunHeader) -> int:
    return int((header.finished or header.started).timestamp() * 1000)
