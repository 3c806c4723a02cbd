"""Looks through the lines of a training file, and of its validation file, for what a provider asks.

Prompts and answers are compared letter for letter: what differs in case or blanks is another example.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from harness.finetuning import FileRules, Method
from harness.trainingfiles.counting import Counter
from harness.trainingfiles.findings import Finding, Problem, Tokens
from harness.trainingfiles.lines import Line, Turn, said, text_of
from harness.trainingfiles.rules import ALTERNATING
from harness.trainingfiles.turns import problem_of

_PLAIN = {"role", "content", "weight"}
_MARKS = 100  # bytes of JSON round a text, from above
_QUOTED = 3  # answers of a conflict
_FREE = 5  # lines to a different answer: with fewer they are free texts, of which several may be right
LEAVE_OUT = "leave it out"


class Checked(NamedTuple):
    """What was found in a file and its validation file.

    Attributes:
        findings: One by one, in the order of the lines.
        tokens: Of the training file.
        validation: Of the validation file.
    """

    findings: list[Finding]
    tokens: Tokens
    validation: Tokens

    @property
    def refused(self) -> bool:
        return any(finding.refused for finding in self.findings)


def check(
    train: Sequence[Line],
    validation: Sequence[Line],
    rules: FileRules,
    counter: Counter,
    progress: Callable[[int], None] = lambda done: None,
    *,
    free: bool | None = None,
) -> Checked:
    """Checks lines before they are written.

    Args:
        train: The training file's.
        validation: The validation file's; empty for none.
        rules: What the provider asks.
        counter: Counts tokens.
        progress: Called with the number of lines that were counted so far, now and then.
        free: Whether the answers are free texts, of which several may be right for one prompt; None is told from
            how often answers come back.
    """
    findings: list[Finding] = []
    tokens = []
    done = 0
    for lines, split in ((train, "train"), (validation, "validation")):
        total = longest = 0
        for index, line in enumerate(lines):
            counted = counter.example(line)
            total, longest = total + counted.trained, max(longest, counted.longest)
            findings += _of_line(line, index, split, rules, counter, counted.longest)
            done += 1
            if done % 1000 == 0:
                progress(done)
        tokens.append(Tokens(total=total, longest=longest, counted_by=counter.by, exact=counter.exact))
    free = is_free(train) if free is None else free
    findings += _copies(train, "train", free) + _copies(validation, "validation", free)
    findings += _overlap(train, validation)
    findings.sort(key=lambda finding: finding.numbers[:1])
    return Checked(findings + _of_file(train, validation, rules), *tokens)


def is_free(lines: Sequence[Line]) -> bool:
    """Whether the answers are free texts, of which several may be right for one prompt, rather than labels."""
    return len({said(line.answer[0]) for line in lines}) * _FREE > len(lines)


def _of_line(line: Line, index: int, split: str, rules: FileRules, counter: Counter, tokens: int) -> list[Finding]:
    def finding(kind: Problem, what: str, *, refused: bool = True) -> Finding:
        return _finding(kind, [line], what, LEAVE_OUT, {split: [index]}, refused)

    found = []
    problem = problem_of(line, alternating=rules.provider in ALTERNATING)
    if problem is not None:
        found.append(finding(problem.kind, problem.what))
    if rules.example_tokens is not None and tokens > rules.example_tokens:
        about = "" if counter.exact else " at most, estimated from above,"
        what = f"{tokens:,} tokens{about} and {rules.provider} takes {rules.example_tokens:,}: the end, which is "
        found.append(finding("too-long", what + "the answer, would be cut off"))
    if line.rejected and _key(line.rejected) == _key(line.answer):
        found.append(finding("same-answers", "the preferred answer is the rejected one too", refused=False))
    return found


def _copies(lines: Sequence[Line], split: str, free: bool) -> list[Finding]:
    """Examples that are there twice, and prompts that are answered differently."""
    by_prompt = defaultdict[Hashable, list[int]](list)
    for index, line in enumerate(lines):
        by_prompt[_key(line.prompt)].append(index)
    found: list[Finding] = []
    for group in by_prompt.values():
        if len(group) == 1:
            continue
        firsts: dict[Hashable, int] = {}
        for index in group:
            line = lines[index]
            first = firsts.setdefault(_key((*line.answer, *line.rejected)), index)
            if first != index:
                where = lines[first].place or lines[first].number
                what = f"the same as {where}"
                found.append(_finding("duplicate", [line], what, LEAVE_OUT, {split: [index]}, refused=False))
        if len(firsts) > 1:
            conflict = _conflict(lines, group, firsts, split, free)
            if conflict is not None:
                found.append(conflict)
    return found


def _conflict(
    lines: Sequence[Line], group: list[int], firsts: dict[Hashable, int], split: str, free: bool
) -> Finding | None:
    if lines[group[0]].rejected:
        pairs = {(_key(lines[i].answer), _key(lines[i].rejected)) for i in group}
        against = [i for i in group if (_key(lines[i].rejected), _key(lines[i].answer)) in pairs]
        against = [i for i in against if _key(lines[i].answer) != _key(lines[i].rejected)]
        if not against:
            return None
        what = "one prompt, and what one line prefers another rejects"
        members = [lines[i] for i in against]
        return _finding("conflict", members, what, "leave all of them out", {split: against}, refused=False)
    answers = [repr(said(lines[i].answer[0])[:60]) for i in firsts.values()]
    listed = ", ".join(answers[:_QUOTED]) + (", …" if len(answers) > _QUOTED else "")
    what, members = f"one prompt, and different answers: {listed}", [lines[i] for i in group]
    if free:
        fix = "nothing: the answers are free texts, of which several may be right"
        return _finding("conflict", members, what, fix, {}, refused=False)
    return _finding("conflict", members, what, "leave all of them out", {split: group}, refused=False)


def _overlap(train: Sequence[Line], validation: Sequence[Line]) -> list[Finding]:
    if not validation:
        return []
    first: dict[Hashable, Line] = {}
    for line in train:
        first.setdefault(_key(line.prompt), line)
    found = []
    for index, line in enumerate(validation):
        other = first.get(_key(line.prompt))
        if other is not None:
            what = f"its prompt stands in train too: {other.place or other.number}"
            fix = "leave it out of validation"
            found.append(_finding("overlap", [line], what, fix, {"validation": [index]}, refused=False))
    return found


def _of_file(train: Sequence[Line], validation: Sequence[Line], rules: FileRules) -> list[Finding]:
    found = []
    if len(train) < rules.minimum:
        what = f"{len(train):,} examples, and {rules.provider} asks for at least {rules.minimum:,}"
        found.append(
            Finding(kind="too-few", what=what, fix="add some, or take fewer for validation", refused=True)
        )
    for lines, name in ((train, "training"), (validation, "validation")):
        size = _bytes(lines, rules.file_bytes) if rules.file_bytes else 0
        if rules.file_bytes is not None and size > rules.file_bytes:
            what = f"the {name} file has {size:,} bytes, and {rules.provider} takes {rules.file_bytes:,}"
            found.append(Finding(kind="too-large", what=what, fix="divide it, or give fewer rows", refused=True))
    methods: set[Method] = {line.method for line in (*train, *validation)}
    if len(methods) > 1:
        what = "some lines are for supervised training and some for DPO"
        found.append(Finding(kind="method", what=what, fix="make a file of each", refused=True))
    for method in sorted(methods - set(rules.methods)):
        takes = " and ".join(rules.methods)
        what = f"{rules.provider} takes {takes}, and these lines are for {method}"
        found.append(Finding(kind="method", what=what, fix="choose another provider", refused=True))
    return found


def _finding(
    kind: Problem, lines: Sequence[Line], what: str, fix: str, out: dict[str, list[int]], refused: bool
) -> Finding:
    return Finding(
        kind=kind,
        places=tuple(line.place for line in lines),
        numbers=tuple(line.number for line in lines),
        what=what,
        fix=fix,
        refused=refused,
        train=tuple(out.get("train", ())),
        validation=tuple(out.get("validation", ())),
    )


def _key(turns: Sequence[Turn]) -> Hashable:
    """The same for turns that say the same."""
    if all(isinstance(turn.get("content"), str) and "tool_calls" not in turn for turn in turns):
        return tuple((turn.get("role"), turn["content"]) for turn in turns)
    plain = [(turn.get("role"), turn.get("content"), turn.get("tool_calls")) for turn in turns]
    return json.dumps(plain, sort_keys=True)


def _bytes(lines: Sequence[Line], limit: int) -> int:
    """The size of the file; a rough one from above where even that is within the limit."""
    turns = [turn for line in lines for turn in (*line.prompt, *line.answer, *line.rejected)]
    plain = all(isinstance(turn.get("content"), str) and turn.keys() <= _PLAIN for turn in turns)
    if plain and not any(line.more for line in lines):
        rough = sum(len(said(turn)) for turn in turns) * 6 + (len(turns) + len(lines)) * _MARKS
        if rough <= limit:
            return rough
    return sum(len(text_of(line).encode()) + 1 for line in lines)
