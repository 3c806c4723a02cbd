r"""Which column plays which part in a task: a guess, each part of which the user can say instead.

text "{subject}\n\n{body}"   target intent   id ticket   group customer   time created   metadata channel
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.errors import DataError, suggest
from harness.records import Kind
from harness.starting.columns import Column
from harness.starting.names import GROUP, HISTORY, ID, TARGET, TEXT, TIME, TITLE, rank
from harness.starting.table import Table
from harness.starting.telling import tells
from harness.suite import Columns

_MOST_METADATA = 4
_OF_CHAT = Columns()  # its names of text and target stand for what is taken out of a conversation
_MOST_VALUES = 20  # of a column that results are sliced by
_FEWEST_ROWS = 5  # of such a value, on average


@dataclass(frozen=True)
class Asked:
    """What the user says of the columns instead of having it guessed; None is guessed.

    Attributes:
        text: A column's name, or a template over columns.
        target: A column's name.
        kind: The task's.
    """

    text: str | None = None
    target: str | None = None
    kind: Kind | None = None


@dataclass(frozen=True)
class Roles:
    """Which column is what.

    Attributes:
        text: A column, or a template over columns.
        text_columns: Those that it shows; none where the text is the last user turn of `history`.
        target: The column of the answer; where there is none of that name, what the assistant says in `history`.
        id: A column that names rows.
        group: A column whose rows belong together.
        time: A column of dates.
        history: A column of the turns before the text.
        metadata: Columns that results can be sliced by.
        leaking: Columns that give the target away, none of which is metadata.
    """

    text: str
    text_columns: tuple[str, ...]
    target: str
    id: str | None
    group: str | None
    time: str | None
    history: str | None
    metadata: tuple[str, ...]
    leaking: tuple[str, ...]


def roles_of(table: Table, columns: Mapping[str, Column], asked: Asked) -> Roles:
    """Guesses the parts of a table's columns.

    Raises:
        DataError: A column that the user names is not there, or no column can be the text or the target.
    """
    for name in (*template_columns(asked.text or ""), *((asked.target,) if asked.target else ())):
        if name not in columns:
            raise DataError(f"column {name!r} is not in {table.path}; {suggest(name, columns)}")
    said = template_columns(asked.text or "")
    chat = next((of.name for of in columns.values() if of.is_chat), None) if not said else None
    target = asked.target or _target(columns, said, asked.kind, chat)
    text = said or _text(columns, target, chat)
    taken = {*text, target}
    left = {name: of for name, of in columns.items() if name not in taken}
    group = _first(left, GROUP, lambda c: c.what in ("category", "id", "number", "text") and _repeats(c))
    time = _first(left, TIME, lambda c: c.what == "date") or next(
        (name for name, of in left.items() if of.what == "date"), None
    )
    names = _first(left, ID, lambda c: c.different == c.filled == len(table.rows) and c.what in ("id", "number"))
    history = _first(left, HISTORY, lambda c: c.what == "turns") or next(
        (name for name, of in left.items() if of.what == "turns"), None
    )
    rest = [of for name, of in left.items() if name not in (group, time, names, history)]
    leaking = tuple(of.name for of in rest if tells(table.column(of.name), table.column(target)))
    metadata = [of.name for of in rest if of.name not in leaking and _slices(of)][:_MOST_METADATA]
    return Roles(
        text=asked.text if asked.text is not None else _template(text) if text else _OF_CHAT.text,
        text_columns=text,
        target=target,
        id=names,
        group=group,
        time=time,
        history=history,
        metadata=tuple(metadata),
        leaking=leaking,
    )


def template_columns(text: str) -> tuple[str, ...]:
    """The columns that a text or a template of one shows."""
    from harness.data.columns import text_of

    return text_of(Columns(text=text, target="\0")).columns if text else ()


def _template(text: Sequence[str]) -> str:
    return text[0] if len(text) == 1 else "\n\n".join("{" + name + "}" for name in text)


def _target(columns: Mapping[str, Column], text: Sequence[str], kind: Kind | None, chat: str | None) -> str:
    wanted: Mapping[str, tuple[str, ...]] = {
        "label": ("category", "number"),
        "labels": ("category", "list"),
        "fields": ("object",),
        "text": ("text", "category", "list"),
    }
    able = wanted[kind] if kind else ("category", "number", "object", "list", "text")
    fit = [of for of in columns.values() if of.what in able and of.name not in text]
    named = [(place, of) for of in fit if (place := rank(of.name, TARGET)) is not None]
    # A long text is an answer only where its name says so, and another text is left to be answered.
    texts = [of for of in columns.values() if of.what in ("text", "turns")]
    named = [(place, of) for place, of in named if of.what != "text" or len(texts) > 1]
    if named:
        # Of "queue" and "queue_no" the first.
        return min(named, key=lambda each: (each[0], each[1].name.casefold() != TARGET[each[0]]))[1].name
    objects = [of for of in fit if of.what == "object"]
    labels = [of for of in fit if of.what == "category" and rank(of.name, GROUP) is None and _classes(of)]
    for found in (objects, labels):
        if found:
            return found[-1].name  # the answer usually stands last
    if chat and kind in (None, "text") and _OF_CHAT.target not in columns:
        return _OF_CHAT.target
    raise DataError(
        "no column looks like the answer: say which one is with --target (and with --kind what it holds). "
        f"There are: {', '.join(columns)}"
    )


def _text(columns: Mapping[str, Column], target: str, chat: str | None) -> tuple[str, ...]:
    left = [of for of in columns.values() if of.name != target and not of.is_chat]
    texts = [of for of in left if of.what in ("text", "turns")]
    named = [of for of in texts if rank(of.name, TEXT) is not None and not _only_before(of)]
    titles = [
        of
        for of in left
        if rank(of.name, TITLE) is not None and of.what in ("category", "text", "id") and of.words >= 1
    ]
    chosen = named or [of for of in texts if not _only_before(of)] or texts
    if not named:
        chosen = sorted(chosen, key=lambda of: -of.words)[:1]
    if not chosen and not titles:
        if chat and _OF_CHAT.text not in columns:
            return ()
        called = [of.name for of in left if rank(of.name, TEXT) is not None and of.filled]
        if called:
            return tuple(called)
        raise DataError(
            "no column looks like the text: say which one is with --text, which may be a template such as "
            f'--text "{{subject}} {{body}}". Its first row names the columns: {", ".join(columns)}'
        )
    shown = {of.name for of in (*titles, *chosen)}
    # A title stands first, whatever the file's order.
    ordered = sorted((of for of in left if of.name in shown), key=lambda of: rank(of.name, TITLE) is None)
    return tuple(of.name for of in ordered)


def _only_before(column: Column) -> bool:
    return column.what == "turns" and rank(column.name, HISTORY) is not None


def _first(columns: Mapping[str, Column], names: Sequence[str], fits: Callable[[Column], bool]) -> str | None:
    found = [
        (place, of.name) for of in columns.values() if (place := rank(of.name, names)) is not None and fits(of)
    ]
    return min(found)[1] if found else None


def _repeats(column: Column) -> bool:
    """Whether a column can hold rows together: many values, some of them in several rows."""
    return column.different > _MOST_VALUES and column.different < column.filled


def _classes(column: Column) -> bool:
    return 1 < column.different <= max(2, column.filled / 3)


def _slices(column: Column) -> bool:
    few = column.what == "category" or (column.what == "number" and column.different <= _MOST_VALUES // 2)
    return few and 1 < column.different <= min(_MOST_VALUES, column.filled / _FEWEST_ROWS)
