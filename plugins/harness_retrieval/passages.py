"""A table of the suite as passages: cut into pieces, and written as they stand in a prompt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from harness import DataError, Row, SuiteError
from harness.answers import normalised
from harness.errors import suggest

_COLUMN = re.compile(r"\{([^{}]+)\}")


class Passage(NamedTuple):
    """A piece of a table's row.

    Attributes:
        id: The row's id and the piece's number, such as `faq-12#0`.
        text: As it stands in the row, white space included.
        row: Where it was cut from.
        whole: The whole text of the row in the form that texts are compared in.
    """

    id: str
    text: str
    row: Row
    whole: str


def cut(rows: Sequence[Row], column: str, words: int, overlap: int) -> list[Passage]:
    """All passages of a table, in its order.

    Args:
        rows: The table.
        column: The column with the text.
        words: Words in a passage at most.
        overlap: Words that a passage shares with the one before; fewer than `words`.

    Raises:
        SuiteError: No row has the column.
        DataError: There is no text in the table.
    """
    columns = {name for row in rows for name in row.fields}
    if rows and column not in columns:
        raise SuiteError(f"passage_text: the table has no column {column!r}; {suggest(column, columns)}")
    passages = []
    for row in rows:
        text = row.fields.get(column, "")
        whole = normalised(text)
        passages += [
            Passage(f"{row.id}#{n}", piece, row, whole) for n, piece in enumerate(pieces(text, words, overlap))
        ]
    if not passages:
        raise DataError(
            f"the table of `passages` has {len(rows)} rows and no word of text in them; name the column that "
            "has it with `passage_text`"
        )
    return passages


def pieces(text: str, words: int, overlap: int) -> Sequence[str]:
    """A text in pieces of at most so many words; a word is what stands between white space, and is never split.

    >>> pieces("a b c d e f g", words=4, overlap=1)
    ['a b c d', 'd e f g']
    """
    spans = [match.span() for match in re.finditer(r"\S+", text)]
    found = []
    for first in range(0, len(spans), words - overlap):
        last = min(first + words, len(spans)) - 1
        found.append(text[spans[first][0] : spans[last][1]])
        if last == len(spans) - 1:
            break  # what would follow stands in this piece already
    return found


def written(passages: Sequence[Passage], template: str) -> list[str]:
    """Passages as they stand in a prompt.

    Args:
        passages: All of a table.
        template: `{text}` stands for a passage's own text, any other name in braces for its row's column.

    Raises:
        SuiteError: No row has a column that the template names.
    """
    columns = {name for passage in passages for name in passage.row.fields} | {"text"}
    for name in _COLUMN.findall(template):
        if name not in columns:
            raise SuiteError(f"passage_template: the table has no column {name!r}; {suggest(name, columns)}")
    return [_filled(template, passage) for passage in passages]


def _filled(template: str, passage: Passage) -> str:
    values = {**passage.row.fields, "text": passage.text}
    return _COLUMN.sub(lambda match: values.get(match[1], ""), template)
