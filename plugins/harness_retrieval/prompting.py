"""A prompt of its own for each query: what was retrieved for it, as far as it fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, NamedTuple

from harness import (
    Brief,
    ChatModel,
    Completion,
    Context,
    Embedder,
    Example,
    Failed,
    Prediction,
    Prompted,
    Query,
    Request,
    Wording,
)
from harness.long import cut_of, pieces
from harness.prompted import Asked
from harness.prompts import request
from harness.shortlist import Shortlist
from harness.trimming import CUT, trimmed
from harness.turns import all_turns
from harness_retrieval.finding import Finder
from harness_retrieval.index import Hit


class Retrieved(NamedTuple):
    """What stands near a query: places of demonstrations and of passages, nearest first."""

    demonstrations: Sequence[Hit]
    passages: Sequence[Hit]


class Built(NamedTuple):
    """A query's prompt, and what the record should keep of how it came about."""

    request: Request
    notes: Mapping[str, str]


@dataclass(frozen=True)
class Shelf:
    """Things that can be retrieved.

    Attributes:
        finder: Finds them.
        ids: What the record calls each.
    """

    finder: Finder
    ids: Sequence[str]

    def names(self, hits: Sequence[Hit]) -> str:
        """As the record has them, such as ``r17:0.83 r4:0.80``."""
        return " ".join(f"{self.ids[hit.place]}:{hit.similarity:.2f}" for hit in hits)


@dataclass(frozen=True)
class Layout:
    """How what was retrieved becomes a prompt.

    Attributes:
        brief: What the task is.
        wording: How the question is put.
        order: Whether the nearest demonstration stands next to the query or farthest from it.
        limit: Tokens that the whole prompt may have.
    """

    brief: Brief
    wording: Wording
    order: Literal["nearest-last", "nearest-first"]
    limit: int


@dataclass(frozen=True)
class Library:
    """All that prompts are made of.

    Attributes:
        embedder: Turns queries into vectors.
        examples: The training rows, in the order of their index.
        demonstrations: Finds among them; None where none are shown.
        texts: Passages as they stand in a prompt, in the order of their index.
        passages: Finds among them; None where none are shown.
    """

    embedder: Embedder
    examples: Sequence[Example]
    demonstrations: Shelf | None
    texts: Sequence[str] = ()
    passages: Shelf | None = None

    def find(self, queries: Sequence[Query]) -> list[Retrieved]:
        """What stands near each query; all queries are embedded in one call."""
        if not queries:
            return []
        vectors = self.embedder.embed([all_turns(query) for query in queries])
        nothing: list[list[Hit]] = [[] for _ in queries]
        near, beside = (
            shelf.finder.find(queries, vectors) if shelf else nothing
            for shelf in (self.demonstrations, self.passages)
        )
        return [Retrieved(*found) for found in zip(near, beside, strict=True)]


