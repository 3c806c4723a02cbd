"""Candidate labels: of many, those few that a query is asked with.

- {name: zero-shot, use: prompt, with: {model: small, candidates: {k: 10, embedder: encoder}}}

    60 labels, k 10   "my card was refused in Spain" is asked with the 10 nearest of them, in the suite's order
    notes             candidates: ["card declined", "card declined abroad", …]
    step              recall 0.970 on 200 validation rows: how often the right label was among them

A row whose label is not among its candidates cannot be answered rightly, and counts as wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from harness.models import ChatModel
from harness.prompts import request
from harness.ranking import By, ranker_of
from harness.records import Brief, Example, Query, Record
from harness.shortlist import Shortlist, narrowed
from harness.strategy import Context, EmbedderName
from harness.turns import characters
from harness.wording import Wording

STEP = "candidates"
_K = 10


class Candidates(Record):
    """How the labels that a query is asked with are chosen."""

    k: int = Field(_K, ge=2, description="Labels that are listed and scored for each query.")
    embedder: EmbedderName | None = Field(
        None, description="Model that turns texts into vectors; without it, nearness is that of letters (TF-IDF)."
    )
    by: By = Field(
        "both",
        description="What a query is compared with: labels (their words and descriptions), examples (training "
        "rows of each label), or both, their orders merged.",
    )
    pool: int = Field(5000, ge=1, description="Training rows that are compared with at most, drawn by seed.")


class Shortlisting(Record):
    """The parameter that strategies which list labels in a prompt share; inherit from it beside `Strategy`."""

    candidates: Candidates | Literal["auto", "all"] = Field(
        "auto",
        description=f"Labels that are listed for each query: all; some, retrieved for it; or auto: {_K} of them, "
        "retrieved by letters, where a prompt with all does not fit the model's window.",
    )


class Shortlisted(Record):
    """What the step `candidates` says.

    Attributes:
        k: Labels that each query is asked with.
        labels: Labels of the task.
        by: What queries are compared with.
        embedder: The model's identity; None for letters.
        examples: Training rows compared with.
        why: `asked` for in the suite, or the `window` did not hold all labels.
        rows: Validation rows that recall was measured on.
        found: Those of them whose labels were all among their candidates.
    """

    k: int
    labels: int
    by: By
    embedder: str | None
    examples: int
    why: Literal["asked", "window"]
    rows: int
    found: int


@dataclass(frozen=True)
class Room:
    """Whether a usual prompt fits: that of the text of middle length among those seen.

    Attributes:
        model: Counts tokens.
        limit: Tokens that a prompt may have.
        wording: How it is put.
        seen: Queries of train and validation.
        demonstrations: Shown before each; those of labels that are not listed are left out.
    """

    model: ChatModel
    limit: int
    wording: Wording
    seen: Sequence[Query]
    demonstrations: Sequence[Example] = ()

    def holds(self, brief: Brief) -> bool:
        lengths = sorted(self.seen, key=characters)
        usual = lengths[len(lengths) // 2] if lengths else Query(id="", text="")
        shown = [example for example in self.demonstrations if brief.labels.keys() >= set(example.targets)]
        made = request(brief, usual, wording=self.wording, demonstrations=shown)
        return self.model.tokens(made) <= self.limit


def shortlist_for(
    how: Shortlisting,
    brief: Brief,
    train: Sequence[Example],
    validation: Sequence[Example],
    context: Context,
    room: Callable[[], Room],
) -> Shortlist | None:
    """Each query's candidates; None where all labels are listed.

    What was chosen, and how often the right label is among the candidates of validation rows, is the step
    `candidates`, so that it stands in the record.

    Args:
        how: What the suite says.
        brief: The task.
        train: Rows that candidates are found by.
        validation: Rows that recall is measured on.
        context: The trial's.
        room: Says whether prompts fit; called only where that matters.
    """
    asked = how.candidates if isinstance(how.candidates, Candidates) else None
    if brief.kind not in ("label", "labels"):
        if asked is not None:
            context.warn(f"candidates are of labels, and a task of kind {brief.kind!r} has none")
        return None
    chosen = asked or (_fitting(brief, room()) if how.candidates == "auto" and len(brief.labels) > _K else None)
    if chosen is None or chosen.k >= len(brief.labels):
        return None
    rows = list(train)
    if chosen.by == "labels":
        rows = []
    elif len(rows) > chosen.pool:
        rows = context.rng("candidates").sample(rows, chosen.pool)
    embedder = None if chosen.embedder is None else context.embedder(chosen.embedder)
    shortlist = Shortlist(brief, ranker_of(brief, rows, chosen.by, embedder, context), chosen.k)

    def measure() -> Shortlisted:
        shortlist.hold([example.query for example in validation])
        return Shortlisted(
            k=chosen.k,
            labels=len(brief.labels),
            by=chosen.by,
            embedder=None if embedder is None else embedder.identity,
            examples=len(rows),
            why="asked" if asked else "window",
            rows=len(validation),
            found=sum(set(e.targets) <= set(shortlist.labels(e.query)) for e in validation),
        )

    told = context.step(STEP, Shortlisted, measure)
    if told.why == "window":
        context.warn(
            f"a prompt with all {told.labels} labels does not fit the model's window: each query is asked with "
            f"the {told.k} nearest labels, by letters (`candidates: {{embedder: …}}` finds them by meaning)"
        )
    return shortlist


def _fitting(brief: Brief, room: Room) -> Candidates | None:
    """As many of the longest labels as fit, at most 10; None where all fit, or not even two do."""
    if room.holds(brief):
        return None
    said = {label: len(room.wording.word(label, brief)) + len(what) for label, what in brief.labels.items()}
    longest = sorted(said, key=lambda label: -said[label])
    for k in (_K, 7, 5, 3, 2):
        if room.holds(narrowed(brief, longest[:k])):
            return Candidates(k=k)
    return None
