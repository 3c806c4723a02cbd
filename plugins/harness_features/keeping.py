"""Arrays kept in a trial's folder: whole on disk or not there, and never pickled."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from harness import Context, DataError, Embedder, Record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Embedded(Record):
    """What the step that embeds says.

    Attributes:
        embedder: The model's identity.
        texts: How many were embedded.
        width: Numbers in each vector.
    """

    embedder: str
    texts: int
    width: int


def keep_embeddings(context: Context, embedder: Embedder, texts: Sequence[str]) -> Path:
    """Embeds texts in one call, once in the trial's life.

    Returns:
        The .npy file of the vectors, (texts, width) float32; it is there as long as nobody removes it.
    """
    path = context.folder / "embeddings.npy"

    def embed() -> Embedded:
        import numpy as np

        vectors = np.asarray(embedder.embed(texts), dtype=np.float32)
        write(path, lambda file: np.save(file, vectors, allow_pickle=False))
        return Embedded(embedder=embedder.identity, texts=len(texts), width=vectors.shape[1])

    context.step("embeddings", Embedded, embed)
    return path


def read_embeddings(path: Path) -> NDArray[np.float32]:
    """The vectors that `keep_embeddings` wrote."""
    import numpy as np

    with reading(path):
        vectors: NDArray[np.float32] = np.load(path, allow_pickle=False)
    return vectors


def write(path: Path, fill: Callable[[BinaryIO], None]) -> None:
    """Writes a file beside its place, then moves it there: a killed process leaves no half of one."""
    unfinished = path.with_name(path.name + ".unfinished")
    with unfinished.open("wb") as file:
        fill(file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


class reading:  # noqa: N801  (used as a verb: `with reading(path):`)
    """Turns what goes wrong with a kept file into one clear message."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError | ValueError | KeyError | EOFError):
            raise DataError(
                f"{self.path.name!r} in this trial's folder cannot be read ({error}), though the step that wrote "
                f"it is on record; remove the folder {str(self.path.parent)!r} to prepare the strategy again"
            ) from error
