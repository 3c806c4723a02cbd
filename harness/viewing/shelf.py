"""Which runs can be seen, and the indexes and figures that are made of them beside the requests that wait."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

from harness.errors import HarnessError, StoreError
from harness.running.forgotten import refuse
from harness.running.rows import Row
from harness.running.store import RunFolder
from harness.viewing.building import build
from harness.viewing.contents import signature
from harness.viewing.index import Index
from harness.viewing.pairs import Paired, Side, pair

T = TypeVar("T")

FOLDER = ".view"  # of a run, for its indexes: may be deleted at any time
WAIT_SECONDS = 0.7  # a page waits so long for an index before it shows how far it is
_PAIRS = 8  # kept: 9 bytes a shared row
_REST_SECONDS = 5.0  # between two indexes of a run that still grows, at least


class Making(Generic[T]):
    """Something that is being made in a thread of its own."""

    def __init__(self, make: Callable[[Callable[[float], None]], T], stop: Event) -> None:
        self.share = 0.0
        self.result: T | None = None
        self.problem: HarnessError | None = None
        self._make = make
        self._stop = stop
        self._done = Event()
        Thread(target=self._run, daemon=True, name="view").start()

    def wait(self, seconds: float = WAIT_SECONDS) -> bool:
        """Whether it is done, after at most so long."""
        return self._done.wait(seconds)

    def _run(self) -> None:
        try:
            self.result = self._make(self._progress)
        except _Stopped:
            self.problem = StoreError("it was stopped")
        except HarnessError as error:
            self.problem = error
        except Exception as error:  # a page must say it, whatever it is
            self.problem = StoreError(f"it cannot be read: {type(error).__name__}: {error}")
        finally:
            self._done.set()

    def _progress(self, share: float) -> None:
        self.share = share
        if self._stop.is_set():
            raise _Stopped


class _Stopped(Exception):
    """The server ends."""


class Shelf:
    """The runs of a server.

    Args:
        folders: Gives the runs; asked again for every page, so that new runs appear.
        rows: Gives a run's figures.
    """

    def __init__(
        self, folders: Callable[[], Sequence[RunFolder]], rows: Callable[[RunFolder], Sequence[Row]]
    ) -> None:
        self._folders = folders
        self._rows = rows
        self._lock = Lock()
        self._stop = Event()
        self._indexes: dict[tuple[Path, str], Making[Index]] = {}
        self._fresh: dict[tuple[Path, str], Index] = {}
        self._looked: dict[tuple[Path, str], float] = {}
        self._figures: dict[tuple[Path, str], Making[Sequence[Row]]] = {}
        self._pairs: dict[tuple[int, int, int, int], Paired] = {}
        self._opened: list[Index] = []  # also keeps each id in _pairs its own
        self._temporary: Path | None = None

    def runs(self) -> dict[str, RunFolder]:
        """By a name that is unique: the run's id, numbered where two folders hold the same."""
        found: dict[str, RunFolder] = {}
        for folder in self._folders():
            name, number = folder.path.resolve().name, 2
            while name in found:
                name, number = f"{folder.path.resolve().name}~{number}", number + 1
            found[name] = folder
        return found

    def index(self, folder: RunFolder, task: str) -> Index | Making[Index]:
        """A task's index; while it is made for the first time, how far it is.

        Raises:
            HarnessError: Where it cannot be made.
        """
        refuse(folder, "there is no text to show")
        key = (folder.path, task)
        with self._lock:
            making = self._indexes.get(key)
            if making is None or (making.wait(0) and self._is_old(key, folder)):
                making = self._indexes[key] = Making(lambda said: self._make(folder, task, said), self._stop)
            fresh = self._fresh.get(key)
        if not making.wait(WAIT_SECONDS):
            return fresh or making
        if making.problem is not None:
            with self._lock:
                self._indexes.pop(key, None)  # the next page tries again
            raise making.problem
        assert making.result is not None
        with self._lock:
            self._fresh[key] = making.result
        return making.result

    def figures(self, folder: RunFolder, tasks: Sequence[str]) -> Making[Sequence[Row]]:
        """A run's figures, or how they come along; made anew once its files have changed."""
        stamp = "".join(signature(folder, task) for task in tasks)
        key = (folder.path, stamp)
        with self._lock:
            if key not in self._figures:
                for old in [k for k in self._figures if k[0] == folder.path]:
                    del self._figures[old]
                self._figures[key] = Making(lambda _: self._rows(folder), self._stop)
            return self._figures[key]

    def paired(self, a: Side, b: Side) -> Paired:
        """Two trials side by side."""
        key = (id(a.index), a.trial, id(b.index), b.trial)
        with self._lock:
            if key in self._pairs:
                return self._pairs[key]
        made = pair(a, b)
        with self._lock:
            self._pairs[key] = made
            while len(self._pairs) > _PAIRS:
                self._pairs.pop(next(iter(self._pairs)))
        return made

    def close(self) -> None:
        """Frees files; what is being made is given up."""
        self._stop.set()
        with self._lock:
            unfinished = list(self._indexes.values())
        for making in unfinished:
            making.wait(2.0)
        with self._lock:
            for index in self._opened:
                index.close()
            if self._temporary is not None:
                shutil.rmtree(self._temporary, ignore_errors=True)

    def _is_old(self, key: tuple[Path, str], folder: RunFolder) -> bool:
        making = self._indexes[key]
        if making.result is None:
            return True
        rest = max(_REST_SECONDS, 10 * making.result.contents.seconds)
        if time.monotonic() - self._looked.get(key, 0.0) < rest:
            return False
        self._looked[key] = time.monotonic()
        return making.result.contents.signature != signature(folder, key[1])

    def _make(self, folder: RunFolder, task: str, progress: Callable[[float], None]) -> Index:
        stamp = signature(folder, task)
        path = self._place(folder) / f"{task}.sqlite"
        index = _open(path, folder, task, stamp)
        if index is None:
            build(folder, task, path, progress)
            index = Index(path, folder, task)
        with self._lock:
            self._looked[folder.path, task] = time.monotonic()
            self._opened.append(index)
        return index

    def _place(self, folder: RunFolder) -> Path:
        """Beside the run, else in a temporary folder."""
        place = folder.path / FOLDER
        with suppress(OSError):
            place.mkdir(mode=0o700, exist_ok=True)
            with tempfile.TemporaryFile(dir=place):
                return place
        with self._lock:
            if self._temporary is None:
                self._temporary = Path(tempfile.mkdtemp(prefix="harness-view-"))
        number = hash(str(folder.path.resolve())) & 0xFFFFFFFF
        place = self._temporary / f"{folder.id}-{number:x}"
        place.mkdir(mode=0o700, exist_ok=True)
        return place


def _open(path: Path, folder: RunFolder, task: str, stamp: str) -> Index | None:
    """The index that is there, where it is of the files as they are."""
    if not path.is_file():
        return None
    try:
        index = Index(path, folder, task)
    except sqlite3.DatabaseError:
        return None
    if index.contents.signature != stamp:
        index.close()
        return None
    return index
