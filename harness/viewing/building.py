"""One pass over a task's files makes its index: small facts of every answer, and where its line begins.

    outcomes  trial 3  row 17  state 0  score 0.0  confidence 0.92  seconds 0.15  answer "negative"  start 51_230
    arm0      row 17  length 88  missed 2  s0 1  c0 0.92  h0 47  s1 0  …  a seed's strategies side by side

A line's prompts stay in its file. The index is written beside the run and put in place whole.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.errors import StoreError
from harness.records import Query
from harness.running.store import RunFolder
from harness.turns import told
from harness.viewing.contents import STATE, Column, Contents, Trial, digest, lines, signature
from harness.viewing.facts import facts

SNIPPET = 400  # characters of a text that a list can show
LISTED = 100  # values of a metadata column that a page offers
SCANNED = 40 << 20  # bytes of text up to which a search reads them all: as fast, and nothing to build
INDEXED = 1 << 30  # bytes of text from which an index of trigrams would be too large

Progress = Callable[[float], None]


def build(folder: RunFolder, task: str, target: Path, progress: Progress, scanned: int = SCANNED) -> None:
    """Makes the index of a task, or makes it anew.

    Args:
        folder: The run.
        task: One of its tasks.
        target: The index's file; replaced whole, readable by its owner alone.
        progress: Told the share of bytes that are read, from 0 to 1.
        scanned: Bytes of text from which a search has an index of trigrams.

    Raises:
        StoreError: Where a line of the run's files is not what the harness writes.
        OSError: Where the index cannot be written.
    """
    began = time.monotonic()
    stamp = signature(folder, task)
    fd, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")  # mode 0600
    os.close(fd)
    try:
        db = sqlite3.connect(temporary, isolation_level=None)
        try:
            db.executescript(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; BEGIN"
            )
            made = _Builder(db, folder, task, progress).build(stamp, scanned)
            made = made.model_copy(update={"seconds": time.monotonic() - began})
            db.execute("CREATE TABLE contents (said TEXT)")
            db.execute("INSERT INTO contents VALUES (?)", (made.model_dump_json(),))
            db.execute("COMMIT")
        finally:
            db.close()
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


class _Builder:
    def __init__(self, db: sqlite3.Connection, folder: RunFolder, task: str, progress: Progress) -> None:
        self._db = db
        self._folder = folder
        self._task = task
        self._progress = progress
        self._rows: dict[str, int] = {}
        self._read = 0
        self._total = 1

    def build(self, stamp: str, scanned: int) -> Contents:
        data = self._folder.path / "data" / f"{self._task}.jsonl"
        trials = self._trials()
        outcomes = [self._folder.path / trial.path / "outcomes.jsonl" for trial in trials]
        self._total = max(1, sum(path.stat().st_size for path in (data, *outcomes) if path.exists()))
        targets, columns = self._texts(data)
        searchable = scanned < data.stat().st_size < INDEXED and self._trigrams()
        self._db.execute(
            "CREATE TABLE outcomes (trial INT, row INT, start INT, state INT, score REAL, confidence REAL,"
            " seconds REAL, said INT, answer TEXT, PRIMARY KEY (trial, row)) WITHOUT ROWID"
        )
        for trial, path in zip(trials, outcomes, strict=True):
            self._db.executemany(
                "INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", self._outcomes(trial, path)
            )
        made = Contents(
            signature=stamp,
            rows=len(self._rows),
            trials=tuple(trials),
            targets=targets,
            columns=columns,
            searchable=searchable,
        )
        for number, arm in enumerate(made.arms):
            self._side_by_side(number, [trial for trial in trials if trial.arm == arm])
        return made

    def _trials(self) -> list[Trial]:
        headers = [
            (trial.header, trial.path)
            for trial in self._folder.trials()
            if trial.header.key.task == self._task and trial.header.status not in ("candidate", "not-applicable")
        ]
        listed = self._folder.suite.get("strategies")
        names = [str(s.get("name")) for s in listed if isinstance(s, dict)] if isinstance(listed, list) else []
        place = {name: number for number, name in enumerate(names)}
        headers.sort(key=lambda h: (h[0].key.seed, h[0].key.repeat, h[0].key.train_size or 0))
        headers.sort(key=lambda h: (h[0].yardstick, place.get(h[0].key.strategy, len(place))))
        found: list[Trial] = []
        used: Counter[str] = Counter()
        for number, (header, path) in enumerate(headers):
            arm = str(header.key).rsplit("/", 1)[1]
            trial = Trial(
                number=number,
                strategy=header.key.strategy,
                arm=arm,
                column=used[arm],
                path=str(path.relative_to(self._folder.path)),
                yardstick=header.yardstick,
            )
            used[arm] += 1
            found.append(trial)
        return found

    def _texts(self, path: Path) -> tuple[tuple[str, ...], tuple[Column, ...]]:
        self._db.execute(
            "CREATE TABLE queries (row INTEGER PRIMARY KEY, id TEXT, start INT, length INT, text TEXT,"
            " target TEXT, targeted INT)"
        )
        self._db.execute("CREATE TABLE texts (row INTEGER PRIMARY KEY, folded TEXT)")
        self._db.execute(
            "CREATE TABLE metadata (name TEXT, value TEXT, row INT, PRIMARY KEY (name, value, row)) WITHOUT ROWID"
        )
        targets: Counter[str] = Counter()
        for line in lines(path, "a row of the task"):
            self._advance(path, line.start)
            if line.said.get("split") != "test":
                continue
            example = line.said["example"]
            query, answer = example["query"], example["targets"]
            row = self._rows.setdefault(query["id"], len(self._rows))
            text, shown = query["text"], " | ".join(answer)
            turns = [turn["content"] for turn in query.get("history", ())]
            listed = told(Query.model_validate(query)) if turns else text
            self._db.execute(
                "INSERT OR REPLACE INTO queries VALUES (?, ?, ?, ?, ?, ?, ?)",
                (row, query["id"], line.start, len(text), listed[:SNIPPET], shown[:SNIPPET], digest(answer)),
            )
            folded = "\n".join([*turns, text]).casefold().replace("\0", " ")
            self._db.execute("INSERT OR REPLACE INTO texts VALUES (?, ?)", (row, folded))
            metadata = query.get("metadata", {}).items()
            self._db.executemany(
                "INSERT OR IGNORE INTO metadata VALUES (?, ?, ?)", [(name, value, row) for name, value in metadata]
            )
            targets[shown] += 1
        self._db.execute("CREATE UNIQUE INDEX ids ON queries (id)")
        self._done(path)
        common = tuple(target for target, _ in targets.most_common(LISTED)) if len(targets) <= LISTED else ()
        return common, self._columns()

    def _columns(self) -> tuple[Column, ...]:
        names = self._db.execute("SELECT name, count(DISTINCT value) FROM metadata GROUP BY name ORDER BY name")
        return tuple(Column(name=name, distinct=distinct, values=self._values(name)) for name, distinct in names)

    def _values(self, name: str) -> tuple[str, ...]:
        common = self._db.execute(
            "SELECT value FROM metadata WHERE name = ? GROUP BY value ORDER BY count(*) DESC, value LIMIT ?",
            (name, LISTED),
        )
        return tuple(value for (value,) in common)

    def _trigrams(self) -> bool:
        """Makes the index of trigrams, where SQLite has them."""
        try:
            self._db.execute(
                "CREATE VIRTUAL TABLE trigrams USING fts5"
                "(folded, content='', tokenize='trigram case_sensitive 1', columnsize=0)"
            )
        except sqlite3.OperationalError:  # SQLite before 3.34, or without FTS5
            return False
        self._db.execute("INSERT INTO trigrams (rowid, folded) SELECT row, folded FROM texts")
        return True

    def _outcomes(self, trial: Trial, path: Path) -> Iterator[tuple[object, ...]]:
        for line in lines(path, "an outcome"):
            self._advance(path, line.start)
            try:
                row = self._rows.get(line.said["query_id"])
                if row is not None:
                    yield trial.number, row, line.start, *facts(line.said)
            except (KeyError, TypeError, AttributeError):
                raise StoreError(
                    f"the line at byte {line.start} is not an outcome: it was changed", where=str(path)
                ) from None
        self._done(path)

    def _side_by_side(self, number: int, trials: Sequence[Trial]) -> None:
        """An arm's table: all that filters and orders go by, a row a query, so that any of them is one scan."""
        columns = "".join(f", s{n} INT, c{n} REAL, h{n} INT" for n in range(len(trials)))
        self._db.execute(f"CREATE TABLE arm{number} (row INTEGER PRIMARY KEY, length INT, missed INT{columns})")
        queries = self._db.execute("SELECT row, length FROM queries ORDER BY row")
        cursors = [
            self._db.execute(
                "SELECT row, state, confidence, said FROM outcomes WHERE trial = ? ORDER BY row", (trial.number,)
            )
            for trial in trials
        ]
        marks = ", ".join("?" * (3 + 3 * len(trials)))
        self._db.executemany(f"INSERT INTO arm{number} VALUES ({marks})", _merged(queries, cursors))
        for column in ("length", "missed", *(f"c{n}" for n in range(len(trials)))):
            self._db.execute(f"CREATE INDEX arm{number}_{column} ON arm{number} ({column}, row)")

    def _advance(self, path: Path, start: int) -> None:
        self._progress(min(1.0, (self._read + start) / self._total))

    def _done(self, path: Path) -> None:
        self._read += path.stat().st_size if path.exists() else 0


def _merged(queries: Iterator[Any], cursors: Sequence[Iterator[Any]]) -> Iterator[list[object]]:
    """Joins sorted cursors by row, and counts who missed; SQLite itself joins no more than 64 tables."""
    heads = [next(cursor, None) for cursor in cursors]
    for query in queries:
        row, missed = query[0], 0
        line: list[object] = []
        for number, head in enumerate(heads):
            if head is not None and head[0] == row:
                line += head[1:]
                missed += head[1] in (STATE["wrong"], STATE["failed"])
                heads[number] = next(cursors[number], None)
            else:
                line += (None, None, None)
        yield [*query, missed, *line]
