"""Writes training files, whole and for their owner alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from harness import journal
from harness.finetuning import FileRules
from harness.records import Brief, Example, Record
from harness.trainingfiles.checks import check
from harness.trainingfiles.counting import counter_for
from harness.trainingfiles.findings import Finding, Tokens
from harness.trainingfiles.lines import Line, supervised, text_of
from harness.wording import Wording

_MARK = "\ufeff"


class WrittenFile(Record):
    """A file that was written.

    Attributes:
        path: Where it is.
        examples: How many it has.
        bytes: Its size.
        sha256: Of its bytes.
    """

    path: str
    examples: int
    bytes: int
    sha256: str


class Written(WrittenFile):
    """A training file that was checked.

    Attributes:
        tokens: Of one pass over it.
        findings: What is doubtful about it; with one that is `refused` the provider would not take it.
    """

    tokens: Tokens
    findings: tuple[Finding, ...] = ()

    @property
    def refused(self) -> tuple[Finding, ...]:
        """The findings for which the provider would refuse it."""
        return tuple(finding for finding in self.findings if finding.refused)


def write(
    path: Path,
    brief: Brief,
    examples: Sequence[Example],
    wording: Wording | None,
    rules: FileRules,
    *,
    model: str = "",
    train: Sequence[Example] = (),
) -> Written:
    """Writes examples as a provider's chat JSONL, and says what is doubtful about it; nothing is left out.

    Args:
        path: Where to; replaced whole, for its owner alone.
        brief: The task.
        examples: What to train on, or to validate on.
        wording: How the tuned model will be asked; None for the plain prompt.
        rules: What the provider asks.
        model: The base model's name, which says how tokens are counted.
        train: Of a validation file: the examples of its training file, none of which may stand in it.
    """
    lines, others = (list(supervised(brief, of, wording)) for of in (examples, train))
    return write_lines(path, lines, rules, model=model, train=others, free=brief.kind == "text")


def write_lines(
    path: Path,
    lines: Sequence[Line],
    rules: FileRules,
    *,
    model: str = "",
    train: Sequence[Line] = (),
    free: bool | None = None,
) -> Written:
    """Writes lines, such as `preferences` for DPO; as `write`.

    A validation file, which is one where `train` is given, has no least number of examples. `free` is as `check`
    has it.
    """
    counter = counter_for(rules.provider, model)
    if train:
        checked = check(train, lines, rules, counter, free=free)
        tokens, findings = checked.validation, [each for each in checked.findings if each.validation]
    else:
        checked = check(lines, (), rules, counter, free=free)
        tokens, findings = checked.tokens, checked.findings
    written = put(path, lines, rules)
    return Written(**written.model_dump(), tokens=tokens, findings=tuple(findings))


def put(path: Path, lines: Sequence[Line], rules: FileRules) -> WrittenFile:
    """Writes lines that were checked before."""
    text = "".join(f"{text_of(line)}\n" for line in lines)
    content = f"{_MARK if rules.byte_order_mark else ''}{text}"
    journal.replace(path, content)
    data = content.encode()
    return WrittenFile(
        path=str(path), examples=len(lines), bytes=len(data), sha256=hashlib.sha256(data).hexdigest()
    )
