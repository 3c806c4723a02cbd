"""Pairs for DPO out of the rows of a file: a prompt, a better answer and a worse one.

{"prompt": "Where is my parcel?", "chosen": "On its way: …", "rejected": "I cannot know."}
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.data.columns import require
from harness.data.saying import counted
from harness.data.sources import Rows
from harness.data.turning import Turning
from harness.preparation.asked import Asked
from harness.preparation.gathered import Gathered, no_example
from harness.records import Brief, Message, Query
from harness.trainingfiles import Finding, Pair, preferences
from harness.wording import Wording

COLUMNS = ("prompt", "chosen", "rejected")


def gather_pairs(rows: Rows, asked: Asked) -> Gathered:
    """Pairs of a file's rows; a prompt may be a text or a JSON list of messages.

    Raises:
        DataError: A column is not there.
    """
    names = (asked.prompt or "prompt", asked.chosen or "chosen", asked.rejected or "rejected")
    brief = None
    if asked.instructions is not None:
        brief = Brief(name="rows", instructions=asked.instructions, kind="text")
    findings: list[Finding] = []
    there: dict[str, None] = {}
    lines = list(preferences(_pairs(rows, names, findings, there), brief, Wording(system=asked.system)))
    require([(f"--{option}", name) for option, name in zip(COLUMNS, names, strict=True)], there, rows.name)
    told = f"{rows.name}: {counted(len(lines) + len(findings), 'pair')}; {', '.join(map(repr, names))}."
    return Gathered(lines, None, findings, (told,))


def _pairs(
    rows: Rows, names: tuple[str, str, str], findings: list[Finding], there: dict[str, None]
) -> Iterator[Pair]:
    turning = Turning()
    for row in rows:
        there.update(dict.fromkeys(row.fields))
        place = rows.place(row.number)
        prompt, chosen, rejected = (row.fields.get(name, "") for name in names)
        try:
            turns = _turns(prompt, turning)
            answers = [_answer(cell, turning) for cell in (chosen, rejected)]
        except ValueError as error:
            findings.append(no_example("unreadable", place, str(error)))
            continue
        if not turns or not turns[-1].content.strip():
            findings.append(no_example("empty-prompt", place, "the prompt is empty"))
        elif not all(answer.strip() for answer in answers):
            which = names[1] if not answers[0].strip() else names[2]
            findings.append(no_example("empty-answer", place, f"the answer in {which!r} is empty"))
        else:
            query = Query(id=place, text=turns[-1].content, history=turns[:-1])
            yield Pair(query, answers[0], answers[1], place, row.number)


def _turns(cell: str, turning: Turning) -> tuple[Message, ...]:
    if not _is_messages(cell):
        return (Message(role="user", content=cell),)
    turns = turning.turns(cell)
    if turns and turns[-1].role != "user":
        raise ValueError("the last turn of the prompt is not the user's")
    return turns


def _answer(cell: str, turning: Turning) -> str:
    """An answer: a text, or the last message of a list, which may hold the prompt too."""
    if not _is_messages(cell):
        return cell
    turns = turning.turns(cell)
    if not turns or turns[-1].role != "assistant":
        raise ValueError("the answer does not end with a turn of the assistant")
    return turns[-1].content


def _is_messages(cell: str) -> bool:
    start = cell.lstrip()[:200]
    return start.startswith("[") and '"role"' in start
