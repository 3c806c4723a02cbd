"""What a suite says of a task: what is asked, what may be answered, and how answers are judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator

from harness.records import Kind, Long
from harness.suite.base import Name, Spec
from harness.suite.probes import Probes
from harness.suite.rows import Data

Matching = Literal["exact", "number", "date", "set", "token_f1", "ignore"]


class Label(Spec):
    """A label that needs more said of it than its name.

    Attributes:
        description: What it means; prompts show it.
        aliases: Other names of it, in the data as in answers.
        words: What prompts say and score in its stead, where its name says nothing to a model.
    """

    description: str = ""
    aliases: tuple[str, ...] = ()
    words: str | None = Field(None, min_length=1)


class Matcher(Spec):
    """How one field of an extracted object is compared with its target.

    Attributes:
        by: Letter for letter, as numbers, dates or sets, by the words shared, or not at all.
        tolerance: By how much numbers may differ: a share of the target.
    """

    by: Matching = "exact"
    tolerance: float = Field(0.0, ge=0)


class Task(Spec):
    """One thing that a model is to be adapted to.

    Attributes:
        name: Unique in the suite.
        kind: label, labels, fields or text.
        instructions: The task in the user's own words; prompts are made from it.
        labels: ``auto`` (those of the training rows), a list, or label to description (with aliases, where it has
            some).
        codes: Which labels are codes, whose descriptions prompts say and score in their stead: `auto` for
            described labels that hold a digit and no blank, true for all described ones, false for none.
        ordered: Whether the labels are a scale, such as one to five stars: then the order that they are listed in
            counts.
        answer_schema: Of kind `fields`, under `schema:`: the JSON schema of an answer, or a file that holds it.
        match: Of kind `fields`: field to how it is compared with its target.
        long: What is done with a text that is longer than a model's window: `fail`, its `head`, its head and end
            (`middle` is cut out), or `chunks` that are answered one by one. Without it prompts fail and embedders
            see the head.
        metric: The figure that choices on validation and verdicts use.
        data: Where its rows come from.
        max_output_tokens: The longest answer that is asked for.
        probes: Test queries that are asked again in another form.
    """

    name: Name
    kind: Kind
    instructions: str = Field(min_length=1)
    labels: Literal["auto"] | tuple[str, ...] | Mapping[str, str | Label] = "auto"
    codes: Literal["auto"] | bool = "auto"
    ordered: bool = False
    answer_schema: Mapping[str, Any] | str | None = Field(None, alias="schema")
    match: Mapping[str, Matching | Matcher] = {}
    long: Long | None = None
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

    @property
    def aliases(self) -> dict[str, tuple[str, ...]]:
        """Label to its other names, where it has some."""
        if not isinstance(self.labels, Mapping):
            return {}
        return {name: of.aliases for name, of in self.labels.items() if isinstance(of, Label) and of.aliases}

    @property
    def matchers(self) -> dict[str, Matcher]:
        """Field to how it is compared."""
        return {n: how if isinstance(how, Matcher) else Matcher(by=how) for n, how in self.match.items()}
