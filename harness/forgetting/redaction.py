"""Records without their texts.

{"text": "Great flight!", "targets": ["positive"]}    {"text": "█████████████", "targets": ["positive"]}
{"answers": ["So it is 42."]}                         {"answers": ["§3f0c9a7d21ee"]}     <- of a free answer
{"question": "…", "rows": 400}                        {"question": "forgotten", "rows": 400}

Every one of these can be done again to its own result without changing it: a forgetting that was cut off is
repeated.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import get_args

from pydantic import JsonValue

from harness.records import (
    Brief,
    Example,
    Failed,
    Long,
    Outcome,
    Prediction,
    Probed,
    Problem,
    Query,
    TrialHeader,
)
from harness.running.forgotten import OPEN, masked

FORGOTTEN = "forgotten"
_TOKEN = re.compile("\u00a7[0-9a-f]{12}")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")  # of a record's field
_KIND = re.compile(r"[a-z][a-z0-9-]{0,30}")


@dataclass(frozen=True)
class Redaction:
    """Takes the texts out of one task's records.

    Attributes:
        brief: The task.
        key: Makes tokens that say nothing of what they stand for, once it is thrown away.
        names: Words that are no text of a row: of strategies, models, labels.
    """

    brief: Brief
    key: bytes
    names: Collection[str] = ()

    def token(self, query_id: str, answers: tuple[str, ...]) -> str:
        """What stands for an answer to a row; the same answer to another row has another."""
        if len(answers) == 1 and _TOKEN.fullmatch(answers[0]):
            return answers[0]
        content = json.dumps((query_id, answers)).encode()
        return f"\u00a7{hmac.new(self.key, content, 'sha256').hexdigest()[:12]}"

    def answers(self, query_id: str, answers: tuple[str, ...]) -> tuple[str, ...]:
        """Labels stay: they are the task's definition. What is none, and a free answer, is a token."""
        if self.brief.kind in OPEN:
            return (self.token(query_id, answers),)
        known = self.brief.labels
        return tuple(a if a in known else self.token("", (a,)) for a in answers)

    def example(self, example: Example) -> Example:
        query = example.query
        history = tuple(turn.model_copy(update={"content": masked(turn.content)}) for turn in query.history)
        return Example(
            query=Query(id=query.id, text=masked(query.text), history=history),
            targets=self.answers(query.id, example.targets),
        )

    def result(self, found: Prediction | Failed, row: str) -> Prediction | Failed:
        """An answer to a row, or to another form of it."""
        if isinstance(found, Failed):
            kind = found.kind if _KIND.fullmatch(found.kind) else "another-kind"
            return Failed(query_id=found.query_id, kind=kind, error=FORGOTTEN)
        told = None
        if found.probabilities is not None and self.brief.kind not in OPEN:
            told = {self.answers(row, (label,))[0]: p for label, p in found.probabilities.items()}
        how = found.notes.get("long", "")  # what was done with a text beyond a window: its rows are a slice
        return Prediction(
            query_id=found.query_id,
            answers=self.answers(row, found.answers),
            probabilities=told,
            notes={"long": how} if how in get_args(Long) else {},
        )

    def outcome(self, found: Outcome) -> Outcome:
        return found.model_copy(update={"result": self.result(found.result, found.query_id), "exchanges": ()})

    def probed(self, found: Probed) -> Probed:
        return found.model_copy(
            update={"result": self.result(found.result, found.query_id), "text": masked(found.text)}
        )

    def trial(self, found: TrialHeader) -> TrialHeader:
        problem = None
        if found.problem is not None:
            problem = Problem(kind=found.problem.kind, message=FORGOTTEN)
        return found.model_copy(update={"problem": problem, "warnings": warnings(found.warnings)})

    def value(self, found: JsonValue) -> JsonValue:
        """What a step returned: numbers, and words that are names."""
        if isinstance(found, str):
            return found if found in self.names else FORGOTTEN
        if isinstance(found, list):
            return [self.value(each) for each in found]
        if isinstance(found, dict):
            known = (
                key if key in self.names or _NAME.fullmatch(key) else f"key {i}"
                for i, key in enumerate(found, start=1)
            )
            return {name: self.value(each) for name, each in zip(known, found.values(), strict=True)}
        return found


def report(found: JsonValue) -> JsonValue:
    """What was found in the data, without the texts it was found in and without warnings, which may quote one."""
    if isinstance(found, list):
        return [report(each) for each in found]
    if not isinstance(found, dict):
        return found
    told: dict[str, JsonValue] = {}
    for name, value in found.items():
        if name == "warnings" and isinstance(value, list):
            told[name] = list(warnings(tuple(map(str, value))))
        else:
            told[name] = [] if name == "examples" else report(value)
    return told


def warnings(found: tuple[str, ...]) -> tuple[str, ...]:
    """How many there were."""
    if not found or found[0].endswith("forgotten: a warning may quote a text."):
        return found
    many = "1 warning was" if len(found) == 1 else f"{len(found)} warnings were"
    return (f"{many} forgotten: a warning may quote a text.",)
