"""The rows on which strategies disagree, the most telling first.

"Great flight, NOT"   target negative    negative ✓ features, lora    positive ✗ knn, zero-shot
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from harness import numbers
from harness.comparing.evidence import Answer, Contender, TaskEvidence
from harness.numbers import plural
from harness.records import Example as DataRow
from harness.report.html.parts import Block, Example, Examples, Given, Prose, Section
from harness.report.html.told import CUT, cut, kind
from harness.report.html.view import View
from harness.turns import characters

_STRATEGIES = 12  # side by side
_RIGHT = 0.999
_OPEN_TURNS = 4  # more of them are folded


class Told(NamedTuple):
    """What one strategy said to a row, and its score, None for a failure."""

    answer: Answer
    score: float | None


def section(view: View) -> Section | None:
    title, name = "Where strategies disagree", f"{view.prefix}disagree"
    if view.evidence is None:
        return None
    contenders = _contenders(view, view.evidence)
    if len(contenders) < 2:
        return Section(name, title, [Prose("Fewer than two strategies have answers to set side by side.")])
    found = _ranked(view, view.evidence, contenders)
    if not found:
        told = f"No row: all strategies answer all {plural(len(view.evidence.test), 'test row')} alike."
        return Section(name, title, [Prose(told)])
    shown = _within(view, found, contenders)
    rows = numbers.count(len(view.evidence.test))
    caption = f"They differ on {numbers.count(len(found))} of {rows} test rows"
    caption += f"; the {numbers.count(len(shown))} most telling are here. " if len(shown) < len(found) else ". "
    caption += (
        "First those where one strategy alone of the best two is right, then those that divide the field most."
        " Answers are those of the first seed; yardsticks do not make a row a disagreement."
    )
    if view.texts and any(_longest(row) > CUT for row, _ in found):
        caption += f" Texts are cut at {CUT:,} characters."
    blocks: list[Block] = [Examples(name, shown, [c.name for c in contenders], caption, view.texts)]
    if not view.texts:
        blocks.insert(0, Prose("Texts, targets and answers were left out of this page.", "quiet"))
    return Section(name, title, blocks)


def _contenders(view: View, evidence: TaskEvidence) -> list[Contender]:
    known = {contender.name: contender for contender in evidence.contenders}
    names = [each.name for each in view.shown if each.name in known and known[each.name].answered]
    first = [n for n in (view.chosen, view.task.recommendation.runner_up) if n in names]
    kept = [*dict.fromkeys([*(n for n in first if n), *names])][:_STRATEGIES]
    return [known[name] for name in kept]


def _ranked(
    view: View, evidence: TaskEvidence, contenders: Sequence[Contender]
) -> list[tuple[DataRow, Mapping[str, Told]]]:
    yardsticks = {each.name for each in view.shown if each.yardstick}
    judges = [c.name for c in contenders if c.name not in yardsticks]
    if len(judges) < 2:
        judges = [c.name for c in contenders]
    first = judges[0]
    second = judges[1]
    found: list[tuple[tuple[float, ...], int]] = []
    told_of: list[tuple[DataRow, Mapping[str, Told]]] = []
    for row in evidence.test:
        told = {c.name: each for c in contenders if (each := _told(evidence, c, row)) is not None}
        judged = [told[name] for name in judges if name in told]
        if len({_given(each.answer) for each in judged}) < 2:
            continue
        scores = [each.score or 0.0 for each in judged]
        between = (
            abs((told[first].score or 0.0) - (told[second].score or 0.0)) if {first, second} <= {*told} else 0
        )
        middle = abs(sum(scores) / len(scores) - 0.5)
        sure = told[first].answer.confidence or 0.0 if first in told else 0.0
        wrong_and_sure = sure if first in told and (told[first].score or 0.0) < _RIGHT else 0.0
        found.append(((-between, max(scores) < _RIGHT, middle, -wrong_and_sure), len(told_of)))
        told_of.append((row, told))
    return [told_of[i] for _, i in sorted(found)]


def _told(evidence: TaskEvidence, contender: Contender, row: DataRow) -> Told | None:
    answer = contender.answered[0].answers.get(row.query.id)
    if answer is None:
        return None
    if answer.answers is None:
        return Told(answer, None)
    return Told(answer, evidence.scorer.one(evidence.metric, row.targets, answer.answers))


def _given(answer: Answer) -> tuple[str, ...]:
    return tuple(sorted(answer.answers)) if answer.answers is not None else ("\0", answer.failure or "")


def _within(
    view: View, found: Sequence[tuple[DataRow, Mapping[str, Told]]], contenders: Sequence[Contender]
) -> list[Example]:
    """As many as the page has room for, counted in the bytes of their escaped texts."""
    from markupsafe import escape

    shown: list[Example] = []
    left = view.bytes
    for row, told in found[: view.examples]:
        example = _example(view, row, told, contenders)
        if not view.texts:
            example = replace(example, query_id=f"row {len(shown) + 1}")
        turns = (turn.content for turn in example.turns)
        foreign = "".join([example.text or "", example.target or "", *turns, *(g.answer for g in example.given)])
        left -= len(str(escape(foreign)).encode("utf-8", "replace")) + 1000
        if left < 0:
            break
        shown.append(example)
    return shown


def _example(view: View, row: DataRow, told: Mapping[str, Told], contenders: Sequence[Contender]) -> Example:
    groups: dict[tuple[str, ...], list[str]] = {}
    for contender in contenders:
        if contender.name in told:
            # Without texts only right and wrong are told apart.
            each = told[contender.name]
            key = _given(each.answer) if view.texts else (_verdict(each),)
            groups.setdefault(key, []).append(contender.name)
    turns = row.query.history if view.texts else ()
    given = [_group(view, [(name, told[name]) for name in names]) for names in groups.values()]
    return Example(
        query_id=row.query.id,
        text=cut(row.query.text) if view.texts else None,
        target=cut("\n".join(row.targets)) if view.texts else None,
        given=sorted(given, key=lambda g: ("right", "partly", "wrong", "failed").index(g.look)),
        wrong=[name for name, each in told.items() if (each.score or 0.0) < _RIGHT],
        turns=[turn.model_copy(update={"content": cut(turn.content)}) for turn in turns],
        folded=len(row.query.history) > _OPEN_TURNS or characters(row.query) > CUT,
    )


def _longest(row: DataRow) -> int:
    return max(len(row.query.text), *(len(turn.content) for turn in row.query.history), 0)


def _group(view: View, members: Sequence[tuple[str, Told]]) -> Given:
    first = members[0][1]
    who = []
    for name, each in members:
        sure = each.answer.confidence
        who.append(
            view.mark(name).label if sure is None else f"{view.mark(name).label} {numbers.proportion(sure)}"
        )
    answers = first.answer.answers
    answer = "" if not view.texts or answers is None else cut("\n".join(answers)) or "(empty)"
    word = "" if answers is not None else kind(first.answer.failure or "", texts=view.texts)
    look = _verdict(first)
    partly = f"scores {numbers.proportion(first.score)}" if look == "partly" and view.texts else look
    verdict = f"failed: {word}" if word else {"right": "✓ right", "wrong": "✗ wrong"}.get(look, partly)
    return Given(answer, verdict, look, who, any(name == view.chosen for name, _ in members))


def _verdict(each: Told) -> str:
    if each.score is None:
        return "failed"
    return "right" if each.score >= _RIGHT else "partly" if each.score > 0 else "wrong"
