"""`few-shot`: labelled examples before each question, as turns of a conversation (Brown et al. 2020).

- {name: few-shot, use: few-shot, with: {model: small}, matrix: {shots: [2, 8]}}
- {name: spread, use: few-shot, with: {model: small, select: diverse, embedder: embedder, shots_per_label: 2}}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from random import Random
from typing import Literal

from pydantic import Field, JsonValue, model_validator

from harness import (
    Brief,
    ChatName,
    Context,
    EmbedderName,
    Example,
    Fitted,
    Query,
    Record,
    Strategy,
    Wording,
)
from harness.calibration import Calibrating, calibrated
from harness.candidates import Room, Shortlisting, shortlist_for
from harness.errors import DataError, SuiteError
from harness.exportable import ExportTarget
from harness.exportable.prompted import export_prompted, refuse_what_differs
from harness.shortlist import Shortlist, with_candidates
from harness.turns import all_turns
from harness_fewshot import selection
from harness_fewshot.budget import Budget, Fit
from harness_fewshot.shelf import Shelf, Shown

_DEFAULT_SHOTS = 4
_CLOSED = ("label", "labels")
_NAMED = 6  # labels that a warning names


class Demonstrations(Record):
    """What is shown before every question; the step `demonstrations`.

    Attributes:
        ids: The rows shown, in order.
        labels: The labels of each; empty for tasks without labels.
        dropped: Rows that were chosen and left out for the token budget.
        labels_without: Labels of the task that no demonstration has.
        short: Rows asked for that training does not have.
        tokens: Of the whole prompt with the longest query of train and validation.
        limit: Tokens that it may have.
    """

    ids: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    dropped: tuple[str, ...]
    labels_without: tuple[str, ...]
    short: int
    tokens: int
    limit: int


class FewShot(Shortlisting, Calibrating, Strategy):
    """Show the model labelled examples before each question."""

    model: ChatName = Field(description="The chat model that is asked.")
    shots: int | None = Field(
        None,
        ge=0,
        description=f"Demonstrations over all labels; {_DEFAULT_SHOTS} where shots_per_label is not given.",
    )
    shots_per_label: int | None = Field(None, ge=1, description="Demonstrations of each label, instead of shots.")
    select: Literal["random", "balanced", "diverse"] = Field(
        "balanced", description="Any rows; labels equally often; or the rows nearest to the centres of k-means."
    )
    embedder: EmbedderName | None = Field(None, description="Embeds the training rows; select: diverse needs it.")
    pool: int = Field(2000, ge=1, description="Training rows that select: diverse embeds at most, drawn by seed.")
    order: Literal["random", "as-is", "interleaved"] = Field(
        "random", description="Shuffled by seed; as they were selected; or labels taking turns."
    )
    max_prompt_tokens: int | None = Field(
        None, ge=1, description="Tokens of the whole prompt; what fits the model's window where it is not given."
    )
    wording: Wording = Field(Wording(), description="What differs from the plain prompt.")

    @model_validator(mode="before")
    @classmethod
    def _some_shots(cls, given: object) -> object:
        if isinstance(given, dict) and given.get("shots") is None and given.get("shots_per_label") is None:
            return {**given, "shots": _DEFAULT_SHOTS}  # here, so that the record shows the number
        return given

    @model_validator(mode="after")
    def _one_number_of_shots(self) -> FewShot:
        if self.shots is not None and self.shots_per_label is not None:
            raise ValueError(
                f"shots={self.shots} and shots_per_label={self.shots_per_label} exclude each other; give one"
            )
        if self.select == "diverse" and self.embedder is None:
            raise ValueError("select: diverse needs `embedder`, the name of a model that embeds texts")
        return self

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        self._check(brief, train)
        model = context.chat_model(self.model)
        limit = self.max_prompt_tokens or model.window - brief.max_output_tokens - max(16, model.window // 32)
        budget = Budget(model, brief, self.wording, limit)
        seen = [example.query for example in (*train, *validation)]

        def room() -> Room:
            count = self.shots if self.shots_per_label is None else self.shots_per_label * len(brief.labels)
            return Room(model, limit, self.wording, seen, selection.distinct(train)[:count])

        shortlist = shortlist_for(self, brief, train, validation, context, room)
        choose = partial(self._choose, brief, train, seen, budget, context, shortlist)
        shown = context.step("demonstrations", Demonstrations, choose)
        _warn(shown, context, shortlist)
        by_id = {example.query.id: example for example in train}
        shelf = Shelf(budget, [by_id[i] for i in shown.ids], budget.characters(seen), shortlist)
        yield calibrated(with_candidates(Shown.of(shelf), shortlist), validation, context, self)

    def export(self, brief: Brief, fitted: Fitted, target: ExportTarget) -> None:
        refuse_what_differs(fitted)
        assert isinstance(fitted, Shown)
        shelf = fitted.shelf
        budget: dict[str, JsonValue] = {"limit": shelf.budget.limit, "seen": shelf.seen}
        export_prompted(target, self.model, fitted, shown=shelf.shown, budget=budget)
        if shelf.shown:
            target.note("demonstrations.jsonl holds training rows, texts included.")

    def _check(self, brief: Brief, train: Sequence[Example]) -> None:
        self.wording.check(brief)
        if self.shots_per_label is not None and brief.kind not in _CLOSED:
            raise SuiteError(f"shots_per_label: a task of kind {brief.kind!r} has no labels; use shots")
        if self.shots != 0 and not train:
            raise DataError(f"few-shot shows training rows and task {brief.name!r} has none; give train a size")

    def _choose(
        self,
        brief: Brief,
        train: Sequence[Example],
        seen: Sequence[Query],
        budget: Budget,
        context: Context,
        shortlist: Shortlist | None,
    ) -> Demonstrations:
        closed = brief.kind in _CLOSED
        chosen = self._select(brief, selection.distinct(train), context)
        if self.order == "random":
            chosen = selection.shuffled(chosen, context.rng("few-shot", "order"))
        elif self.order == "interleaved" and closed:
            chosen = selection.interleaved(chosen)
        longest = budget.longest(seen) or Query(id="", text="")
        fit = budget.fit(longest, chosen)
        if shortlist is not None:  # each query is shown those of its own labels, as far as they fit
            own = Shelf(budget, chosen, 0, shortlist).build(longest)
            fit = Fit(chosen, [], budget.model.tokens(own))
        have = {label for example in fit.kept for label in example.targets}
        return Demonstrations(
            ids=tuple(e.query.id for e in fit.kept),
            labels=tuple(e.targets for e in fit.kept) if closed else (),
            dropped=tuple(e.query.id for e in fit.dropped),
            labels_without=tuple(label for label in brief.labels if label not in have) if closed else (),
            short=self._short(brief, chosen),
            tokens=fit.tokens,
            limit=budget.limit,
        )

    def _select(self, brief: Brief, rows: list[Example], context: Context) -> list[Example]:
        rng = context.rng("few-shot", self.select)
        if self.shots == 0:
            return []
        if self.select == "diverse":
            return self._diverse(selection.shuffled(rows, rng)[: self.pool], rng, context)
        if self.shots_per_label is not None:
            return selection.per_label(rows, self.shots_per_label, rng)
        if self.select == "balanced" and brief.kind in _CLOSED:
            return selection.balanced(rows, self.shots or 0, rng)
        return selection.shuffled(rows, rng)[: self.shots]

    def _diverse(self, rows: list[Example], rng: Random, context: Context) -> list[Example]:
        vectors = context.embedder(self.embedder or "").embed([all_turns(e.query) for e in rows])
        if self.shots_per_label is None:
            return [rows[i] for i in selection.diverse(vectors, self.shots or 0, rng)]
        chosen: dict[int, Example] = {}
        for label in sorted({label for e in rows for label in selection.labels_of(e)}):
            own = [i for i, e in enumerate(rows) if label in selection.labels_of(e) and i not in chosen]
            for i in selection.diverse(vectors[own], self.shots_per_label, rng):
                chosen[own[i]] = rows[own[i]]
        return list(chosen.values())

    def _short(self, brief: Brief, chosen: Sequence[Example]) -> int:
        """How many demonstrations were asked for that training does not have."""
        if self.shots_per_label is None:
            return (self.shots or 0) - len(chosen)
        have = Counter(label for example in chosen for label in example.targets)
        return sum(max(0, self.shots_per_label - have[label]) for label in brief.labels)


def _warn(shown: Demonstrations, context: Context, shortlist: Shortlist | None) -> None:
    count = len(shown.ids) + len(shown.dropped)
    if shown.short:
        context.warn(f"training has {shown.short} distinct rows fewer than were asked for; all {count} are used")
    if shown.dropped:
        context.warn(
            f"{len(shown.dropped)} of {count} demonstrations were left out: with them the longest query seen "
            f"would take more than {shown.limit} tokens"
        )
    if shortlist is not None and count:
        context.warn("each query is shown the demonstrations of its own candidate labels alone")
    elif shown.labels_without and count:
        named, count = ", ".join(map(repr, shown.labels_without[:_NAMED])), len(shown.labels_without)
        more = f" and {count - _NAMED} more labels" if count > _NAMED else ""
        context.warn(f"no demonstration shows {named}{more}")
