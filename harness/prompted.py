"""What most strategies yield in the end: a model that is asked each query in the same way.

Prompted(model, brief)                                             zero-shot
Prompted(model, brief, demonstrations=shown)                       the same examples before every query
Prompted(model, brief, build=lambda query: request(brief, query, demonstrations=nearest[query.id]))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.long import cut_of
from harness.long_prompts import Put, Shortened, ask, is_too_long, join
from harness.models import ChatModel, Completion, Request
from harness.prompts import request
from harness.reading import read
from harness.records import Brief, Example, Failed, Prediction, Query
from harness.trimming import CUT, noted, room, trimmed
from harness.turns import key_of
from harness.wording import Wording


class Asked(NamedTuple):
    """A query and what came back for it."""

    query: Query
    completion: Completion | Failed


@dataclass(frozen=True)
class Prompted:
    """Answers queries with a chat model; one outcome for each, as they come.

    Attributes:
        model: Who is asked.
        brief: What the task is; says how an answer is read.
        wording: How the question is put, and which words stand for the labels in the answer.
        demonstrations: Shown before every query, but never to a query that they answer (see `apart`).
        build: Makes a query's request instead of `wording` and `demonstrations`; or says why there is none.
        notes: What the record should keep with a query's prediction, such as what was retrieved.
        adjust: Changes a completion before it is read, such as a calibration of its probabilities.
    """

    model: ChatModel
    brief: Brief
    wording: Wording = field(default_factory=Wording)
    demonstrations: Sequence[Example] = ()
    build: Callable[[Query], Request | Failed] | None = None
    notes: Callable[[Query], Mapping[str, str]] | None = None
    adjust: Callable[[Completion], Completion] | None = None
    _cut: set[str] = field(default_factory=set, init=False, repr=False)

    @property
    def choices_vary(self) -> bool:
        """Whether queries are asked with labels of their own, so that no prior of a label holds for all."""
        return False

    def answer(self, queries: Sequence[Query]) -> Iterator[Prediction | Failed]:
        for query, completion in self.complete(queries):
            yield self.read(query, completion)

    def complete(self, queries: Sequence[Query]) -> Iterator[Asked]:
        """Asks the model and hands on what it says, unadjusted and unread, as it comes."""
        asked: list[Query] = []
        requests: list[Request] = []
        for query in queries:
            built = self.request(query)
            if isinstance(built, Failed):
                yield Asked(query, built)
            else:
                asked.append(query)
                requests.append(built)
        how, long = cut_of(self.brief.long), list[Put]()
        for answered in self.model.complete(requests) if requests else ():
            query, completion = asked[answered.index], answered.completion
            if how is not None and is_too_long(completion):
                long.append(Put(query, requests[answered.index], query.text))
            else:
                yield Asked(query, completion)
        if how is not None and long:
            yield from (Asked(*answer) for answer in ask(self.model, self.brief, how, long))

    def request(self, query: Query) -> Request | Failed:
        return self.plain(query) if self.build is None else self.build(query)

    def plain(self, query: Query) -> Request:
        """The request by `wording` and `demonstrations`, with as many earlier turns as fit."""
        shown = apart(self.demonstrations, query)

        def build(asked: Query) -> Request:
            return request(self.brief, asked, wording=self.wording, demonstrations=shown)

        if not query.history or self.brief.long == "fail":
            return build(query)
        made = trimmed(self.model, query, build, room(self.model, self.brief))
        if made.cut:
            self._cut.add(query.id)
        return made.request

    def read(self, query: Query, completion: Completion | Failed) -> Prediction | Failed:
        if isinstance(completion, Shortened):
            outcome = join(self.brief, completion, [self._read(query, part) for part in completion.parts])
        else:
            outcome = self._read(query, completion)
        if isinstance(outcome, Failed) or (self.notes is None and query.id not in self._cut):
            return outcome
        notes = noted(outcome.notes, self.notes(query) if self.notes else {})
        notes = noted(notes, CUT if query.id in self._cut else {})
        return outcome.model_copy(update={"notes": notes})

    def _read(self, query: Query, completion: Completion | Failed) -> Prediction | Failed:
        if isinstance(completion, Completion) and self.adjust is not None:
            completion = self.adjust(completion)
        return read(self._read_by(query), query.id, completion, self.wording)

    def _read_by(self, query: Query) -> Brief:
        """The task that an answer is read by."""
        return self.brief


def apart(demonstrations: Sequence[Example], query: Query) -> list[Example]:
    """The demonstrations that do not give the query's answer away: neither its own row nor its own text.

    Texts count as the same whatever their case, spaces and Unicode form; with earlier turns, where those are too.
    """
    own = key_of(query)
    return [e for e in demonstrations if e.query.id != query.id and key_of(e.query) != own]
