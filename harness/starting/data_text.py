"""The `data:` of a first suite, with what was seen as comments."""

from __future__ import annotations

from collections.abc import Iterator

from harness.data.saying import counted, few
from harness.starting.choosing import group_of, near_of, time_of
from harness.starting.seen import Seen
from harness.starting.yaml_text import comment, flow, scalar

_MOST_SAID = 12


def data_lines(seen: Seen, path: str) -> list[str]:
    """The lines below a task's `data:`, without indentation.

    Args:
        seen: What was seen in the file.
        path: The file's, from where the suite will stand.
    """
    return [
        *_reading(seen, path),
        *_columns(seen),
        *_labels(seen),
        *_splits(seen),
    ]


def _reading(seen: Seen, path: str) -> Iterator[str]:
    table = seen.table
    yield f"path: {scalar(path)}"
    if table.format:
        yield f"format: {table.format}"
    if table.encoding != "utf-8":
        yield f"encoding: {table.encoding}"
        yield from comment("as its bytes look; if letters are wrong in `harness init`'s table, say another")
    if table.undecodable:
        yield from comment(f"{table.undecodable:,} bytes are not {table.encoding}: they show as U+FFFD")
    if table.delimiter:
        yield f"delimiter: {scalar(table.delimiter)}"
    if table.sheet:
        yield f"sheet: {scalar(table.sheet)}"
        yield from comment(f"the workbook has the sheets {few(map(repr, table.sheets))}")


def _columns(seen: Seen) -> Iterator[str]:
    roles = seen.roles
    yield "columns:"
    if roles.text_columns:
        yield f"  text: {scalar(roles.text)}"
    if roles.target in seen.columns:
        yield f"  target: {scalar(roles.target)}"
    if roles.id:
        yield f"  id: {scalar(roles.id)}"
    if roles.history:
        yield f"  history: {scalar(roles.history)}   # {_turns(seen)}"
    if roles.metadata:
        yield f"  metadata: {flow(list(roles.metadata))}   # results are shown for each of their values"
    if roles.leaking:
        yield from comment(
            f"{few(map(repr, roles.leaking))} would give the answer away (nearly each value goes with one "
            "answer), so no strategy sees it",
            2,
        )
    yield "# where: {COLUMN: VALUE}      # only some rows; also in, not, contains, empty"


def _turns(seen: Seen) -> str:
    if seen.roles.text_columns:
        return "the turns before the text"
    answer = "" if seen.roles.target in seen.columns else "; what the assistant says to it is the answer"
    return f"the last user turn is the text{answer}"


def _labels(seen: Seen) -> Iterator[str]:
    labels = seen.labels
    if labels is None:
        return
    if labels.map:
        yield from comment("labels that differ only in case or blanks are one")
        yield "map:"
        for written, label in labels.map.items():
            yield f"  {scalar(written)}: {scalar(label)}"
    if labels.rare:
        said = [f"{label!r} ({rows})" for label, rows in labels.rare.items()]
        more = f" and {len(said) - _MOST_SAID} more" if len(said) > _MOST_SAID else ""
        yield from comment(
            f"too few rows to learn and to judge: {', '.join(said[:_MOST_SAID])}{more}. Their rows are left out; "
            "better is to merge them with others under `map:`, or `allow`"
        )
        yield "rare_labels: drop"


def _splits(seen: Seen) -> Iterator[str]:
    group, time = group_of(seen), time_of(seen)
    yield "splits:"
    yield "  train: 0.6                # by a hash of the text: no row changes sides when the file grows"
    yield "  validation: 0.2"
    yield "  test: 0.2"
    yield "  seed: 0"
    if group:
        column = seen.columns[group]
        most = max(column.counts.values())
        yield from comment(f"one value has {counted(most)}; none of them stands in two splits", 2)
        yield f"  group: {scalar(group)}"
    if time:
        off = "# " if group else ""
        why = "instead: " if group else ""
        yield from comment(f"{why}test is the latest rows, as tomorrow's will be", 2)
        yield f"  {off}time: {scalar(time)}"
    elif seen.roles.time:
        yield from comment(f"{seen.roles.time!r} holds dates; `time:` splits by them if every row has one", 2)
    near = near_of(seen)
    yield from comment(near.reason)
    yield f"near_duplicates: {near.value}"
    if seen.copies.groups or group or time:
        yield from comment("test rows whose text train or validation has too are left out; or refuse, allow")
        yield "leakage: drop"
