"""Asks each query with the few labels that are its candidates; `harness.candidates` says how they are chosen.

shortlist = shortlist_for(self, brief, train, validation, context, room)     in a strategy's prepare
yield with_candidates(Prompted(model, brief), shortlist)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.models import Completion, Request
from harness.prompted import Asked, Prompted
from harness.ranking import Ranker
from harness.records import Brief, Example, Failed, Prediction, Query
from harness.wording import Wording

NOTE = "candidates"  # in a prediction's notes: its candidates, as a JSON list


@dataclass
class Shortlist:
    """Each query's candidates; those of a call are found together and held until the next call.

    Attributes:
        brief: The task, with all labels.
        ranker: Puts labels in order.
        k: How many are candidates.
    """

    brief: Brief
    ranker: Ranker
    k: int
    _held: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False)

    def hold(self, queries: Sequence[Query]) -> None:
        """Finds the candidates of these queries."""
        ranked = self.ranker.ranked(queries)
        self._held = {q.id: self._first(labels) for q, labels in zip(queries, ranked, strict=True)}

    def labels(self, query: Query) -> tuple[str, ...]:
        """A query's candidates, in the suite's order."""
        found = self._held.get(query.id)
        return found if found is not None else self._first(self.ranker.ranked([query])[0])

    def brief_of(self, query: Query) -> Brief:
        """The task with a query's candidates alone."""
        return narrowed(self.brief, self.labels(query))

    def among(self, examples: Sequence[Example], query: Query) -> list[Example]:
        """Those of the examples whose labels a query's prompt lists: others would show what is not allowed."""
        known = frozenset(self.labels(query))
        return [example for example in examples if known.issuperset(example.targets)]

    def read_by(self, query: Query, wording: Wording) -> Brief:
        """The task that an answer is read by: numbers of a scale are shared by the labels that were listed.

        Elsewhere all labels are known, so that one that was not listed is told from words that name none.
        """
        return self.brief_of(query) if wording.scale else self.brief

    def checked(self, query: Query, outcome: Prediction | Failed) -> Prediction | Failed:
        """An outcome with the candidates in its notes; a failure where it names a label that was not listed."""
        if isinstance(outcome, Failed):
            return outcome
        strange = set(outcome.answers) - set(self.labels(query))
        if strange:
            error = f"the answer {min(strange)!r} is none of the {self.k} labels that the query was asked with"
            return Failed(query_id=query.id, kind="not-a-candidate", error=error)
        return outcome.model_copy(update={"notes": {**outcome.notes, **self.notes(query)}})

    def notes(self, query: Query) -> Mapping[str, str]:
        return {NOTE: json.dumps(self.labels(query), ensure_ascii=False)}

    def _first(self, ranked: Sequence[str]) -> tuple[str, ...]:
        chosen = frozenset(ranked[: self.k])
        return tuple(label for label in self.brief.labels if label in chosen)


@dataclass(frozen=True)
class Narrowed(Prompted):
    """Asks each query with its own candidates.

    Attributes:
        shortlist: Finds them.
    """

    shortlist: Shortlist = field(kw_only=True)

    @property
    def choices_vary(self) -> bool:
        return True

    def complete(self, queries: Sequence[Query]) -> Iterator[Asked]:
        self.shortlist.hold(queries)
        yield from super().complete(queries)

    def request(self, query: Query) -> Request | Failed:
        if self.build is not None:
            return self.build(query)
        shown = self.shortlist.among(self.demonstrations, query)
        own = Prompted(self.model, self.shortlist.brief_of(query), self.wording, shown)
        made = own.plain(query)
        self._cut.update(own._cut)
        return made

    def read(self, query: Query, completion: Completion | Failed) -> Prediction | Failed:
        return self.shortlist.checked(query, super().read(query, completion))

    def _read_by(self, query: Query) -> Brief:
        return self.shortlist.read_by(query, self.wording)


def with_candidates(prompted: Prompted, shortlist: Shortlist | None) -> Prompted:
    """The same prompt with each query's candidates; as it is where all labels are listed."""
    if shortlist is None:
        return prompted
    same = ("model", "brief", "wording", "demonstrations", "build", "notes", "adjust")
    return Narrowed(**{name: getattr(prompted, name) for name in same}, shortlist=shortlist)


def narrowed(brief: Brief, labels: Sequence[str]) -> Brief:
    """The task with some of its labels."""
    return brief.model_copy(update={"labels": {label: brief.labels[label] for label in labels}})
