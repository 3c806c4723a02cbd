"""Whatever a file holds: conversations, rows with a text and an answer, or pairs."""

from __future__ import annotations

from collections.abc import Sequence

from harness.errors import SuiteError
from harness.preparation.asked import Asked
from harness.preparation.chat import gather_lines, gather_rows, holds_chat, is_chat_table
from harness.preparation.gathered import Gathered
from harness.preparation.pairs import COLUMNS, gather_pairs
from harness.preparation.table_rows import gather_table, rows_of
from harness.starting.table import Given, read_table


def gather(path: str, given: Given, asked: Asked) -> Gathered:
    """Examples of a file.

    Raises:
        DataError: It cannot be read, or has no such column.
        SuiteError: What is asked does not fit what the file holds.
    """
    if not asked.of_rows and holds_chat(path, whole=bool(asked.of_columns)):
        return _chat(gather_lines(path, given.encoding or "utf-8"), path, asked)
    table = read_table(path, given)
    if not asked.of_columns and is_chat_table(table):
        return _chat(gather_rows(rows_of(table)), path, asked)
    if asked.pairs or (asked.method is None and not asked.of_rows and set(COLUMNS) <= set(table.columns)):
        _refuse(path, asked.method == "supervised", ["--method supervised"], "pairs are for --method dpo")
        not_here = [f"--{name}" for name in ("text", "target", "kind", "labels") if getattr(asked, name)]
        _refuse(path, bool(not_here), not_here, "pairs have --prompt, --chosen and --rejected instead")
        return gather_pairs(rows_of(table), asked)
    return gather_table(table, asked)


def _chat(gathered: Gathered, path: str, asked: Asked) -> Gathered:
    why = "its examples are conversations already and are taken as they are"
    _refuse(path, bool(asked.of_columns), asked.of_columns, why)
    others = [line for line in gathered.train if asked.method not in (None, line.method)]
    if others:
        raise SuiteError(f"{others[0].place} is for {others[0].method}, and --method says {asked.method!r}")
    return gathered


def _refuse(path: str, wrong: bool, options: Sequence[str], why: str) -> None:
    if wrong:
        raise SuiteError(f"{path!r} takes no {', '.join(options)}: {why}")
