"""Vectors of unit length in a FAISS index that is kept in the trial's folder.

The inner product of unit vectors is their cosine similarity, so IndexFlatIP is exact. It holds the vectors
themselves: one file keeps both.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from harness import Context, DataError, Embedder, Record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Indexed(Record):
    """What the step that indexes says.

    Attributes:
        embedder: The model's identity.
        texts: How many were embedded.
        width: Numbers in each vector.
        file: The index's name in the trial's folder.
    """

    embedder: str
    texts: int
    width: int
    file: str


class Hit(NamedTuple):
    """A text by its place in the index, and its cosine similarity to the query."""

    place: int
    similarity: float


class FaissIndex(Protocol):
    """The part of FAISS's interface that is used here."""

    ntotal: int

    def search(self, x: NDArray[np.float32], k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]: ...

    def reconstruct(self, key: int) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class Index:
    """Texts by nearness."""

    faiss_index: FaissIndex

    def nearest(
        self, vectors: NDArray[np.float32], count: int, leave_out: Sequence[frozenset[int]]
    ) -> list[list[Hit]]:
        """The nearest texts of each query, nearest first; of equals the one that was indexed first.

        Args:
            vectors: The queries', (queries, width), of unit length.
            count: Hits wanted for each.
            leave_out: Places that must not be found, for each query.
        """
        # Equals that straddle the last place would come out by chance: some more are looked at.
        wanted = min(count + max(map(len, leave_out), default=0) + 8, self.faiss_index.ntotal)
        if count == 0 or wanted == 0 or not len(vectors):
            return [[] for _ in leave_out]
        similarities, places = self.faiss_index.search(vectors, wanted)
        found = []
        for near, at, out in zip(similarities.tolist(), places.tolist(), leave_out, strict=True):
            # Rounded, so that equals stay equal whether queries are asked alone or in bulk.
            hits = [Hit(p, round(s, 5)) for s, p in zip(near, at, strict=True) if p not in out]
            found.append(sorted(hits, key=lambda hit: (-hit.similarity, hit.place))[:count])
        return found

    def vector(self, place: int) -> NDArray[np.float32]:
        return self.faiss_index.reconstruct(place)


def keep_index(context: Context, name: str, embedder: Embedder, texts: Sequence[str]) -> Index:
    """Embeds texts in one call and indexes them, once in the trial's life; read from its file ever after."""
    import faiss
    import numpy as np

    path = context.folder / f"{name}.faiss"

    def build() -> Indexed:
        vectors = np.ascontiguousarray(embedder.embed(texts), dtype=np.float32)
        built = faiss.IndexFlatIP(vectors.shape[1])
        built.add(vectors)
        _write(path, faiss.serialize_index(built).tobytes())
        return Indexed(embedder=embedder.identity, texts=len(texts), width=vectors.shape[1], file=path.name)

    indexed = context.step(f"index-{name}", Indexed, build)
    try:
        index = faiss.deserialize_index(np.frombuffer(path.read_bytes(), dtype=np.uint8))
    except (OSError, RuntimeError) as error:
        raise _broken(path, str(error)) from error
    if index.ntotal != len(texts) or indexed.texts != len(texts):
        raise _broken(path, f"it holds {index.ntotal} texts, and there are {len(texts)}")
    return Index(index)


def _write(path: Path, content: bytes) -> None:
    """Beside its place first: a killed process leaves no half of an index."""
    unfinished = path.with_name(path.name + ".unfinished")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _broken(path: Path, why: str) -> DataError:
    return DataError(
        f"the index {path.name!r} in this trial's folder cannot be used ({why}); "
        f"remove the folder {str(path.parent)!r} to prepare the strategy again"
    )
