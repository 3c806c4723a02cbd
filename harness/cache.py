"""Answers that were paid for once, kept in one SQLite file that all runs share.

    completions    v1:3f9a…  {"text": "positive", "usage": …, "seconds": 0.81}   2026-11-21T09:15:02+00:00
    vectors        v1:77c0…  384 float32, little-endian                          0.0021 s

A key holds all that an answer depends on and nothing else. What was first observed stays: storing again under
the same key changes nothing, so a replay keeps the seconds and the usage of the call that was paid.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from harness.errors import StoreError
from harness.models import Completion, Request

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = "v1"  # of what a key is made from; a new one leaves the old answers unused
_BUSY_SECONDS = 30.0
_KEYS_PER_QUERY = 500  # well under SQLite's limit on variables

_TABLES = """
CREATE TABLE IF NOT EXISTS completions (key TEXT PRIMARY KEY, completion TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB NOT NULL, seconds REAL NOT NULL);
"""


class CachedCompletion(NamedTuple):
    """A completion as it was first observed, marked `replayed`, and when that was."""

    completion: Completion
    at: datetime


class CachedVector(NamedTuple):
    """An embedding, (width,) float32, and the device seconds that it first took."""

    vector: NDArray[np.float32]
    seconds: float


class CacheStats(NamedTuple):
    """What the file holds; `size` in bytes, the write-ahead log included."""

    completions: int
    vectors: int
    size: int


def request_key(identity: str, request: Request, *, repeat: int = 0, hardware: str = "") -> str:
    """The key of an answer: a SHA-256 over all that the answer depends on.

    `query_id` is left out: two queries of the same words have the same answer. The order of a schema's
    properties counts, because models write them in that order.

    Args:
        identity: The model's: name, revision and weights.
        request: What is asked.
        repeat: Which repetition of the run: repeats are fresh draws.
        hardware: Where a local model runs, so that its seconds are never taken for another machine's.
    """
    content = {
        "identity": identity,
        "messages": [[m.role, m.content] for m in request.messages],
        "choices": list(request.choices),
        "answer_schema": request.answer_schema,
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "sample": request.sample,
        "repeat": repeat,
        "hardware": hardware,
    }
    return _hash(json.dumps(content, separators=(",", ":"), default=_plain))


def keeps(completion: Completion) -> bool:
    """Whether a completion may be replayed: refusals, empty answers and replays themselves may not."""
    return completion.finish != "filter" and bool(completion.text.strip()) and not completion.replayed


class Cache:
    """The shared file. Safe with threads, and with several processes at once.

    A write that fails (a full disk, a file that became read-only) never raises, because the caller holds an
    answer that was paid for: it is told once in `problem`, and from then on the cache only reads.

    Args:
        path: The file; made with its folders when there is none.
        enabled: False finds nothing, keeps nothing and touches no file (`--no-cache`).

    Raises:
        StoreError: The file cannot be opened, or is not a cache.
    """

    def __init__(self, path: Path, *, enabled: bool = True) -> None:
        self.path = path
        self.enabled = enabled
        self._problem: str | None = None
        self._lock = threading.Lock()
        self._connection = _open(path) if enabled else None

    @property
    def problem(self) -> str | None:
        """Why answers are no longer kept; None while they are."""
        return self._problem

    def completion(self, key: str) -> CachedCompletion | None:
        """What was answered under this key.

        Raises:
            StoreError: The file became unreadable.
        """
        rows = self._read("SELECT completion, at FROM completions WHERE key = ?", (key,))
        if not rows:
            return None
        text, at = rows[0]
        try:
            completion = Completion.model_validate(json.loads(text))
            when = datetime.fromisoformat(at)
        except (ValueError, TypeError, ValidationError):
            # Written by a version that had other fields: as good as absent, and in the way of a fresh one.
            self._write("DELETE FROM completions WHERE key = ?", [(key,)])
            return None
        return CachedCompletion(completion.model_copy(update={"replayed": True}), when)

    def store(self, key: str, completion: Completion) -> bool:
        """Keeps a completion, unless `keeps` says no; the first under a key stays.

        Returns:
            Whether the completion may be replayed and was written.
        """
        if not keeps(completion):
            return False
        # json.dumps writes a likelihood of minus infinity; pydantic's own writer would make it null.
        text = json.dumps(completion.model_dump(mode="json"))
        row = (key, text, datetime.now(UTC).isoformat())
        return self._write("INSERT INTO completions VALUES (?, ?, ?) ON CONFLICT DO NOTHING", [row])

    def vectors(self, identity: str, texts: Sequence[str]) -> dict[int, CachedVector]:
        """Embeddings that are known.

        Args:
            identity: The embedder's, with whatever else its vectors and seconds depend on.
            texts: What is to be embedded.

        Returns:
            By index into `texts`, those that were found.

        Raises:
            StoreError: The file became unreadable.
        """
        import numpy as np

        keys = [_vector_key(identity, text) for text in texts]
        wanted = sorted(set(keys))
        found: dict[str, CachedVector] = {}
        for start in range(0, len(wanted), _KEYS_PER_QUERY):
            part = wanted[start : start + _KEYS_PER_QUERY]
            marks = ",".join("?" * len(part))
            for key, blob, seconds in self._read(
                f"SELECT key, vector, seconds FROM vectors WHERE key IN ({marks})", part
            ):
                found[key] = CachedVector(np.frombuffer(blob, dtype="<f4").astype(np.float32), seconds)
        return {i: found[key] for i, key in enumerate(keys) if key in found}

    def store_vectors(
        self, identity: str, texts: Sequence[str], vectors: NDArray[np.float32], seconds_each: Sequence[float]
    ) -> bool:
        """Keeps embeddings, all or none of them; the first under a key stays.

        Args:
            identity: As in `vectors`.
            texts: What was embedded.
            vectors: (texts, width).
            seconds_each: Each text's share of the device's time.
        """
        rows = [
            (_vector_key(identity, text), vector.astype("<f4").tobytes(), float(seconds))
            for text, vector, seconds in zip(texts, vectors, seconds_each, strict=True)
        ]
        return self._write("INSERT INTO vectors VALUES (?, ?, ?) ON CONFLICT DO NOTHING", rows)

    def stats(self) -> CacheStats:
        """Counts and size; all 0 where the cache is off."""
        if self._connection is None:
            return CacheStats(0, 0, 0)
        [(completions, vectors)] = self._read(
            "SELECT (SELECT count(*) FROM completions), (SELECT count(*) FROM vectors)", ()
        )
        files = (self.path, self.path.with_name(self.path.name + "-wal"))
        return CacheStats(completions, vectors, sum(f.stat().st_size for f in files if f.exists()))

    def forget(self) -> None:
        """Drops every answer and gives the disk its space back.

        Raises:
            StoreError: The file cannot be written.
        """
        if self._connection is None:
            return
        with self._lock, _told(self.path):
            self._connection.execute("DELETE FROM completions")
            self._connection.execute("DELETE FROM vectors")
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def __enter__(self) -> Cache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, sql: str, values: Sequence[str]) -> list[tuple[Any, ...]]:  # SQLite rows have no types
        with self._lock:
            if self._connection is None:
                return []
            with _told(self.path):
                return self._connection.execute(sql, values).fetchall()

    def _write(self, sql: str, rows: Sequence[tuple[object, ...]]) -> bool:
        with self._lock:
            if self._connection is None or self._problem is not None:
                return False
            try:
                _transaction(self._connection, sql, rows)
            except sqlite3.Error as error:
                self._problem = (
                    f"the cache {str(self.path)!r} cannot be written ({error}): what is answered from now on "
                    "is used but not kept. Free the disk or make the file writable"
                )
                return False
            return True


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the cache's folder {str(path.parent)!r} cannot be made: {error}") from error
    with _told(path):
        # One connection for all threads, behind one lock: a statement here takes microseconds.
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")  # survives a killed process
            connection.executescript(_TABLES)
            connection.execute("SELECT key, completion, at FROM completions LIMIT 1")
            connection.execute("SELECT key, vector, seconds FROM vectors LIMIT 1")
            return
        except sqlite3.OperationalError as error:
            # Two processes that open a new file at once: changing the journal mode does not wait for the lock.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _transaction(connection: sqlite3.Connection, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.executemany(sql, rows)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself rolls back on a full disk
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(
            f"the cache {str(path)!r} cannot be used ({error}). Delete the file to start a new one, or run with "
            "--no-cache"
        ) from error


def _vector_key(identity: str, text: str) -> str:
    return _hash(json.dumps(["vector", identity, text], separators=(",", ":")))


def _hash(text: str) -> str:
    return f"{VERSION}:{hashlib.sha256(text.encode()).hexdigest()}"


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r} in an answer schema is not JSON")
