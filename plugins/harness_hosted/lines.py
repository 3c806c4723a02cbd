"""From a task's rows to the lines of a training file: each is the very prompt that is asked later, and its answer.

The prompt comes from the same `Prompted` that will ask the tuned model, with as many earlier turns as fit.
"""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from harness import Brief, Example, Failed, Prompted, Query, Row
from harness.errors import DataError
from harness.finetuning import FileRules
from harness.prompts import answer_text
from harness.trainingfiles.checks import check
from harness.trainingfiles.counting import counter_for
from harness.trainingfiles.findings import Finding
from harness.trainingfiles.lines import Line, Turn, unlearnt
from harness.trainingfiles.mending import mend
from harness.trainingfiles.rules import epochs_of
from harness.trainingfiles.writing import put
from harness_hosted.records import TrainingFile

COLUMNS = ("prompt", "chosen", "rejected")
_MOST_EPOCHS = 10  # reserved where neither the suite nor the provider says how many
_SAID = {
    "too-long": "longer than the provider takes",
    "duplicate": "the same as another",
    "conflict": "one prompt with different answers",
    "same-answers": "pairs whose two answers are the same",
    "overlap": "in the validation file too",
}


class Lines(NamedTuple):
    """Of both files."""

    train: Sequence[Line]
    validation: Sequence[Line] = ()


def supervised(asking: Prompted, examples: Sequence[Example]) -> list[Line]:
    """A line for each example; the assistant's earlier turns are not learnt."""
    found = []
    for example in examples:
        prompt = _prompt(asking, example.query)
        if prompt is not None:
            answer = answer_text(asking.brief, example.targets, asking.wording)
            place = f"row {example.query.id}"
            found.append(Line(prompt, (_turn(answer),), place))
    return found


def preferences(asking: Prompted, rows: Sequence[Row]) -> list[Line]:
    """A line for each pair of a table with the columns `prompt`, `chosen` and `rejected`.

    Raises:
        DataError: A column is missing, or an answer is no label of the task.
    """
    found = []
    for row in rows:
        missing = [column for column in COLUMNS if not row.fields.get(column, "").strip()]
        if missing:
            raise DataError(f"pair {row.id!r} has no {missing[0]!r}; pairs need the columns {', '.join(COLUMNS)}")
        prompt = _prompt(asking, Query(id=row.id, text=row.fields["prompt"]))
        answers = [_said(asking, row, column) for column in ("chosen", "rejected")]
        if prompt is not None:
            found.append(Line(prompt, (_turn(answers[0]),), f"pair {row.id}", 0, (_turn(answers[1]),)))
    return found


class Order(NamedTuple):
    """What a file is written for.

    Attributes:
        folder: Where to.
        rules: What the provider asks.
        model: The base model's name, which says how tokens are counted.
        epochs: Passes that were asked for.
    """

    folder: Path
    rules: FileRules
    model: str
    epochs: int | None


def write(lines: Lines, order: Order) -> TrainingFile:
    """Writes the files, without what the provider would refuse.

    Raises:
        DataError: What is left is too little, too large, or of a method that the provider does not have.
    """
    counter = counter_for(order.rules.provider, order.model)
    found = check(lines.train, lines.validation, order.rules, counter).findings
    refused = [each for each in found if each.refused]
    train, validation, _ = mend(lines.train, lines.validation, refused)
    if not train:
        raise DataError("no row is left to train on" + (f": {refused[0].what}" if refused else ""))
    path, beside = order.folder / "train.jsonl", order.folder / "validation.jsonl"
    written = put(path, train, order.rules)
    left = check(train, validation, order.rules, counter)
    if left.refused:
        raise DataError("; ".join(f"{each.what}: {each.fix}" for each in left.findings if each.refused))
    if validation:
        put(beside, validation, order.rules)
    tokens = left.tokens
    passes = epochs_of(order.rules, len(train), order.epochs).passes
    first = train[0]
    return TrainingFile(
        path=path.name,
        sha256=written.sha256,
        rows=len(train),
        validation_path=beside.name if validation else None,
        validation_rows=len(validation),
        left_out=_counted(refused),
        doubts=_counted([each for each in found if not each.refused]),
        tokens=tokens.total,
        longest=tokens.longest,
        counted_by=tokens.counted_by,
        epochs=passes,
        upper_tokens=tokens.total * (passes or _MOST_EPOCHS),
        question="\n".join(str(turn["content"]) for turn in first.prompt),
        answer=str(first.answer[0]["content"]),
    )


def _prompt(asking: Prompted, query: Query) -> tuple[Turn, ...] | None:
    asked = asking.request(query)
    return None if isinstance(asked, Failed) else unlearnt(asked.messages)


def _said(asking: Prompted, row: Row, column: str) -> str:
    brief, answer = asking.brief, row.fields[column]
    if brief.kind != "label":
        return answer
    label = _label(brief, answer)
    if label is None:
        raise DataError(f"pair {row.id!r}: {column} is {answer!r}, which is no label of task {brief.name!r}")
    return answer_text(brief, (label,), asking.wording)


def _label(brief: Brief, said: str) -> str | None:
    return next((each for each in brief.labels if said in (each, *brief.aliases.get(each, ()))), None)


def _turn(content: str) -> dict[str, object]:
    return {"role": "assistant", "content": content}


def _counted(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Sorts of finding with the number of lines: their texts are the rows' own, and stay out of warnings."""
    counts = Count[str]()
    for each in findings:
        counts[each.kind] += max(1, len(each.places), len(each.train) + len(each.validation))
    return tuple(f"{number} {_SAID.get(kind, kind)}" for kind, number in counts.items())
