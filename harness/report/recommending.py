"""A recommendation for the terminal: its sentence, why, what would change it, and what to look at more closely."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from harness import numbers
from harness.comparison import TaskComparison
from harness.diagnosing.records import Cascade, Suspect
from harness.report.wrapped import Wrapped

_ADVICE = 6  # lines of what to look at more closely


def recommendation(task: TaskComparison) -> Iterator[RenderableType]:
    """Sentence by sentence, wrapped to the terminal."""
    found = task.recommendation
    yield Wrapped(f"Recommendation: {numbers.plain(found.sentence)}", style="bold")
    if found.second:
        yield Wrapped(numbers.plain(found.second))
    yield from _listed("Why" if found.strategy else "Why none", found.reasons)
    changed = [change.words for change in found.changes]
    if found.sure is not None and found.strategy is not None:
        changed.append(_sure(task))
    yield from _listed("What would change it", changed)
    yield from _listed("Look at", [*(duel.words for duel in found.duels[:1]), *_closer(task)])
    yield from _listed("Not measured", found.not_measured)


def _listed(title: str, lines: Sequence[str]) -> Iterator[RenderableType]:
    if lines:
        yield Text(f"  {title}", style="bold")
    for line in lines:
        yield Wrapped(numbers.plain(line), mark="  - ")


def _sure(task: TaskComparison) -> str:
    found = task.recommendation
    assert found.sure is not None
    picked = [(name or "none", share) for name, share in found.picked.items() if name != found.strategy]
    others = [f"{name} {numbers.percent(share)}" for name, share in picked]
    instead = f" ({', '.join(others[:3])})" if others else ""
    share = numbers.percent(found.sure.value)
    return (
        f"The same rule picks it in {share} of {numbers.count(found.sure.n)} resamples of the test rows{instead}."
    )


def _closer(task: TaskComparison) -> Iterator[str]:
    """The few findings that a reader should not miss; the report has all of them."""
    found, chosen = task.diagnosis, task.recommendation.strategy
    said = [
        *(each.words for each in found.selective if each.strategy == chosen and each.ceiling is not None),
        *_cascade(found.cascades),
        *(
            f"{each.strategy}: {each.words}"
            for each in found.gaps
            if each.strategy == chosen and each.p_value < 0.05
        ),
        *(
            f"{each.strategy}, {advice.finding}: {advice.evidence}. Turn {advice.parameter.split('; or ')[0]}."
            for each in found.training
            for advice in each.advice
            if advice.finding not in ("fine", "cannot be said")
        ),
        *(each.words for each in found.crossovers),
        *(f"{each.strategy}: {each.forecast.words}" for each in found.curves if each.forecast),
        *_flips(task),
    ]
    if found.suspects:
        said.append(_suspects(found.suspects))
    yield from said[:_ADVICE]


def _cascade(found: Sequence[Cascade]) -> Iterator[str]:
    """One surely better than the recommended strategy, if there is one: the intervals of all hold together."""
    if not found:
        return
    name, tried = found[0].recommended, numbers.count(found[0].tried)
    better = [each for each in found if each.against_recommended and (each.against_recommended.low or 0.0) > 0]
    if better or name is None:
        yield (better or found)[0].words
    else:
        yield (
            f"Of {tried} cascades (one strategy first, another where it is unsure) tried on validation rows, the"
            f" best {numbers.count(len(found))} went to the test rows; none is better than {name} for sure."
        )


def _suspects(found: Sequence[Suspect]) -> str:
    """How many, and whose word that is: with other strategies shown the test rows' are others."""
    test = [each for each in found if each.split == "test"]
    parts = [f"{len(test)} of test rows, by the {_whose(test[0].how)}"] if test else []
    if len(found) > len(test):
        parts.append(f"{len(found) - len(test)} of train and validation")
    looks = "1 label looks wrong" if len(found) == 1 else f"{len(found)} labels look wrong"
    return f"{looks} ({'; '.join(parts)}): the report lists them."


def _whose(how: str) -> str:
    return (
        f"{how.partition(',')[0]} shown"
        if how.startswith("mean of ")
        else "one strategy shown that tells probabilities"
    )


def _flips(task: TaskComparison) -> Iterator[str]:
    """How many answers of the recommended strategy changed with each probe."""
    flips = [
        f"{each.probe} {numbers.proportion(each.share.value)} ({numbers.proportion(each.share.low)} to"
        f" {numbers.proportion(each.share.high)}, n = {each.share.n})"
        for each in task.diagnosis.flips
        if each.strategy == task.recommendation.strategy and not each.variant
    ]
    if flips:
        yield f"Share of answers of {task.recommendation.strategy} that change with {'; '.join(flips)}."
