"""Rows with texts that are longer than an embedder's window: they fail singly, and their answers say so.

    long: fail     test row    -> Failed(kind="too-long"), the others are answered
                   train row   -> left out of train, with a warning
    else           test row    -> its prediction's notes have `long: head`, or whatever was done

Which rows were longer than a chat model's or a classifier's window, those who ask them say themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from harness.calls.long_embedding import LongTexts, TooLong
from harness.numbers import plural
from harness.records import Example, Failed, Prediction, Query
from harness.running.context import TrialContext
from harness.running.job import Job
from harness.strategy import Fitted
from harness.suite.references import references
from harness.turns import all_turns


class LabelledRows(NamedTuple):
    """What a strategy learns from and chooses on."""

    train: Sequence[Example]
    validation: Sequence[Example]


def usable(job: Job, context: TrialContext) -> LabelledRows:
    """The labelled rows of a trial, without those that `long: fail` refuses its embedders."""
    train, validation = job.data.train, job.data.validation
    if job.data.brief.long != "fail":
        return LabelledRows(train, validation)
    names = dict.fromkeys(r.name for r in references(job.bound.strategy) if r.kind == "embedder")
    for name in names:
        refused = context.embedder(name).too_long([all_turns(e.query) for e in (*train, *validation)])
        for split, rows in (("train", train), ("validation", validation)):
            if left_out := sum(all_turns(e.query) in refused for e in rows):
                context.warn(
                    f"{plural(left_out, f'{split} row')} of {len(rows)} left out: longer than {name}'s window "
                    "(`long: fail`)"
                )
        train = tuple(e for e in train if all_turns(e.query) not in refused)
        validation = tuple(e for e in validation if all_turns(e.query) not in refused)
    return LabelledRows(train, validation)


class Noting:
    """Answers as a fitted strategy does; notes which queries an embedder found too long.

    Args:
        fitted: What answers; what the strategy itself gave.
        texts: What the trial's embedders found.
    """

    def __init__(self, fitted: Fitted, texts: LongTexts) -> None:
        self.fitted = fitted
        self._texts = texts

    def answer(self, queries: Sequence[Query]) -> Iterator[Prediction | Failed]:
        left = {query.id: query for query in queries}
        text_of = {query.id: all_turns(query) for query in queries}
        while True:
            try:
                for result in self._asked(list(left.values())):
                    if isinstance(result, Prediction | Failed):  # all else the contract names
                        left.pop(result.query_id, None)
                    yield self._noted(result, text_of)
                return
            except TooLong as refused:
                # A call embeds all its queries together: the others are asked again without these.
                failed = [query for query in left.values() if text_of[query.id] in refused.why]
                if not failed:
                    raise
                for query in failed:
                    del left[query.id]
                    yield Failed(query_id=query.id, kind="too-long", error=refused.why[text_of[query.id]])
                if not left:
                    return

    def _asked(self, queries: Sequence[Query]) -> Iterator[Prediction | Failed]:
        """The strategy's answers; while it works, and only then, these are the queries under way."""
        texts = frozenset(map(all_turns, queries))
        answers = iter(self.fitted.answer(queries))
        while True:
            with self._texts.asking(texts):
                try:
                    result = next(answers)
                except StopIteration:
                    return
            yield result

    def _noted(self, result: Prediction | Failed, text_of: Mapping[str, str]) -> Prediction | Failed:
        if not isinstance(result, Prediction) or "long" in result.notes:
            return result
        if text_of.get(result.query_id) not in self._texts.beyond:
            return result
        return result.model_copy(update={"notes": {**result.notes, "long": self._texts.how or "head"}})


def unwrapped(fitted: Fitted) -> Fitted:
    """What the strategy itself gave."""
    return fitted.fitted if isinstance(fitted, Noting) else fitted
