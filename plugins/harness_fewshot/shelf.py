"""The demonstrations at answer time: the same for every query, but for those that would help themselves.

A query is never shown its own row or its own text, and one longer than any seen in prepare may leave room for
fewer demonstrations; the prediction's notes then say how many it was shown. Where it does not fit even without
any, the oldest of its earlier turns are cut, which is noted too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness import Example, Prompted, Query, Request
from harness.prompted import apart
from harness.prompts import request
from harness.shortlist import Shortlist
from harness.trimming import CUT, trimmed
from harness.turns import characters
from harness_fewshot.budget import Budget


@dataclass
class Shelf:
    """Builds requests with demonstrations.

    Attributes:
        budget: What a prompt may hold.
        shown: The demonstrations, in order.
        seen: Characters of the longest text for which they are known to fit.
        shortlist: Each query's candidate labels, where not all are listed: then only demonstrations of those
            labels are shown.
    """

    budget: Budget
    shown: Sequence[Example]
    seen: int
    shortlist: Shortlist | None = None
    _fewer: dict[str, str] = field(default_factory=dict)
    _cut: set[str] = field(default_factory=set)

    def build(self, query: Query) -> Request:
        shown, budget = apart(self.shown, query), self.budget
        if self.shortlist is not None:
            shown = self.shortlist.among(shown, query)
            budget = replace(budget, brief=self.shortlist.brief_of(query))
        # Counting tokens for every query would cost more than it tells.
        if self.shortlist is not None or characters(query) > self.seen:
            shown = budget.fit(query, shown).kept
        if len(shown) < len(self.shown):
            self._fewer[query.id] = f"{len(shown)} of {len(self.shown)}"

        def build(asked: Query) -> Request:
            return request(budget.brief, asked, wording=budget.wording, demonstrations=shown)

        if shown or not query.history or budget.brief.long == "fail":
            return build(query)
        made = trimmed(budget.model, query, build, budget.limit)
        if made.cut:
            self._cut.add(query.id)
        return made.request

    def notes(self, query: Query) -> Mapping[str, str]:
        fewer = {"demonstrations": self._fewer[query.id]} if query.id in self._fewer else {}
        return {**fewer, **(CUT if query.id in self._cut else {})}


@dataclass(frozen=True)
class Shown(Prompted):
    """Asks each query after the demonstrations of a shelf."""

    shelf: Shelf = field(kw_only=True)

    @staticmethod
    def of(shelf: Shelf) -> Shown:
        budget = shelf.budget
        return Shown(budget.model, budget.brief, budget.wording, build=shelf.build, notes=shelf.notes, shelf=shelf)
