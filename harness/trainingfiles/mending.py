"""Does what findings propose: leaves lines out, and says which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harness.trainingfiles.findings import Finding, Problem
from harness.trainingfiles.lines import Line


class LeftOut(NamedTuple):
    """Lines that were left out for one kind of finding.

    Attributes:
        kind: Of the finding.
        places: Where they stand in the source.
    """

    kind: Problem
    places: tuple[str, ...]


class Mended(NamedTuple):
    """Lines as they are to be written.

    Attributes:
        train: The training file's.
        validation: The validation file's.
        left_out: What was done, a kind at a time; a line that several findings name stands under the first.
    """

    train: list[Line]
    validation: list[Line]
    left_out: tuple[LeftOut, ...]


def mend(train: Sequence[Line], validation: Sequence[Line], findings: Sequence[Finding]) -> Mended:
    """The lines without those that the findings propose to leave out."""
    gone: tuple[set[int], set[int]] = (set(), set())
    by_kind: dict[Problem, list[str]] = {}
    for finding in findings:
        for lines, out, named in ((train, gone[0], finding.train), (validation, gone[1], finding.validation)):
            for index in named:
                if index not in out:
                    out.add(index)
                    by_kind.setdefault(finding.kind, []).append(lines[index].place)
    kept = [
        [line for i, line in enumerate(of) if i not in out]
        for of, out in zip((train, validation), gone, strict=True)
    ]
    return Mended(kept[0], kept[1], tuple(LeftOut(kind, tuple(places)) for kind, places in by_kind.items()))
