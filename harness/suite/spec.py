"""What a suite says, as types: tasks, models, strategies, tables, seeds, prices.

`load.py` reads these from YAML and resolves every name; `harness schema` prints them as JSON schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StrictFloat,
    StrictInt,
    StringConstraints,
    field_validator,
    model_validator,
)

from harness.records import Kind, Record
from harness.suite.decide import Decide, Dollars
from harness.suite.probes import Probes

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$", max_length=80)]
Share = StrictInt | StrictFloat | str


class Spec(Record):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Columns(Spec):
    r"""Which column is what.

    Attributes:
        text: A column's name, or a template over columns such as ``"{subject}\n\n{body}"``.
        target: The column of the answer; several acceptable texts may stand in it as a JSON list.
        id: A column that names the row for good; without it the id is a hash of the row's content.
        metadata: Columns that strategies may see and results can be sliced by.
    """

    text: str = "text"
    target: str = "target"
    id: str | None = None
    metadata: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _target_is_not_shown(self) -> Columns:
        if self.target in self.metadata or self.target == self.id:
            raise ValueError(f"the target column {self.target!r} may not be metadata or id: strategies see those")
        if "{" + self.target + "}" in self.text or self.target == self.text:
            raise ValueError(f"the target column {self.target!r} may not be in the text: strategies see that")
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

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

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
    """

    train: Share | None = None
    validation: Share = 0.2
    test: Share = 0.2
    seed: int = 0
    balance: bool = False


class Data(Spec):
    """Where a task's rows come from.

    Attributes:
        path: A path relative to the suite, ``PACKAGE:FILE`` inside an installed package, or ``SOURCE:…`` of
            a plugin.
        columns: Which column is what.
        where: Column to a value it must have, or to a condition: in, not, contains, empty.
        splits: How rows are divided.
        leakage: What to do with test rows whose text also stands in train or validation.
        format: csv, tsv, json, jsonl or parquet, where the file's name does not say.
        encoding: The file's encoding; bytes that are not of it are shown as U+FFFD and counted.
        delimiter: Of a CSV.
    """

    path: str
    columns: Columns = Columns()
    where: Mapping[str, Cell | Condition] = {}
    splits: Splits = Splits()
    leakage: Literal["refuse", "drop", "allow"] = "refuse"
    format: Literal["csv", "tsv", "json", "jsonl", "parquet"] | None = None
    encoding: str = "utf-8"
    delimiter: str | None = None


class Task(Spec):
    """One thing that a model is to be adapted to.

    Attributes:
        name: Unique in the suite.
        kind: label, labels, fields or text.
        instructions: The task in the user's own words; prompts are made from it.
        labels: ``auto`` (those of the training rows), a list, or label to description.
        metric: The figure that choices on validation and verdicts use.
        data: Where its rows come from.
        max_output_tokens: The longest answer that is asked for.
        probes: Test queries that are asked again in another form.
    """

    name: Name
    kind: Kind
    instructions: str = Field(min_length=1)
    labels: Literal["auto"] | tuple[str, ...] | Mapping[str, str] = "auto"
    metric: str | None = None
    data: Data
    max_output_tokens: int = Field(64, ge=1)
    probes: Probes = Probes()

    @field_validator("labels", mode="after")
    @classmethod
    def _labels_differ(cls, value: object) -> object:
        if isinstance(value, tuple):
            if len(set(value)) < len(value):
                twice = sorted({v for v in value if value.count(v) > 1})
                raise ValueError(f"labels named twice: {', '.join(map(repr, twice))}")
            if len(value) < 2:
                raise ValueError("a task of this kind needs at least two labels")
        return value


class Use(Spec):
    """Something of a plugin, with its parameters.

    Attributes:
        use: A registered name, ``./file.py:Class`` beside the suite, or ``module:Class``.
        params: Its parameters, under `with:`.
    """

    use: str
    params: Mapping[str, JsonValue] = Field({}, alias="with")


class StrategyEntry(Use):
    """A strategy of the suite.

    Attributes:
        name: Unique in the suite; what results and the command line call it.
        matrix: Parameter to values: every combination is a candidate, and the one that is best on validation
            is scored on test.
        tasks: Only on these tasks; all without it.
    """

    name: Name
    matrix: Mapping[str, tuple[JsonValue, ...]] = {}
    tasks: tuple[str, ...] | None = None


class TokenPrice(Spec):
    """Dollars per million tokens."""

    input: Dollars
    output: Dollars
    cached: Dollars | None = None
    training: Dollars | None = None
    as_of: date | None = None


class PriceBook(Spec):
    """The user's own prices; what is not here is looked up in genai-prices, else unknown.

    Attributes:
        device_hours: Dollars for an hour of a device; ``this`` is the machine that runs the harness.
        models: Dollars per million tokens, by the model's name.
    """

    device_hours: Mapping[str, Dollars] = {}
    models: Mapping[str, TokenPrice] = {}


class TableSpec(Spec):
    """Rows beside the tasks, such as the passages of a handbook.

    Attributes:
        path: As a task's data path.
        id: A column that names the row; without it the id is a hash of the row's content.
    """

    path: str
    id: str | None = None
    format: Literal["csv", "tsv", "json", "jsonl", "parquet"] | None = None
    encoding: str = "utf-8"
    delimiter: str | None = None


class Suite(Spec):
    """A suite, whole.

    Attributes:
        name: What reports call it.
        privacy: ``local`` refuses everything that would reach beyond this machine, before a row is read.
        tasks: What is to be done.
        tables: What strategies may need beside the tasks' rows.
        models: Name to model.
        strategies: Ways to do it.
        yardsticks: Added strategies; without it all that plugins register as yardsticks.
        seeds: Every strategy runs once with each.
        repeats: Runs with the same seed.
        latency_sample: Test queries that are asked one at a time and timed.
        keep: Whether fitted strategies stay in the run's folder, for `harness predict`.
        prices: The user's own.
        decide: The user's traffic.
    """

    name: Name
    privacy: Literal["open", "local"] = "open"
    tasks: tuple[Task, ...] = Field(min_length=1)
    tables: Mapping[Name, TableSpec] = {}
    models: Mapping[Name, Use] = {}
    strategies: tuple[StrategyEntry, ...] = ()
    yardsticks: tuple[str, ...] | None = None
    seeds: tuple[int, ...] = Field((0,), min_length=1)
    repeats: int = Field(1, ge=1)
    latency_sample: int = Field(100, ge=0)
    keep: bool = True
    prices: PriceBook = PriceBook()
    decide: Decide = Decide()

    @model_validator(mode="after")
    def _names_are_unique(self) -> Suite:
        for what, names in (
            ("task", [t.name for t in self.tasks]),
            ("strategy", [s.name for s in self.strategies]),
        ):
            twice = sorted({n for n in names if names.count(n) > 1})
            if twice:
                raise ValueError(f"two of the same {what} name: {', '.join(map(repr, twice))}")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("a seed stands twice in seeds; use `repeats` to run the same seed again")
        return self

    @property
    def wants_validation(self) -> bool:
        """Whether validation rows are asked too, to choose below which confidence people answer instead."""
        return self.decide.maximum_error is not None or self.decide.review_price is not None
