"""What every strategy here needs before it starts."""

from __future__ import annotations

from collections.abc import Sequence

from harness import Context, DataError, Example


def labelled_rows(name: str, train: Sequence[Example]) -> None:
    """Refuses an empty train split.

    Raises:
        DataError: There is nothing to learn from.
    """
    if not train:
        raise DataError(
            f"{name!r} learns from labelled rows and the train split has none; "
            "give it some with `data.splits.train`, or leave this strategy out"
        )


def say_never(context: Context, name: str, never: Sequence[str]) -> None:
    """Warns of labels that cannot be answered."""
    if never:
        quoted = ", ".join(map(repr, never))
        context.warn(f"{name} never answers {quoted}: no training row has it")
