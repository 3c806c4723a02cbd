"""From a row to its text, the turns before it and, where the conversation itself has it, its target.

columns: {text: message, target: intent, history: earlier}     three columns
columns: {history: messages}                                   rows of chat JSONL, {"messages": [...]}: without a
    column `text` the last user turn is the text, and without a column `target` what the assistant says to it is
    the target
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.answers import normalised
from harness.data.columns import TextOf, needed
from harness.data.saying import counted
from harness.data.turning import Turning
from harness.errors import DataError
from harness.records import Message
from harness.suite import Columns

_STRANGE = 3  # cells in which a line begins like a speaker's, before it is worth a word


class Told(NamedTuple):
    """What a row says.

    Attributes:
        text: The text; blank where there is none.
        history: The turns before it.
        target: The cell of the target.
    """

    text: str
    history: tuple[Message, ...]
    target: str


@dataclass
class Dialogue:
    """Reads the rows of one file.

    Attributes:
        columns: Which column is what.
        text: How the text is made, where it has columns.
        whole: Whether the history's column holds the text too: there is no other column of it.
        answered: Whether it holds the target too.
        turning: Reads the history's cells.
        after: Rows in which turns behind the text were left out.
        given_away: Rows in which the history ended with the target, which was left out of it.
    """

    columns: Columns
    text: TextOf
    whole: bool
    answered: bool
    turning: Turning = field(default_factory=Turning)
    after: int = 0
    given_away: int = 0

    @staticmethod
    def of(columns: Columns, text: TextOf, there: Collection[str]) -> Dialogue:
        """What a file's first row says; only columns that the suite leaves at their default may be missing."""
        plain = Columns()
        whole = columns.history is not None and columns.text == plain.text and plain.text not in there
        answered = whole and columns.target == plain.target and plain.target not in there
        return Dialogue(columns, text, whole, answered, Turning(columns.speakers))

    def told(self, fields: Mapping[str, str], place: str) -> Told:
        """What a row says.

        Raises:
            DataError: Its turns cannot be read.
        """
        target = fields.get(self.columns.target, "")
        if self.columns.history is None:
            return Told(self.text.render(fields), (), target)
        try:
            turns = self.turning.turns(fields.get(self.columns.history, ""))
        except ValueError as error:
            raise DataError(f"{place}: {error}", where="columns.history") from error
        if not self.whole:
            return Told(self.text.render(fields), turns, target)
        last = next((i for i in reversed(range(len(turns))) if turns[i].role == "user"), None)
        if last is None:
            return Told("", turns, target)
        first = last
        while first and turns[first - 1].role == "user":
            first -= 1
        said = [turn.content for turn in turns[last + 1 :] if turn.role == "assistant"]
        self.after += bool(said) and not self.answered
        text = "\n\n".join(turn.content for turn in turns[first : last + 1])
        return Told(text, turns[:first], "\n\n".join(said) if self.answered else target)

    def before(self, told: Told, targets: Collection[str]) -> tuple[Message, ...]:
        """The history without what does not belong there: the target behind it, and the text once more."""
        turns = list(told.history)
        if self.whole:
            return told.history
        known = {normalised(target) for target in targets}
        if turns and turns[-1].role == "assistant" and normalised(turns[-1].content) in known:
            turns.pop()
            self.given_away += 1
        if turns and turns[-1].role == "user" and normalised(turns[-1].content) == normalised(told.text):
            turns.pop()
        return tuple(turns)

    def needed(self, where: Iterable[str]) -> list[tuple[str, str]]:
        """Every column that the file must have, with the field of the suite that names it."""
        spared = {"columns.text"} if self.whole else set()
        spared |= {"columns.target"} if self.answered else set()
        return [each for each in needed(self.columns, self.text, where) if each[0] not in spared]

    def refuse_mixed(self, there: Collection[str], file: str) -> None:
        """Refuses a file of which the first row has no text or target of its own and others have.

        Raises:
            DataError: Says which column.
        """
        for column, absent in ((self.columns.text, self.whole), (self.columns.target, self.answered)):
            if absent and column in there:
                raise DataError(
                    f"some rows of {file} have {column!r} and the first has not: give it to all of them, or to "
                    f"none and it is taken from the turns in {self.columns.history!r}",
                    where="columns.history",
                )

    def remarks(self, file: str) -> tuple[str, ...]:
        """What a reader must know of how the turns were read."""
        found = []
        if self.after:
            found.append(
                f"In {counted(self.after)} of {file} turns follow the last one of the user; they are not shown, "
                "since the text is the last user turn."
            )
        if self.given_away:
            found.append(f"In {counted(self.given_away)} of {file} the history ended with the target: left out.")
        for name, cells in self.turning.strangers.most_common(1):
            if cells >= _STRANGE:
                found.append(
                    f"In {counted(cells)} of {file} a line of the history begins with {name + ':'!r} and was "
                    "taken for part of the turn before; if somebody speaks there, name them in `columns.speakers`."
                )
        return tuple(found)
