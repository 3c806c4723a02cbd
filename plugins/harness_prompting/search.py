"""`prompt-search`: several wordings, scored on validation; the best one answers.

    candidate               accuracy   consistency
    plain                       0.71          0.80
    format-marked               0.78          0.93   <- best metric; ties go to the more consistent, then shorter
    own-1                       0.74          0.97

Consistency is the share of rows for which the candidate gives the same answer however its instructions are
paraphrased: each of the fixed paraphrases must agree with the candidate itself, and a failure agrees with nothing.
A search costs `validation_rows + consistency_rows * paraphrases` model calls for each candidate, and three more
for it and each paraphrase where likelihoods are weighed against those of content-free inputs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from pydantic import Field

from harness import Brief, ChatName, Context, Example, Fitted, Prediction, Prompted, Record, Strategy, Wording
from harness.answers import normalised
from harness.calibration import Calibrating, Calibration, best_calibration, refit, warn_if_unable
from harness.candidates import Room, Shortlisting, shortlist_for
from harness.errors import DataError, SuiteError
from harness.exportable import ExportTarget
from harness.exportable.prompted import export_prompted, refuse_what_differs
from harness.prompts import head
from harness.records import Failed
from harness.shortlist import Shortlist, with_candidates
from harness_prompting.variations import MOST_PARAPHRASES, Axis, paraphrases, variations


class CandidateScore(Record):
    """How a wording did on validation.

    Attributes:
        name: Which candidate.
        wording: How it differs from the plain one.
        prompt: What stands before the text.
        value: The task's metric on `rows` validation rows.
        consistency: Share of `paraphrased_rows` answered alike under every paraphrase; None where none was asked.
        failed: Rows that got no answer; they count as wrong.
        calibration: How its likelihoods become probabilities.
    """

    name: str
    wording: Wording
    prompt: str
    value: float
    rows: int
    consistency: float | None
    paraphrased_rows: int
    failed: int
    calibration: Calibration = Calibration()


class Chosen(Record):
    """Which wording answers the test queries, and all of them from best to worst."""

    name: str
    value: float
    consistency: float | None
    ranking: tuple[str, ...]


class PromptSearch(Shortlisting, Calibrating, Strategy):
    """Choose the wording that is best on validation, among the user's own and a fixed set of variations."""

    model: ChatName = Field(description="The chat model that is asked.")
    wordings: tuple[str | Wording, ...] = Field(
        (), description="Your own candidates: instructions as text, or wordings; the plain one is always tried."
    )
    variations: tuple[Axis, ...] = Field(
        ("instruction", "format", "label_words", "persona"),
        description="What to vary in the plain wording; scale only where the labels stand in their natural order.",
    )
    validation_rows: int | None = Field(
        100, ge=1, description="Validation rows that score each candidate, drawn by seed; null for all."
    )
    consistency_rows: int = Field(
        25, ge=0, description="How many of those rows are asked again in each paraphrase; 0 for none."
    )
    paraphrases: int = Field(2, ge=0, le=MOST_PARAPHRASES, description="Paraphrases of each candidate.")

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        rows = self._rows(brief, validation, context)
        model = context.chat_model(self.model)

        def room() -> Room:
            seen = [example.query for example in (*train, *validation)]
            return Room(model, model.window - brief.max_output_tokens, Wording(), seen)

        shortlist = shortlist_for(self, brief, train, validation, context, room)
        candidates = self._candidates(brief, context, shortlist)
        scored = []
        for number, (name, wording) in enumerate(candidates.items()):
            context.progress(number, len(candidates), "wordings")
            prompted = with_candidates(Prompted(model, brief, wording), shortlist)
            measure = partial(self._score, name, prompted, rows, context)
            score = context.step(f"candidate/{name}", CandidateScore, measure)
            if score.failed:
                context.warn(f"wording {name!r}: {score.failed} of {score.rows} validation rows got no answer")
            scored.append(score)
        chosen = context.step("chosen", Chosen, partial(choose, scored))
        best = next(each for each in scored if each.name == chosen.name)
        warn_if_unable(best.calibration, self, context)
        chosen_prompt = Prompted(model, brief, best.wording, adjust=best.calibration.apply)
        yield with_candidates(chosen_prompt, shortlist)

    def export(self, brief: Brief, fitted: Fitted, target: ExportTarget) -> None:
        refuse_what_differs(fitted)
        assert isinstance(fitted, Prompted)
        export_prompted(target, self.model, fitted)

    def _score(self, name: str, prompted: Prompted, rows: Sequence[Example], context: Context) -> CandidateScore:
        answers = {query.id: said for query, said in prompted.complete([e.query for e in rows])}
        calibration = best_calibration(prompted, answers, rows, context, self)
        adjusted = replace(prompted, adjust=calibration.apply)
        outcomes = [adjusted.read(e.query, answers[e.query.id]) for e in rows if e.query.id in answers]
        again = [e.query for e in rows[: self.consistency_rows]] if self.paraphrases else []
        own = {o.query_id: o for o in outcomes}
        steady = {query.id for query in again if isinstance(own.get(query.id), Prediction)}
        for wording in paraphrases(prompted.brief, prompted.wording, self.paraphrases):
            reworded = replace(prompted, wording=wording)
            reworded = replace(reworded, adjust=refit(calibration, reworded).apply)
            other = {o.query_id: o for o in reworded.answer(again)}
            steady = {each for each in steady if each in other and same_answer(own[each], other[each])}
        return CandidateScore(
            name=name,
            wording=prompted.wording,
            prompt=head(prompted.brief, prompted.wording),
            value=context.score(outcomes, rows),
            rows=len(rows),
            consistency=len(steady) / len(again) if again else None,
            paraphrased_rows=len(again),
            failed=len(rows) - sum(isinstance(o, Prediction) for o in outcomes),
            calibration=calibration,
        )

    def _candidates(self, brief: Brief, context: Context, shortlist: Shortlist | None) -> dict[str, Wording]:
        """By name, each wording once; the plain one and the user's own come first."""
        named = {"plain": Wording()}
        for number, own in enumerate(self.wordings, start=1):
            named[f"own-{number}"] = own if isinstance(own, Wording) else Wording(instructions=own)
        for axis in self.variations:
            found = variations(brief, axis)
            if not found:
                context.warn(f"variations: {axis!r} has nothing to vary in a task of kind {brief.kind!r}")
            # A key of letters lists every label, so it is no prompt of a query's own few.
            named |= {n: w for n, w in found.items() if shortlist is None or not n.endswith("-letters")}
        kept: dict[str, Wording] = {}
        for name, wording in named.items():
            try:
                wording.check(brief)
            except SuiteError as error:
                raise SuiteError(f"wording {name!r}: {error.message}") from error
            if wording not in kept.values():
                kept[name] = wording
        return kept

    def _rows(self, brief: Brief, validation: Sequence[Example], context: Context) -> Sequence[Example]:
        if not validation:
            raise DataError(
                f"prompt-search chooses on validation rows and task {brief.name!r} has none; give "
                "data.splits.validation a size"
            )
        count = min(self.validation_rows or len(validation), len(validation))
        return context.rng("prompt-search").sample(list(validation), count)


def choose(scored: Sequence[CandidateScore]) -> Chosen:
    """The best metric; then the most consistent, the shortest prompt and the first, in this order."""
    ranked = sorted(scored, key=lambda c: (-c.value, -(c.consistency or 0.0), len(c.prompt)))
    best = ranked[0]
    return Chosen(
        name=best.name, value=best.value, consistency=best.consistency, ranking=tuple(c.name for c in ranked)
    )


def same_answer(a: Prediction | Failed, b: Prediction | Failed) -> bool:
    """Whether two answers say the same, whatever the order, case and white space; a failure says nothing."""
    if isinstance(a, Failed) or isinstance(b, Failed):
        return False
    return {normalised(each) for each in a.answers} == {normalised(each) for each in b.answers}
