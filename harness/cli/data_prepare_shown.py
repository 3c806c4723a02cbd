"""What `harness data prepare` says: for a person, or as JSON for a script."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.preparation.preparing import Outcome, Wanted
    from harness.trainingfiles import Finding
    from harness.trainingfiles.writing import WrittenFile

_SHOWN = 200  # findings of one kind in full; of the rest the numbers alone


@contextmanager
def counting(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A live line on a terminal while a large file is read, or its examples are checked."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done % total if total and done > total else done)


def as_text(outcome: Outcome, wanted: Wanted, files: Sequence[WrittenFile]) -> Iterator[str]:
    """Lines for a person; the input's texts are untrusted."""
    from harness.numbers import plain, plural

    for sentence in outcome.told:
        yield plain(sentence)
    yield from _found(outcome.found, fixed=wanted.fix)
    for number, each in enumerate(outcome.left_out):
        yield f"{'' if number else chr(10)}Left out for {each.kind}: {plural(len(each.places), 'line')}."
    if wanted.fix and (still := [each for each in outcome.left if each.refused]):
        yield "Still so:"
        yield from (f"  {plain(each.what)}; {plain(each.fix)}" for each in still)
    yield ""
    yield from _cost(outcome, wanted)
    if outcome.refused:
        fixable = not wanted.fix and any(each.train or each.validation or each.places for each in outcome.refused)
        hint = "; --fix does what is proposed" if fixable else ""
        yield f"Nothing was written: {wanted.rules.provider} would refuse it{hint}."
    for file in files:
        yield f"{plain(file.path)}: {plural(file.examples, 'example')}, {file.bytes:,} bytes"
    if files:
        yield "They hold texts of the data; only you can read them."


def as_json(outcome: Outcome, wanted: Wanted, files: Sequence[WrittenFile]) -> str:
    """All of it for a script."""
    cost = outcome.cost
    method = next((line.method for line in outcome.train), None)
    return json.dumps(
        {
            "provider": wanted.rules.provider,
            "model": wanted.model or None,
            "method": method,
            "told": outcome.told,
            "found": [each.model_dump(exclude={"train", "validation"}) for each in outcome.found],
            "fixed": wanted.fix,
            "left_out": [each._asdict() for each in outcome.left_out],
            "refused": [each.model_dump(exclude={"train", "validation"}) for each in outcome.refused],
            "train": {"examples": len(outcome.train), **outcome.tokens.model_dump()},
            "validation": {"examples": len(outcome.validation), **outcome.validation_tokens.model_dump()},
            "epochs": cost.epochs.passes,
            "epochs_by": cost.epochs.by,
            "training_tokens": cost.tokens,
            "training_dollars": cost.dollars.dollars,
            "price_source": cost.dollars.source,
            "price_as_of": cost.dollars.as_of.isoformat() if cost.dollars.as_of else None,
            "files": [each.model_dump() for each in files],
        },
        ensure_ascii=False,
        indent=2,
    )


def _found(findings: Sequence[Finding], *, fixed: bool) -> Iterator[str]:
    from harness.numbers import plain, plural

    if not findings:
        yield "Nothing doubtful was found."
    by_kind: dict[tuple[str, str, bool], list[Finding]] = {}
    for finding in findings:
        by_kind.setdefault((finding.kind, finding.fix, finding.refused), []).append(finding)
    for (kind, fix, refused), these in by_kind.items():
        lines = sum(len(each.places) for each in these)
        many = f": {plural(lines, 'line')}" if lines else ""
        proposed = "" if fixed else f"; proposed: {fix}"
        yield f"\n{kind}{many}{' (refused by the provider)' if refused else ''}{proposed}"
        for each in these[:_SHOWN]:
            yield f"  {plain(_places(each))}{plain(each.what)}"
        if rest := these[_SHOWN:]:
            yield "  and " + ", ".join(str(number) for each in rest for number in each.numbers)


def _places(finding: Finding) -> str:
    """Where it is: the first place in words, of the others the numbers."""
    if not finding.places:
        return ""
    others = "".join(f", {number or place}" for number, place in zip(finding.numbers, finding.places, strict=True))
    return finding.places[0] + others.removeprefix(f", {finding.numbers[0] or finding.places[0]}") + ": "


def _cost(outcome: Outcome, wanted: Wanted) -> Iterator[str]:
    from harness.numbers import dollars

    tokens, cost = outcome.tokens, outcome.cost
    how = tokens.counted_by if tokens.exact else f"{tokens.counted_by}: not more than so many, likely fewer"
    yield f"Tokens of one pass: {tokens.total:,}, of the longest example {tokens.longest:,} ({how})"
    if outcome.validation:
        yield f"Tokens of validation: {outcome.validation_tokens.total:,}"
    if cost.tokens is None:
        yield f"To train on: {tokens.total:,} times the epochs; {cost.epochs.by} with --epochs"
    else:
        passes = f"{cost.epochs.passes} epochs" if cost.epochs.passes != 1 else "1 epoch"
        yield f"To train on: about {cost.tokens:,} in {passes} ({cost.epochs.by})"
    if cost.dollars.dollars is not None:
        as_of = f", as of {cost.dollars.as_of}" if cost.dollars.as_of else ""
        yield f"Price of training: about {dollars(cost.dollars.dollars)} (your prices{as_of})"
    elif cost.tokens is None:
        yield "Price of training: unknown, since the number of epochs is"
    else:
        name = f"{wanted.rules.provider}/{wanted.model or 'MODEL'}"
        model = "" if wanted.model else "--model and "
        yield (
            f"Price of training: unknown. Give {model}--prices FILE with dollars per million tokens, such as "
            f"models: {{{name}: {{input: …, output: …, training: …}}}}"
        )
