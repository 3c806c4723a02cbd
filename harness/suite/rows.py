"""What a suite says of rows: where they are, which column is what, which of them count, how they are divided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, StrictFloat, StrictInt, model_validator

from harness.suite.base import Spec

Share = StrictInt | StrictFloat | str
Format = Literal["csv", "tsv", "json", "jsonl", "parquet", "xlsx"]


class Columns(Spec):
    r"""Which column is what.

    Attributes:
        text: A column's name, or a template over columns such as ``"{subject}\n\n{body}"``.
        target: The column of the answer; several acceptable texts may stand in it as a JSON list.
        id: A column that names the row for good; without it the id is a hash of the row's content.
        metadata: Columns that strategies may see and results can be sliced by.
        history: A column of the turns before the text: a JSON list of messages, or lines that begin with who
            speaks. In a file without the columns `text` and `target` it is the whole conversation: the last user
            turn is the text, and what the assistant says to it is the target.
        speakers: Who speaks in it to `user`, `assistant` or `system`, where the name does not say.
    """

    text: str = "text"
    target: str = "target"
    id: str | None = None
    metadata: tuple[str, ...] = ()
    history: str | None = None
    speakers: Mapping[str, Literal["user", "assistant", "system"]] = {}

    @model_validator(mode="after")
    def _target_is_not_shown(self) -> Columns:
        if self.target in (*self.metadata, self.id, self.history):
            raise ValueError(
                f"the target column {self.target!r} may not be metadata, id or history: strategies see those"
            )
        if "{" + self.target + "}" in self.text or self.target == self.text:
            raise ValueError(f"the target column {self.target!r} may not be in the text: strategies see that")
        return self

    @model_validator(mode="after")
    def _history_stands_alone(self) -> Columns:
        if self.speakers and self.history is None:
            raise ValueError("speakers are those of the column `history`, which is not named")
        if self.history is None:
            return self
        if self.history in (*self.metadata, self.id, self.text) or "{" + self.history + "}" in self.text:
            raise ValueError(
                f"the history column {self.history!r} may not be text, metadata or id: the answer may stand in it"
            )
        return self


def _as_text(value: object) -> object:
    """A cell's text as YAML's numbers and booleans would stand in a file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return [_as_text(each) for each in value] if isinstance(value, list | tuple) else value


Cell = Annotated[str, BeforeValidator(_as_text)]
Cells = Annotated[tuple[str, ...], BeforeValidator(_as_text)]


class Condition(Spec):
    """A filter on one column; all that are given must hold. Values compare as text."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)

    in_: Cells | None = Field(None, alias="in")
    not_: Cell | Cells | None = Field(None, alias="not")
    contains: Cell | None = None
    empty: bool | None = None


class Splits(Spec):
    """How rows are divided: each a count, a fraction of all rows, or a path to its own file.

    What has no path is taken out of the rows of the main path, by a hash of each row's text: a row keeps its
    split when the file is reordered. A count is met, and stratified by label. A fraction is a stretch of the
    hash's range: no row changes its split when the file grows, and its size and labels are only about right.

    Attributes:
        train: Labelled rows that strategies learn from.
        validation: Labelled rows that choices are made on.
        test: Rows that are only ever answered.
        seed: Another seed draws other rows.
        balance: Take as many rows of each label instead of the file's own proportions.
        group: A column, such as a customer: rows of one value are never in two splits.
        time: A column of dates: test is the latest of the rows, a count or a fraction of them, or all from a
            moment on, such as ``"2026-09-01"``, which keeps what was test when the file grows.
    """

    train: Share | None = None
    validation: Share = 0.2
    test: Share = 0.2
    seed: int = 0
    balance: bool = False
    group: str | None = None
    time: str | None = None


class Data(Spec):
    """Where a task's rows come from.

    Attributes:
        path: A path relative to the suite, ``PACKAGE:FILE`` inside an installed package, or ``SOURCE:…`` of
            a plugin.
        columns: Which column is what.
        where: Column to a value it must have, or to a condition: in, not, contains, empty.
        splits: How rows are divided.
        leakage: What to do with test rows whose text also stands in train or validation.
        near_duplicates: What to do with texts that are almost the same: `warn`, `drop` all but one of them, keep
            them `together` in one split, or `allow` them unseen.
        map: A label as the file has it to the label that it stands for.
        rare_labels: What to do with labels that have fewer than `rare_below` rows: `refuse`, `drop` their rows, or
            `allow` them. `map` merges them.
        rare_below: With fewer rows than this a label is rare; 3 is one row for each split.
        corrections: A file of corrected labels, as `harness data label` writes it; the source stays as it is.
        format: csv, tsv, json, jsonl, parquet or xlsx, where the file's name does not say.
        encoding: The file's encoding; bytes that are not of it are shown as U+FFFD and counted.
        delimiter: Of a CSV.
        sheet: Of a workbook; the first without it.
    """

    path: str
    columns: Columns = Columns()
    where: Mapping[str, Cell | Condition] = {}
    splits: Splits = Splits()
    leakage: Literal["refuse", "drop", "allow"] = "refuse"
    near_duplicates: Literal["warn", "drop", "together", "allow"] = "warn"
    map: Mapping[str, Cell] = {}
    rare_labels: Literal["refuse", "drop", "allow"] = "refuse"
    rare_below: int = Field(3, ge=1)
    corrections: str | None = None
    format: Format | None = None
    encoding: str = "utf-8"
    delimiter: str | None = None
    sheet: str | None = None


class TableSpec(Spec):
    """Rows beside the tasks, such as the passages of a handbook.

    Attributes:
        path: As a task's data path.
        id: A column that names the row; without it the id is a hash of the row's content.
    """

    path: str
    id: str | None = None
    format: Format | None = None
    encoding: str = "utf-8"
    delimiter: str | None = None
    sheet: str | None = None
