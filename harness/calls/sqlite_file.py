"""One SQLite file that threads and several processes share, in write-ahead mode.

Reading raises where the file is broken. Writing never raises: what cannot be written is told in `problem`, and
from then on the file is only read.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from harness.errors import StoreError

_BUSY_SECONDS = 30.0


def _owned(path: Path) -> None:
    """Makes the file its owner's alone; SQLite gives what it keeps beside it the same permissions."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(0o600)


class SqliteFile:
    """An open file; made with its folders when there is none.

    Args:
        path: The file.
        tables: Table to its columns as SQL declares them.

    Raises:
        StoreError: It cannot be opened or made, or has other tables.
    """

    def __init__(self, path: Path, tables: dict[str, str]) -> None:
        self.path = path
        self.problem: str | None = None
        self._lock = threading.Lock()
        self._closed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"the folder {str(path.parent)!r} cannot be made: {error}") from error
        with suppress(OSError):  # what is another's may still be read; what cannot be opened says so below
            _owned(path)
        with self._told():
            # One connection for all threads, behind one lock: a statement here takes microseconds.
            self._connection = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare(tables)
            except BaseException:
                self._connection.close()
                raise

    def read(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:  # rows have no types
        """All rows of a SELECT; none once the file is closed.

        Raises:
            StoreError: The file is broken.
        """
        with self._lock, self._told():
            return [] if self._closed else self._connection.execute(sql, values).fetchall()

    def write(self, sql: str, rows: Sequence[Sequence[object]]) -> bool:
        """Runs a statement for each row, all or none of them.

        Returns:
            Whether it was written; where not, `problem` says why, unless the file is closed.
        """
        with self._lock:
            if self._closed or self.problem is not None:
                return False
            try:
                self._transaction(sql, rows)
            except sqlite3.Error as error:
                self.problem = (
                    f"{str(self.path)!r} cannot be written ({error}): what comes now is used but not kept. "
                    "Free the disk or make the file writable"
                )
                return False
            return True

    def clear(self, tables: Sequence[str]) -> None:
        """Empties tables and gives the disk its space back.

        Raises:
            StoreError: The file cannot be written.
        """
        with self._lock, self._told():
            for table in tables:
                self._connection.execute(f"DELETE FROM {table}")
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def drop(self, wheres: Sequence[tuple[str, str]]) -> int:
        """Deletes rows so that nothing of them is left in the file; how many there were.

        Args:
            wheres: Table and condition of each; trusted, never of what a user or a model wrote.

        Raises:
            StoreError: The file cannot be written.
        """
        with self._lock, self._told():
            self._connection.execute("PRAGMA secure_delete = ON")
            before = self._connection.total_changes
            self._connection.execute("BEGIN IMMEDIATE")
            for table, where in wheres:
                self._connection.execute(f"DELETE FROM {table} WHERE {where}")
            self._connection.execute("COMMIT")
            dropped = self._connection.total_changes - before
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return dropped

    def size(self) -> int:
        """Bytes on disk, the write-ahead log included."""
        files = (self.path, self.path.with_name(self.path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._connection.close()

    def _prepare(self, tables: dict[str, str]) -> None:
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = NORMAL")  # survives a killed process
                for table, columns in tables.items():
                    self._connection.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
                    names = ", ".join(column.split()[0] for column in columns.split(","))
                    self._connection.execute(f"SELECT {names} FROM {table} LIMIT 1")
                return
            except sqlite3.OperationalError as error:
                # Processes that open a new file at once: changing the journal mode does not wait for the lock.
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _transaction(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany(sql, rows)
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # on a full disk SQLite has rolled back already
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(
                f"{str(self.path)!r} cannot be used ({error}). Move or delete it to start a new one, or run with "
                "--no-cache"
            ) from error
