"""`harness forget RUN`: texts, prompts and what was fitted go, figures stay.

In this order, so that a forgetting that was killed can be done again and ends the same:

1. kept/    what only the texts can tell is computed and written; `begun` marks that it is whole
2. the shared cache loses the run's answers, by the ledgers' own names for them
3. fits, reports, indexes and half-written files are deleted; every record is rewritten without its texts
4. run.json says `forgotten`, the report is made anew, and the key of the tokens is deleted
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from harness import journal
from harness.calls.cache import Cache
from harness.calls.ledger import entries
from harness.calls.tuning_book import JOBS, Held
from harness.drift.records import keep, load, without_texts
from harness.forgetting import freezing, redaction
from harness.forgetting.redaction import Redaction
from harness.privacy.owner import close_off, owner_only
from harness.records import Outcome, Probed, Record, Step, TrialHeader
from harness.report.files import FORMATS
from harness.running.forgotten import place
from harness.running.job import Prepared
from harness.running.store import CACHE, RunFolder
from harness.running.stored import StoredRow
from harness.suite.load import Loaded

R = TypeVar("R", bound=Record)

_STAYS = (
    "run.json",
    "suite.json",
    "canary.json",
    "canary.jsonl",
    ".lock",
    "budget.jsonl",
    "batches.jsonl",
    "jobs.jsonl",
    "predictions.jsonl",
    "data",
    "trials",
    "kept",
)
_TORN = re.compile(r"\..+\.[a-z0-9_]{8}|\.partial-.+")  # what a kill leaves of a file that was being replaced


@dataclass
class Forgotten:
    """What went.

    Attributes:
        rows: Rows whose texts were masked.
        answers: Outcomes whose prompts and texts were removed.
        deleted: Files that were deleted.
        bytes: Bytes that the run's folder has less.
        cached: Answers and embeddings that the shared cache has less.
        untouched: Files in the folder that the harness did not write.
    """

    rows: int = 0
    answers: int = 0
    deleted: int = 0
    bytes: int = 0
    cached: int = 0
    untouched: list[str] = field(default_factory=list)


def forget(run: RunFolder, loaded: Loaded | None) -> Forgotten:
    """Removes a run's texts, prompts, fitted strategies and cached answers; figures stay as they are.

    Done twice it does nothing more; one that was cut off is ended.

    Args:
        run: The run.
        loaded: Its suite; without it nothing is computed first, and what only the texts can tell is lost.

    Raises:
        StoreError: Another process is at work on the run, or a file cannot be read or written.
    """
    found = Forgotten()
    with run.locked(), owner_only():
        before = _size(run.path)
        key = _freeze(run, loaded)
        found.cached = _forget_cached(run)
        for trial in {path.parent for path in run.path.glob("trials/**/fit")}:
            found.deleted += _delete(trial / "fit")
        _delete_beside(run, found)
        if (asked := load(run.path)) is not None:
            keep(run.path, without_texts(asked))
        for name in run.tasks():
            _redact(run, Redaction(run.task(name).brief, key, _names(run)), found)
        _lines(run.path / JOBS, Held, _without_words)
        header = run.header
        data = {
            task: each.model_copy(update={"warnings": redaction.warnings(each.warnings)})
            for task, each in header.data.items()
        }
        run.write_header(
            header.model_copy(update={"forgotten": header.forgotten or datetime.now(UTC), "data": data})
        )
        (place(run) / "key").unlink(missing_ok=True)
        close_off(run.path)
        found.bytes = max(0, before - _size(run.path))
    return found


def _freeze(run: RunFolder, loaded: Loaded | None) -> bytes:
    """Keeps what only the texts can tell; the key of the tokens, the same after a kill."""
    secret, begun = place(run) / "key", place(run) / "begun"
    if not secret.exists():
        journal.replace(secret, secrets.token_hex(32))
    key = secret.read_text().encode()
    if begun.exists():
        return key
    compared = freezing.figures(run, loaded) if loaded is not None else None
    if compared is not None:
        texts = {each.task: each for each in compared.tasks}
        for name, evidence in compared.evidence.items():
            made = Redaction(evidence.brief, key, _names(run))
            told = freezing.kept(run, texts[name], evidence, made)
            journal.replace(place(run) / f"{name}.json", told.model_dump_json())
    journal.replace(begun, "")
    return key


def _forget_cached(run: RunFolder) -> int:
    """Another run that asked the same loses the answer too: it is the same text."""
    ledgers = [*run.path.glob("trials/**/ledger.jsonl"), run.path / "predictions.jsonl"]
    parts = [part for path in ledgers for entry in entries(path) for part in entry.name.split("/")]
    ends = {part for part in parts if re.fullmatch("[0-9a-f]{16}", part)}
    path, gone = run.path.parent / CACHE, 0
    if path.exists() and (ends or "embed" in parts):
        with Cache(path) as cache:
            gone = cache.drop(ends, vectors="embed" in parts)
    return gone


def _delete_beside(run: RunFolder, found: Forgotten) -> None:
    """Reports, the viewer's indexes, a cache of the run's own, and what a kill left half-written."""
    for path in sorted(run.path.rglob("*")):
        if not path.exists() and not path.is_symlink():
            continue  # it went with its folder
        top = path.parent == run.path
        made = top and (path.name == ".view" or path.name.startswith(CACHE))
        report = top and path.is_file() and path.suffix in FORMATS and path.name not in _STAYS
        if made or report or (path.is_file() and _TORN.fullmatch(path.name)):
            found.deleted += _delete(path)
        elif top and path.name not in _STAYS:
            found.untouched.append(path.name)


def _redact(run: RunFolder, redact: Redaction, found: Forgotten) -> None:
    name = redact.brief.name
    data = run.path / "data"
    found.rows += _lines(
        data / f"{name}.jsonl",
        StoredRow,
        lambda row: row.model_copy(update={"example": redact.example(row.example)}),
    )
    told = json.loads((data / f"{name}.json").read_bytes())
    told["report"] = redaction.report(told["report"])
    journal.replace(data / f"{name}.json", json.dumps(told))
    root = run.path / "trials" / name
    for path in sorted(root.rglob("*")):
        if path.name == "trial.json":
            _whole(path, TrialHeader, redact.trial)
        elif path.name == "prepared.json":
            _whole(path, Prepared, lambda it: it.model_copy(update={"warnings": redaction.warnings(it.warnings)}))
        elif path.parent.name == "steps" and path.suffix == ".json":
            _whole(path, Step, lambda step: step.model_copy(update={"result": redact.value(step.result)}))
        elif path.name == "probes.jsonl":
            found.answers += _lines(path, Probed, redact.probed)
        elif path.name == "validation.jsonl" or re.fullmatch(r"outcomes(\.failed-\d+)?\.jsonl", path.name):
            found.answers += _lines(path, Outcome, redact.outcome)


def _without_words(held: Held) -> Held:
    """Why a job failed is told in the provider's words, which may quote a row."""
    return held.model_copy(update={"job": held.job and held.job.model_copy(update={"error": None})})


def _lines(path: Path, of: type[R], redact: Callable[[R], R]) -> int:
    records = [redact(each) for each in journal.read(path, of)]
    if path.exists():
        journal.replace(path, "".join(each.model_dump_json(exclude_defaults=True) + "\n" for each in records))
    return len(records)


def _whole(path: Path, of: type[R], redact: Callable[[R], R]) -> None:
    journal.replace(path, redact(of.model_validate_json(path.read_bytes())).model_dump_json())


def _names(run: RunFolder) -> frozenset[str]:
    """Words of a step's result that are no text of a row."""
    suite, briefs = run.kept_suite, (run.task(name).brief for name in run.tasks())
    labels = {label for brief in briefs for label in brief.labels}
    return frozenset({*(trial.header.key.strategy for trial in run.trials()), *suite.models, *labels})


def _delete(path: Path) -> int:
    """Deletes a file or a folder; how many files there were."""
    if path.is_symlink() or path.is_file():
        path.unlink()
        return 1
    files = sum(each.is_file() for each in path.rglob("*"))
    shutil.rmtree(path)
    return files


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
