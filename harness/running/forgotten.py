"""What stays of a run whose texts were forgotten, and how its rows look then.

kept/reviews.json   the task's diagnosis, and of free answers the scores: what cannot be computed without texts
run.json            `forgotten` says when
data/reviews.jsonl  {"id": "3f0c…", "text": "█████████████", …}      <- as long as it was, for slices by length
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from harness.errors import StoreError
from harness.records import Example, Kind, Record, RunHeader
from harness.running.plan import CHANGED
from harness.running.store import RunFolder

MASK = "\u2588"
OPEN: frozenset[Kind] = frozenset({"fields", "text"})  # kinds whose answers are texts themselves


class Kept(Record):
    """kept/TASK.json.

    Attributes:
        hashes: By query id, what a baseline calls the row.
        diagnosis: What was found behind the figures, as JSON, without what tells of single rows.
        found: Of kinds whose answers are texts: figures of strategies, verdicts, luck of the best, as JSON.
        rows: Of such kinds, by trial, its own figures.
        scores: Of such kinds, by the token that stands for an answer, its score of each figure.
    """

    hashes: Mapping[str, str] = {}
    diagnosis: str | None = None
    found: Mapping[str, str] = {}
    rows: Mapping[str, str] = {}
    scores: Mapping[str, Mapping[str, float]] = {}


def place(run: RunFolder) -> Path:
    return run.path / "kept"


def kept(run: RunFolder, task: str) -> Kept | None:
    """What stays of a task that was forgotten; None where nothing was computed.

    Raises:
        StoreError: The file was changed.
    """
    path = place(run) / f"{task}.json"
    try:
        return Kept.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise StoreError(CHANGED, where=str(path)) from error


def masked(text: str) -> str:
    """A text of the same length that says nothing; one that is masked already stays."""
    return MASK * len(text)


def content(example: Example, *, by_length: bool = False) -> tuple[object, ...]:
    """What two rows of one id must share to be the same; of rows whose texts are gone their lengths are left."""
    query = example.query
    if not by_length:
        return query.text, query.history
    return len(query.text), tuple((turn.role, len(turn.content)) for turn in query.history)


def has_begun(run: RunFolder) -> bool:
    """Whether a forgetting was begun; it may have been cut off."""
    return (place(run) / "begun").exists()


def refuse(run: RunFolder, what: str) -> None:
    """Says so where a run's texts are needed and gone.

    Args:
        run: The run.
        what: What needs them, as a sentence's beginning.

    Raises:
        StoreError: They were forgotten, or their forgetting was cut off.
    """
    header = run.header
    if header.forgotten is not None:
        raise StoreError(
            f"{what}, and the texts of run {run.id!r} were forgotten on {when(header)}: its figures stay for"
            " `harness compare`, `report`, `show` and `gate`; run the suite again for the rest"
        )
    if has_begun(run):
        raise StoreError(
            f"{what}, and the forgetting of run {run.id!r} was cut off: `harness forget {run.id}` ends it"
        )


def when(header: RunHeader) -> str:
    return f"{header.forgotten:%Y-%m-%d}" if header.forgotten else ""
