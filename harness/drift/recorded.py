"""Prompts that an endpoint answered in earlier runs, as they can be asked again word for word.

An exchange is taken only where the ledger beside it knows its cache key: then nothing of the request is missing.
Those that were timed alone come first, because their seconds can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from harness.calls.cache import request_key
from harness.calls.ledger import costed
from harness.journal import read
from harness.models import Request
from harness.records import Exchange, LedgerEntry, Outcome


class Recorded(NamedTuple):
    """A prompt, and what it was answered.

    Attributes:
        run: The run's id.
        key: The request's cache key.
        request: As it was sent, without its query.
        exchange: What came back.
        seconds: At work, as first observed; None where it was not asked alone.
    """

    run: str
    key: str
    request: Request
    exchange: Exchange
    seconds: float | None


def recorded(runs: Sequence[Path], identity: str, most: int) -> list[Recorded]:
    """Prompts of an endpoint, drawn from the newest runs that have any.

    Args:
        runs: Folders of earlier runs, newest first.
        identity: The endpoint's.
        most: How many.
    """
    drawn: list[Recorded] = []
    seen: set[str] = set()
    for run in runs:
        fresh = [each for each in _of_run(run, identity) if each.key not in seen]
        pool = sorted({each.key: each for each in fresh}.values(), key=lambda each: each.key)
        Random(f"canary\0{identity}").shuffle(pool)
        pool.sort(key=lambda each: each.seconds is None)
        seen |= {each.key for each in pool}
        drawn += pool[: most - len(drawn)]
        if len(drawn) == most:
            break
    return drawn


def _of_run(run: Path, identity: str) -> Iterator[Recorded]:
    @cache
    def schema(task: str) -> Mapping[str, Any] | None:
        return _schema(run / "data" / f"{task}.json")

    for path in sorted(run.glob("trials/*/*/*/outcomes.jsonl")):
        known: dict[str, LedgerEntry] | None = None
        for outcome in read(path, Outcome):
            for exchange in outcome.exchanges:
                # What is drawn at random differs every time and tells nothing.
                if exchange.model != identity or exchange.temperature > 0:
                    continue
                if known is None:
                    ledger = costed(path.with_name("ledger.jsonl"))
                    known = {entry.name.rpartition("/")[2]: entry for entry in ledger}
                made = _again(run.name, exchange, outcome, known, schema(path.parents[2].name))
                if made is not None:
                    yield made


def _again(
    run: str,
    exchange: Exchange,
    outcome: Outcome,
    known: Mapping[str, LedgerEntry],
    schema: Mapping[str, Any] | None,
) -> Recorded | None:
    for answer_schema in dict.fromkeys((schema is not None, False)):
        request = Request(
            messages=exchange.messages,
            choices=exchange.choices,
            answer_schema=schema if answer_schema else None,
            max_tokens=exchange.max_tokens,
            temperature=exchange.temperature,
            sample=exchange.sample,
        )
        repeat = next(iter(known.values())).trial.repeat if known else 0
        key = request_key(exchange.model, request, repeat=repeat)
        entry = known.get(key[-16:])
        if entry is not None:
            alone = outcome.phase == "sample" and entry.seconds > 0 and not entry.usage.batched
            return Recorded(run, key, request, exchange, entry.seconds if alone else None)
    return None


def _schema(task: Path) -> Mapping[str, Any] | None:
    try:
        found = json.loads(task.read_bytes())["brief"].get("answer_schema")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return found if isinstance(found, dict) else None
