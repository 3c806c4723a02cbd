"""How answers are probed: test queries asked again in another form.

probes:
  perturb: [typos, case, whitespace]
  counterfactual: {gender: [[he, she], [his, her], [man, woman]]}
  instructions: ["Say how this tweet feels: positive, neutral or negative."]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from harness.records import Record

Perturbation = Literal["typos", "case", "whitespace"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Terms = Annotated[tuple[Words, ...], Field(min_length=2)]


class Probes(Record):
    """Test queries that are asked again in another form, to see whether the answers stay.

    Attributes:
        sample: Test rows that each probe asks, the same for every strategy.
        perturb: Changes that should not matter: typos, case, whitespace.
        counterfactual: Group to sets of terms that stand for each other, such as ``gender: [[he, she], [his,
            her]]``; each text that holds a term is asked with the terms of one place in their sets replaced by
            those of another.
        instructions: Other words for the task's instructions; each strategy is prepared anew with each.
    """

    sample: int = Field(100, ge=1)
    perturb: tuple[Perturbation, ...] = ()
    counterfactual: Mapping[str, Annotated[tuple[Terms, ...], Field(min_length=1)]] = {}
    instructions: tuple[Words, ...] = ()

    @field_validator("counterfactual", mode="after")
    @classmethod
    def _sets_are_columns(cls, groups: Mapping[str, tuple[Terms, ...]]) -> Mapping[str, tuple[Terms, ...]]:
        for name, sets in groups.items():
            for terms in sets:
                told = ", ".join(terms)
                if len(terms) != len(sets[0]):
                    raise ValueError(
                        f"group {name!r}: [{told}] has {len(terms)} terms and [{', '.join(sets[0])}] has"
                        f" {len(sets[0])}; every set of a group needs as many, in the same order"
                    )
                if len({term.casefold() for term in terms}) < len(terms):
                    raise ValueError(f"group {name!r}: a term stands twice in [{told}]")
        return groups
