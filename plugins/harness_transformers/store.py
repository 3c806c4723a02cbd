"""The plugin's own cache folder: hashes of weight files, and weights that took long to convert.

    ~/.cache/harness/hashes/3f…json            {"size": 98362432, "mtime_ns": …, "sha256": "…"}
    ~/.cache/harness/weights/<sha256>-float32  a folder that transformers loads in a second

A cache that cannot be written (a full or read-only disk) only costs time.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_STALE_SECONDS = 24 * 3600.0
_SMALL_BYTES = 8 << 20  # hashed faster than a note of it is found
# What answers depend on: weights, configuration, tokenizer and chat template.
_COUNTS = {".safetensors", ".gguf", ".json", ".jinja", ".model", ".txt"}


def root() -> Path:
    """`HARNESS_CACHE`, else `harness` under the user's cache folder."""
    own = os.environ.get("HARNESS_CACHE")
    if own:
        return Path(own).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "harness"


def file_sha256(path: Path) -> str:
    """Hash of a file's content; a large file's is kept by path, size and time of change."""
    stat = path.stat()
    if stat.st_size < _SMALL_BYTES:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    seen = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns}
    note = root() / "hashes" / (hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:32] + ".json")
    with suppress(OSError, ValueError, AttributeError):
        known = json.loads(note.read_text(encoding="utf-8"))
        if all(known.get(key) == value for key, value in seen.items()):
            return str(known["sha256"])
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with suppress(OSError):
        _write(note, json.dumps({**seen, "sha256": digest}))
    return digest


def weights_sha256(place: Path) -> str:
    """Hash of a weight file, or of all that counts in a folder of them."""
    if place.is_file():
        return file_sha256(place)
    digest = hashlib.sha256()
    for file in sorted(p for p in place.rglob("*") if p.suffix in _COUNTS and p.is_file()):
        digest.update(f"{file.relative_to(place).as_posix()}\0{file_sha256(file)}\n".encode())
    return digest.hexdigest()


def built(name: str, build: Callable[[Path], None]) -> Path | None:
    """The folder `weights/NAME`, which `build` fills where it is not there yet.

    It appears whole or not at all, and two processes may build it at once.

    Returns:
        The folder; None where it cannot be written.
    """
    home = root() / "weights"
    folder = home / name
    if folder.is_dir():
        return folder
    partial: Path | None = None
    try:
        home.mkdir(parents=True, exist_ok=True)
        _sweep(home)
        partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=home))
        build(partial)
        partial.rename(folder)
    except OSError:
        # Perhaps another process was first: a rename onto a folder that has files in it fails.
        return folder if folder.is_dir() else None
    finally:
        if partial is not None and partial.exists():
            shutil.rmtree(partial, ignore_errors=True)
    return folder


def _sweep(home: Path) -> None:
    """What a killed process left half built."""
    for partial in home.glob(".partial-*"):
        with suppress(OSError):
            if time.time() - partial.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(partial, ignore_errors=True)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".partial-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
