"""What one answer of a task of kind `fields` adds to the counts, field by field.

target {"name": "Ann", "amount": 5, "due": null}   answer {"name": "Anne", "amount": 5.0, "due": "2026-01-31"}

         credit  wanted  given
name       0       1       1
amount     1       1       1
due        0       0       1     <- invented

Credit, values wanted and values given are the correct, possible and actual of Chinchor and Sundheim, 1993, "MUC-5
evaluation metrics", on single fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from harness.extraction.canonical import parse
from harness.extraction.schema import FieldOf, Schema, fields_of, validity
from harness.scoring.matching import Matched, is_empty, matched

_NO_KEY = object()


class RowCounts(NamedTuple):
    """One answer, judged; each tuple in the order of the fields.

    Attributes:
        valid: Whether it satisfies the schema.
        credit: How right each value is, 0 to 1; 0 where either side has none.
        wanted: Whether the target has a value.
        given: Whether the answer has one.
        told_none: Whether the answer has the key and no value.
    """

    valid: bool
    credit: tuple[float, ...]
    wanted: tuple[bool, ...]
    given: tuple[bool, ...]
    told_none: tuple[bool, ...]

    @property
    def right(self) -> tuple[float, ...]:
        """By field; right as well where both have no value."""
        return tuple(
            credit if wanted else float(not given)
            for credit, wanted, given in zip(self.credit, self.wanted, self.given, strict=True)
        )


@dataclass(frozen=True)
class Judge:
    """Compares answers with targets under one schema.

    Attributes:
        schema: The answer's.
        match: Field to how it is compared, where the task says.
    """

    schema: Schema
    match: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    _known: dict[tuple[str, str], RowCounts] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def fields(self) -> Mapping[str, FieldOf]:
        """Those that are compared."""
        every = fields_of(self.schema, whole=tuple(self.match))
        return {name: one for name, one in every.items() if self.matchers[name].by != "ignore"}

    @cached_property
    def matchers(self) -> Mapping[str, Matched]:
        """Of every field, the ignored ones too."""
        every = fields_of(self.schema, whole=tuple(self.match))
        return {name: matched(one.schema, self.match.get(name)) for name, one in every.items()}

    @cached_property
    def _breaks(self) -> Callable[[object], str | None]:
        return validity(self.schema)

    def judge(self, target: str, answer: str) -> RowCounts:
        """An answer's counts; one that is no JSON is an empty object that breaks the schema."""
        key = target, answer
        if key not in self._known:
            self._known[key] = self._judged(parse(target), answer)
        return self._known[key]

    def _judged(self, target: object, answer: str) -> RowCounts:
        try:
            given = parse(answer)
            valid = self._breaks(given) is None
        except ValueError:
            given, valid = None, False
        columns = [self._one(name, one.path, target, given) for name, one in self.fields.items()]
        credit, wanted, has, told = zip(*columns, strict=True) if columns else ((), (), (), ())
        return RowCounts(valid, credit, wanted, has, told)

    def _one(
        self, name: str, path: tuple[str, ...], target: object, answer: object
    ) -> tuple[float, bool, bool, bool]:
        wanted, given = _value(target, path), _value(answer, path)
        has_target, has_answer = not _is_none(wanted), not _is_none(given)
        credit = 0.0
        if has_target and has_answer:
            try:
                credit = self.matchers[name].credit(wanted, given)
            except RecursionError:  # an answer nested too deep to be compared
                credit = 0.0
        return credit, has_target, has_answer, given is not _NO_KEY and not has_answer


def _value(value: object, path: tuple[str, ...]) -> object:
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return _NO_KEY
        value = value[key]
    return value


def _is_none(value: object) -> bool:
    return value is _NO_KEY or is_empty(value)
