"""What all parts of a suite have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, StringConstraints

from harness.records import Record

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$", max_length=80)]


class Spec(Record):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)
