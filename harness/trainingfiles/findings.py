"""What is doubtful about a training file, each with its lines and what to do about it.

too-long    reviews.csv line 812   71,204 tokens, and openai takes 65,536   leave it out
conflict    reviews.csv line 4, 90 one prompt, the answers 'refund', 'card' leave all of them out
"""

from __future__ import annotations

from typing import Literal

from harness.records import Record

Problem = Literal[
    "unreadable",
    "unlisted-label",
    "empty-prompt",
    "empty-answer",
    "roles",
    "too-long",
    "duplicate",
    "conflict",
    "same-answers",
    "overlap",
    "too-few",
    "too-large",
    "no-mark",
    "method",
]


class Finding(Record):
    """Something that is doubtful.

    Attributes:
        kind: A short word to count by.
        places: Where the lines stand, for a person: of the source that they were made from.
        numbers: The same as numbers: lines, rows of a sheet, items of a list.
        what: What is wrong; it may quote texts of the data, which are untrusted wherever it is shown.
        fix: What to do about it.
        refused: Whether the provider would refuse the file for it, or train on something else than it says.
        train: Indices of training lines that the fix leaves out.
        validation: Likewise of validation lines.
    """

    kind: Problem
    places: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    what: str
    fix: str
    refused: bool = False
    train: tuple[int, ...] = ()
    validation: tuple[int, ...] = ()


class Tokens(Record):
    """How many tokens a file has.

    Attributes:
        total: Of one pass over it.
        longest: Of its longest example.
        counted_by: The tokenizer, or what stands in for it.
        exact: Whether that is the model's own; else it is an estimate from above. What marks a turn is
            estimated in both.
    """

    total: int
    longest: int
    counted_by: str
    exact: bool