@dataclass
class Prompts:
    """Builds prompts; those of a call are retrieved for together and held until the next call."""

    model: ChatModel
    library: Library
    layout: Layout
    context: Context
    shortlist: Shortlist | None = None
    held: dict[str, Built] = field(default_factory=dict)

    def hold(self, queries: Sequence[Query]) -> None:
        """Retrieves for these queries and builds their prompts; says what a reader must know of them."""
        if self.shortlist is not None:
            self.shortlist.hold(queries)
        self.held = {q.id: self._build(q, r) for q, r in zip(queries, self.library.find(queries), strict=True)}
        for name in ("demonstrations", "passages"):
            if any(built.notes.get(name) == "" for built in self.held.values()):
                self.context.warn(f"retrieval: some queries have no {name}: none are near enough, or none fit")
            if any(_dropped(name) in built.notes for built in self.held.values()):
                self.context.warn(
                    f"retrieval: {name} were dropped to keep prompts within {self.layout.limit} tokens; "
                    "the notes of each answer say which"
                )

    def request(self, query: Query) -> Request:
        return self._of(query).request

    def notes(self, query: Query) -> Mapping[str, str]:
        return self._of(query).notes

    def _of(self, query: Query) -> Built:
        return self.held.get(query.id) or self._build(query, self.library.find([query])[0])

    def _build(self, query: Query, retrieved: Retrieved) -> Built:
        """Leaves out whole demonstrations, then whole passages, the farthest first, until the prompt fits."""
        if self.shortlist is not None:
            known = frozenset(self.shortlist.labels(query))
            shown = [h for h in retrieved.demonstrations if known.issuperset(self._targets(h))]
            retrieved = retrieved._replace(demonstrations=shown)
        near, beside = list(retrieved.demonstrations), list(retrieved.passages)
        made = self._request(query, near, beside)
        if self.model.tokens(made) > self.layout.limit:
            claims = self._room(query)
            while (near or beside) and self.model.tokens(self._request(claims, near, beside)) > self.layout.limit:
                (near or beside).pop()
            made = self._request(query, near, beside)
        notes: dict[str, str] = {}
        if query.history and not (near or beside) and self.layout.brief.long != "fail":
            build = partial(self._request, near=(), beside=())
            trim = trimmed(self.model, query, build, self.layout.limit)
            made = trim.request
            notes |= CUT if trim.cut else {}
        for name, shelf, all_of_them, kept in (
            ("demonstrations", self.library.demonstrations, retrieved.demonstrations, near),
            ("passages", self.library.passages, retrieved.passages, beside),
        ):
            if shelf is not None:
                notes[name] = shelf.names(kept)
                if len(kept) < len(all_of_them):
                    notes[_dropped(name)] = shelf.names(all_of_them[len(kept) :])
        return Built(made, notes)

    def _room(self, query: Query) -> Query:
        """The query as it claims room: as it is, or half the limit where it is going to be cut to what is left."""

        def count(text: str) -> int:
            return self.model.tokens(self._request(query.model_copy(update={"text": text}), (), ()))

        if cut_of(self.layout.brief.long) is None or count(query.text) <= self.model.window:
            return query
        kept = pieces(query.text, "head", max(count("") + 1, self.layout.limit // 2), count)
        return query.model_copy(update={"text": kept[0].text if kept else ""})

    def _targets(self, hit: Hit) -> tuple[str, ...]:
        return self.library.examples[hit.place].targets

    def _request(self, query: Query, near: Sequence[Hit], beside: Sequence[Hit]) -> Request:
        shown = near if self.layout.order == "nearest-first" else near[::-1]
        brief = self.layout.brief if self.shortlist is None else self.shortlist.brief_of(query)
        return request(
            brief,
            query,
            wording=self.layout.wording,
            demonstrations=[self.library.examples[hit.place] for hit in shown],
            passages=[self.library.texts[hit.place] for hit in beside],
        )


def _dropped(name: str) -> str:
    return f"dropped {name}"


@dataclass(frozen=True)
class Retrieving(Prompted):
    """Asks each query with its own prompt; retrieves for all queries of a call before the first is asked."""

    prompts: Prompts = field(kw_only=True)

    @property
    def choices_vary(self) -> bool:
        return self.prompts.shortlist is not None

    def complete(self, queries: Sequence[Query]) -> Iterator[Asked]:
        self.prompts.hold(queries)
        yield from super().complete(queries)

    def read(self, query: Query, completion: Completion | Failed) -> Prediction | Failed:
        outcome, shortlist = super().read(query, completion), self.prompts.shortlist
        return outcome if shortlist is None else shortlist.checked(query, outcome)

    def _read_by(self, query: Query) -> Brief:
        shortlist = self.prompts.shortlist
        return super()._read_by(query) if shortlist is None else shortlist.read_by(query, self.wording)

    @staticmethod
    def of(prompts: Prompts) -> Retrieving:
        return Retrieving(
            prompts.model,
            prompts.layout.brief,
            prompts.layout.wording,
            build=prompts.request,
            notes=prompts.notes,
            prompts=prompts,
        )
