"""What a strategy gets of an embedder when texts are longer than its window.

    long       what is embedded of a text of 600 tokens, window 256          the answer's note
    (not set)  what the embedder sees: the first 256 tokens                  long: head
    head       its first words that fit                                      long: head
    middle     its first and its last words, the middle cut out              long: middle
    chunks     three pieces; their mean, weighted by tokens, of unit length  long: chunks
    fail       nothing: the query fails as `too-long`

Vectors are kept by the text of each piece, so that those of one way are never taken for another's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.errors import ModelError
from harness.long import Piece, pieces, surely_fits
from harness.models import Embedder
from harness.pooling import mean_vectors
from harness.records import Long

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SEEN: Mapping[Long | None, str] = {
    None: "what is beyond it was not seen",
    "head": "their head alone was seen",
    "middle": "the middle of each was cut out",
    "chunks": "each was embedded in chunks, whose mean is its vector",
    "fail": "they fail as queries; of other texts what is beyond it was not seen",
}


class TooLong(ModelError):
    """Queries that an embedder was asked for and that `long: fail` refuses.

    Attributes:
        why: What is wrong with each, by its text.
    """

    def __init__(self, why: Mapping[str, str]) -> None:
        super().__init__(next(iter(why.values()), "a text is too long"))
        self.why = why


@dataclass
class LongTexts:
    """What a trial knows of texts that are longer than some embedder's window.

    Attributes:
        how: What is done with them.
        say: Told what a reader must know: by whom, and what.
        beyond: The texts.
        asked: Texts of the queries under way, which may fail.
    """

    how: Long | None
    say: Callable[[str, str], None]
    beyond: set[str] = field(default_factory=set)
    asked: frozenset[str] = frozenset()

    @contextmanager
    def asking(self, texts: frozenset[str]) -> Iterator[None]:
        """Inside, these are the queries under way."""
        before, self.asked = self.asked, texts
        try:
            yield
        finally:
            self.asked = before


class LongEmbedder:
    """An embedder that cuts, or embeds in chunks, what is longer than its window.

    Args:
        name: The model's in the suite.
        embedder: What embeds texts within its window.
        texts: The trial's.
    """

    def __init__(self, name: str, embedder: Embedder, texts: LongTexts) -> None:
        self._name = name
        self._embedder = embedder
        self._texts = texts
        self._tokens: dict[str, int] = {}  # of texts that are not surely within the window
        self._long: set[str] = set()

    @property
    def identity(self) -> str:
        how = self._texts.how
        return self._embedder.identity + ("" if how in (None, "fail") else f"/{how}")

    @property
    def window(self) -> int:
        return self._embedder.window

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        return self._embedder.tokens(texts)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        beyond = self._beyond(texts)
        how = self._texts.how
        if how == "fail":
            self._refuse(beyond)
        if not beyond or how is None or how == "fail":
            return self._embedder.embed(texts)
        parts = {text: pieces(text, how, self.window, self._count) for text in beyond}
        asked = [parts.get(text) or (Piece(text, 0),) for text in texts]
        vectors = self._embedder.embed([piece.text for found in asked for piece in found])
        return mean_vectors(vectors, asked)

    def too_long(self, texts: Sequence[str]) -> dict[str, str]:
        """Why texts are refused that are longer than the window, by text."""
        return {text: self._why(text) for text in self._beyond(texts)}

    def _beyond(self, texts: Sequence[str]) -> set[str]:
        suspects = {text for text in texts if not surely_fits(text, self.window)}
        unknown = [text for text in dict.fromkeys(texts) if text in suspects and text not in self._tokens]
        if unknown:
            self._tokens.update(zip(unknown, self._embedder.tokens(unknown), strict=True))
        beyond = {text for text in suspects if self._tokens[text] > self.window}
        if not beyond <= self._long:
            self._long |= beyond
            self._texts.beyond |= beyond
            seen = _SEEN[self._texts.how]
            self._texts.say(
                self._name,
                f"{len(self._long)} texts are longer than {self._name}'s window of {self.window} tokens: {seen}",
            )
        return beyond

    def _refuse(self, beyond: set[str]) -> None:
        refused = {text: self._why(text) for text in sorted(beyond & self._texts.asked)}
        if refused:
            raise TooLong(refused)

    def _why(self, text: str) -> str:
        tokens = self._tokens[text]
        return f"its text has {tokens} tokens, and {self._name}'s window is {self.window} (`long: fail`)"

    def _count(self, text: str) -> int:
        return self._embedder.tokens([text])[0]
