"""What a page asks of a task's index: which rows, what is known of them, and their lines in full."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from pydantic import ValidationError

from harness.errors import StoreError
from harness.records import Example, Outcome
from harness.running.store import RunFolder
from harness.viewing import selecting
from harness.viewing.contents import STATE, Contents, Trial
from harness.viewing.filters import Filters

_KEPT = 24  # selections: 4 bytes a row each, so that turning pages asks nothing again
STATES = {code: name for name, code in STATE.items()}


class Cell(NamedTuple):
    """A strategy's answer in short.

    Attributes:
        state: `right`, `wrong`, `partly`, `failed`, or empty where there is none or no score.
        answer: Its beginning; of a failure, its kind.
        score: 0 to 1.
        confidence: Probability of the answer.
        said: A number that stands for the answer.
    """

    state: str
    answer: str
    score: float | None
    confidence: float | None
    said: int | None


class Line(NamedTuple):
    """A row of a list.

    Attributes:
        row: Its number in the index, from 0.
        id: The query's.
        text: Its beginning.
        target: The right answer's beginning.
        cells: By trial number; a strategy that gave none has none.
    """

    row: int
    id: str
    text: str
    target: str
    cells: dict[int, Cell]


class Scored(NamedTuple):
    """A row that was asked: the right answer and the given one as numbers, and the score, if any."""

    row: int
    id: str
    targeted: int
    score: float | None
    said: int


class Index:
    """An index on disk, open for reading; safe for threads.

    Args:
        path: Its file.
        folder: The run.
        task: The task.

    Raises:
        sqlite3.DatabaseError: The file is no index, or one of another version.
    """

    def __init__(self, path: Path, folder: RunFolder, task: str) -> None:
        self._folder = folder
        self._task = task
        self._lock = Lock()
        self._selections: OrderedDict[Filters, array[int]] = OrderedDict()
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)
        try:
            self._db.execute("PRAGMA mmap_size = 1073741824")
            ((said,),) = self._db.execute("SELECT said FROM contents").fetchall()
            self.contents = Contents.model_validate_json(said)
        except (ValueError, ValidationError) as error:
            self._db.close()
            raise sqlite3.DatabaseError(str(error)) from None
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def select(self, filters: Filters) -> array[int]:
        """The rows that pass, in order."""
        key = filters.selection
        with self._lock:
            if key in self._selections:
                self._selections.move_to_end(key)
                return self._selections[key]
            chosen = selecting.statement(key, self.contents)
            found = array("I", (row for (row,) in self._db.execute(chosen.sql, chosen.values)))
            self._selections[key] = found
            if len(self._selections) > _KEPT:
                self._selections.popitem(last=False)
            return found

    def lines(self, rows: Sequence[int], trials: Iterable[int]) -> list[Line]:
        """What a list shows of some rows: the answers of trials, by their numbers."""
        marks = ", ".join("?" * len(rows))
        with self._lock:
            texts = self._db.execute(f"SELECT row, id, text, target FROM queries WHERE row IN ({marks})", [*rows])
            found = {row: Line(row, name, text, target, {}) for row, name, text, target in texts}
            for number in trials:
                told = self._db.execute(
                    "SELECT row, state, answer, score, confidence, said FROM outcomes"
                    f" WHERE trial = ? AND row IN ({marks})",
                    [number, *rows],
                )
                for row, state, *rest in told:
                    found[row].cells[number] = Cell(STATES.get(state, ""), *rest)
        return [found[row] for row in rows if row in found]

    def row_of(self, query_id: str) -> int | None:
        """A query's row."""
        with self._lock:
            found = self._db.execute("SELECT row FROM queries WHERE id = ?", (query_id,)).fetchone()
        return None if found is None else int(found[0])

    def name_of(self, row: int) -> str:
        """A row's query id."""
        with self._lock:
            ((name,),) = self._db.execute("SELECT id FROM queries WHERE row = ?", (row,)).fetchall()
        return str(name)

    def scores(self, trial: int) -> list[Scored]:
        """How a trial fared on every row that it was asked, in the data's order."""
        with self._lock:
            told = self._db.execute(
                "SELECT o.row, id, targeted, score, said FROM outcomes o CROSS JOIN queries q ON q.row = o.row"
                " WHERE trial = ? ORDER BY o.row",  # CROSS: in this order
                (trial,),
            )
            return [*map(Scored._make, told)]

    def example(self, row: int) -> Example:
        """A row of the task, whole.

        Raises:
            StoreError: Where the files changed under the index.
        """
        with self._lock:
            ((start, name),) = self._db.execute("SELECT start, id FROM queries WHERE row = ?", (row,)).fetchall()
        said = json.loads(_line(self._folder.path / "data" / f"{self._task}.jsonl", start) or b"{}")
        try:
            example = Example.model_validate(said.get("example"))
        except ValidationError:
            raise _changed(self._folder) from None
        if example.query.id != name:
            raise _changed(self._folder)
        return example

    def outcome(self, row: int, trial: Trial) -> Outcome | None:
        """What a strategy gave for a row, with its prompts; None where it has not been asked.

        Raises:
            StoreError: Where the files changed under the index.
        """
        with self._lock:
            found = self._db.execute(
                "SELECT o.start, q.id FROM outcomes o JOIN queries q USING (row) WHERE o.trial = ? AND o.row = ?",
                (trial.number, row),
            ).fetchone()
        if found is None:
            return None
        start, name = found
        try:
            outcome = Outcome.model_validate_json(_line(self._folder.path / trial.path / "outcomes.jsonl", start))
        except ValidationError:
            raise _changed(self._folder) from None
        if outcome.query_id != name:
            raise _changed(self._folder)
        return outcome


def _line(path: Path, start: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.readline()
    except OSError as error:
        raise StoreError(f"cannot be read: {error.strerror or error}", where=str(path)) from None


def _changed(folder: RunFolder) -> StoreError:
    return StoreError(f"the files of run {folder.id!r} changed while they were shown; load the page again")
