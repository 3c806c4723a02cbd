"""Names data by its content: the same rows in the same splits give the same fingerprint in any order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from harness.records import Example


def of_rows(examples: Iterable[Example]) -> str:
    """Hash of the rows' ids, texts, targets and earlier turns, as hexadecimal SHA-256."""
    digest = hashlib.sha256()
    for line in sorted(json.dumps(_content(e)) for e in examples):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def _content(example: Example) -> tuple[object, ...]:
    """What counts of a row; earlier turns where it has some, so that rows without keep the hash that they had."""
    turns = [(turn.role, turn.content) for turn in example.query.history]
    return (example.query.id, example.query.text, example.targets, *([turns] if turns else []))


def fingerprint(train: Iterable[Example], validation: Iterable[Example], test: Iterable[Example]) -> str:
    """Hash of the three splits' hashes, as hexadecimal SHA-256."""
    splits = [of_rows(train), of_rows(validation), of_rows(test)]
    return hashlib.sha256("\n".join(splits).encode()).hexdigest()
