"""A first suite as YAML with its reasons as comments, which runs at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import ceil

from harness.data.saying import counted
from harness.records import Kind
from harness.starting.choosing import metric_of
from harness.starting.data_text import data_lines
from harness.starting.seen import Seen
from harness.starting.strategies_text import strategy_lines
from harness.starting.yaml_text import comment, flow, listed, scalar

_LISTED = 25  # labels; more are left to `auto`
_FEWEST, _MOST = 16, 512  # tokens of an answer
_ASKS: dict[Kind, str] = {
    "label": "Which {target} fits this text?",
    "labels": "Which {target} fit this text? Name all that do.",
    "fields": "Extract the fields from this text. Take names and numbers as they are, null for what is not said.",
    "text": "Answer with the {target} of this text.",
}


def suite_text(seen: Seen, name: str, path: str) -> str:
    """The whole file.

    Args:
        seen: What was seen.
        name: The suite's and the task's.
        path: The data's, from where the suite will stand.
    """
    lines = [
        *comment(f"Made by `harness init` from {path}: {_summary(seen)}."),
        *comment("Every line is a guess from the data: read it, change what is wrong, then `harness run`."),
        f"name: {name}",
        "privacy: local                # nothing here reaches beyond this machine",
        "",
        "tasks:",
        f"  - name: {name}",
        *(f"    {line}" if line else "" for line in _task(seen)),
        "    data:",
        *(f"      {line}" for line in data_lines(seen, path)),
        "",
        *strategy_lines(seen),
    ]
    return "\n".join(lines) + "\n"


def suite_name(stem: str) -> str:
    """A name that a suite may have, from a file's."""
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", stem).strip("-._+")[:80] or "task"


def _summary(seen: Seen) -> str:
    rows = counted(len(seen.table.rows)) if seen.table.whole else f"the first {counted(len(seen.table.rows))}"
    labels = f", {counted(len(seen.labels.counts), 'label')}" if seen.labels else ""
    return f"{rows}, {seen.usable:,} of them with a text and an answer{labels}"


def _task(seen: Seen) -> Iterator[str]:
    yield f"kind: {seen.kind}"
    yield "# In your own words, as to a new colleague: prompts are made of this."
    yield f"instructions: {scalar(_instructions(seen))}"
    yield from _labels(seen)
    yield from _schema(seen)
    yield from _long(seen)
    metric = metric_of(seen)
    yield from comment(f"{metric.value}: {metric.reason}")
    yield f"metric: {metric.value}"
    if seen.answers is not None:
        # JSON that a model writes has more blanks than a program's, and answers may be longer than these.
        longest = seen.answers.longest * (2 if seen.answers.unit == "words" else 1.25)
        yield f"max_output_tokens: {min(_MOST, max(_FEWEST, ceil(longest / 16) * 16))}"


def _instructions(seen: Seen) -> str:
    if seen.roles.target not in seen.columns:
        return "Answer the user as the assistant of these conversations does."
    target = seen.roles.target.replace("_", " ")
    if seen.labels and seen.labels.ordered:
        first, *_, last = seen.labels.counts
        return f"Where on the scale of {target}, from {first} to {last}, does this text stand?"
    return _ASKS[seen.kind].format(target=target)


def _labels(seen: Seen) -> Iterator[str]:
    labels = seen.labels
    if labels is None:
        return
    if labels.ordered:
        yield f"labels: {listed(list(labels.counts), 6)}"
        yield "ordered: true               # they are a scale, in this order"
    elif labels.rare or len(labels.counts) > _LISTED:
        yield "labels: auto                # of the training rows; or {label: what it means, ...} for prompts"
    else:
        yield "# A meaning for each helps prompts: {label: what it means, ...}"
        yield f"labels: {listed(list(labels.counts), 6)}"


def _schema(seen: Seen) -> Iterator[str]:
    extracted = seen.extracted
    if extracted is None:
        return
    yield "# What every answer of the file keeps; `required`, `enum` and types are guesses from its rows."
    yield "schema:"
    for name, value in extracted.schema.items():
        if name != "properties" or not isinstance(value, dict):
            yield f"  {name}: {flow(value)}"
            continue
        yield "  properties:"
        yield from (f"    {scalar(each)}: {flow(of)}" for each, of in value.items())
    if extracted.match:
        yield "match:                      # letter for letter where nothing stands here; also ignore, tolerance"
        for name, how in extracted.match.items():
            yield f"  {scalar(name)}: {how}"


def _long(seen: Seen) -> Iterator[str]:
    lengths = seen.lengths
    if not lengths.beyond:
        return
    about = "about " if lengths.estimated else ""
    yield from comment(
        f"{about}{counted(lengths.beyond)} are longer than the packaged embedder's 256 tokens: chunks are read "
        "one by one and pooled; head or middle are cheaper, fail refuses. These rows become a slice of the report."
    )
    yield "long: chunks"
