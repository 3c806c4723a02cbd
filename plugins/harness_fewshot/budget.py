"""Fits demonstrations into a number of tokens by leaving whole ones out, never a part of one.

budget 400, prompt 530   positive 3, negative 3   -> the longest positive goes
           prompt 410   positive 2, negative 3   -> the longest negative goes
           prompt 372   positive 2, negative 2      fits
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from harness import Brief, ChatModel, Example, Query, Wording
from harness.long import cut_of, pieces
from harness.prompts import request
from harness.turns import characters
from harness_fewshot.selection import labels_of


class Fit(NamedTuple):
    """What fits and what does not; `tokens` of the whole prompt with what is kept."""

    kept: list[Example]
    dropped: list[Example]
    tokens: int


@dataclass(frozen=True)
class Budget:
    """A limit on a prompt's tokens.

    Attributes:
        model: Counts them.
        brief: What the task is.
        wording: How it is put.
        limit: Tokens that the whole prompt may have, the query with it.
    """

    model: ChatModel
    brief: Brief
    wording: Wording
    limit: int

    def tokens(self, query: Query, shown: Sequence[Example]) -> int:
        return self.model.tokens(request(self.brief, query, wording=self.wording, demonstrations=shown))

    def longest(self, queries: Sequence[Query], among: int = 8) -> Query | None:
        """The query that takes most tokens, sought among those of most characters."""
        long = sorted(queries, key=lambda q: -characters(q))[:among]
        return max(long, key=lambda q: self.tokens(q, ()), default=None)

    def characters(self, queries: Sequence[Query]) -> int:
        """Of the longest of these queries, all turns together, or of what of it claims room."""
        most = max(map(characters, queries), default=0)
        longest = self.longest(queries) if cut_of(self.brief.long) else None
        known = self.room(longest) if longest else None
        return most if known is longest or known is None else characters(known)

    def room(self, query: Query) -> Query:
        """The query as it claims room: as it is, or half the limit where it is going to be cut to what is left."""
        if cut_of(self.brief.long) is None or self.tokens(query, ()) <= self.model.window:
            return query

        def count(text: str) -> int:
            return self.tokens(query.model_copy(update={"text": text}), ())

        kept = pieces(query.text, "head", max(count("") + 1, self.limit // 2), count)
        return query.model_copy(update={"text": kept[0].text if kept else ""})

    def fit(self, query: Query, shown: Sequence[Example]) -> Fit:
        """Leaves out the longest demonstration of the label that has most, until the prompt fits.

        With a query that does not fit even alone, all are left out: the model then says that it is too long.
        Where the task has such a text cut or asked in chunks, demonstrations may take half the limit beside it.
        """
        query, kept, dropped = self.room(query), list(shown), list[Example]()
        tokens = self.tokens(query, kept)
        sizes: dict[str, int] = {}
        while kept and tokens > self.limit:
            sizes = sizes or {e.query.id: self.tokens(e.query, ()) for e in shown}
            gone = _least_missed(kept, sizes)
            kept.remove(gone)
            dropped.append(gone)
            tokens = self.tokens(query, kept)
        return Fit(kept, dropped, tokens)


def _least_missed(kept: Sequence[Example], sizes: Mapping[str, int]) -> Example:
    counts = Counter(label for example in kept for label in labels_of(example))
    return max(kept, key=lambda e: (min(counts[label] for label in labels_of(e)), sizes[e.query.id]))
