"""What `--no-text` leaves out, the same for every format.

Left out: texts, prompts, instructions, parameters and answers; values of metadata and words of a counterfactual
(they are numbered); ids of rows (numbered too: they may be ticket numbers, or hashes that tell who is in the
data); reasons of failures and warnings, which may quote a row.
Stays: figures, names of tasks, strategies and columns, and the labels of the task, which are its definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from harness import numbers
from harness.comparing.records import StrategyFigures
from harness.comparison import Compared, TaskComparison
from harness.diagnosing.records import Diagnosis, ErrorGroup, Gap
from harness.drift.records import without_texts
from harness.records import RunHeader
from harness.running.rows import Row

LEFT_OUT = "left out: it may quote a text"
# Groups that we name, not the data.
_LENGTHS = re.compile(r"[\d,]+( to [\d,]+)? characters|of (this strategy|any strategy|none)")
_KIND = re.compile(r"[a-z][a-z0-9-]{0,30}")
_CHOICE = re.compile(r"[\w.+-]+(\[[\w.+-]+=[\w.+-]+(, ?[\w.+-]+=[\w.+-]+)*\])?")


def silent(compared: Compared) -> Compared:
    """The same figures without what tells of single rows. The evidence, which has the texts, stays as it is."""
    return replace(
        compared,
        runs=tuple(_run(each) for each in compared.runs),
        tasks=tuple(_task(compared, each) for each in compared.tasks),
        canaries={run: without_texts(each) for run, each in compared.canaries.items()},
    )


def row(found: Row) -> Row:
    """One trial's figures."""
    return found.model_copy(
        update={
            "warnings": warnings(found.warnings),
            "problem": None if found.problem is None else LEFT_OUT,
            "chosen": None if found.chosen is None else _chosen(found.chosen),
            "failures": _kinds(found.failures),
        }
    )


def warnings(found: tuple[str, ...]) -> tuple[str, ...]:
    """How many there are."""
    if not found:
        return ()
    return (f"{numbers.plural(len(found), 'warning')} left out: a warning may quote a text.",)


def rows(ids: Iterable[str]) -> tuple[str, ...]:
    """As many, by number."""
    return tuple(f"row {i}" for i, _ in enumerate(ids, start=1))


def _run(header: RunHeader) -> RunHeader:
    data = {
        name: each.model_copy(update={"warnings": warnings(each.warnings)}) for name, each in header.data.items()
    }
    return header.model_copy(update={"data": data})


def _task(compared: Compared, task: TaskComparison) -> TaskComparison:
    pairing = task.pairing.model_copy(
        update={
            "unpaired": {run: rows(ids) for run, ids in task.pairing.unpaired.items()},
            "relabelled": rows(task.pairing.relabelled),
            "changed": rows(task.pairing.changed),
        }
    )
    evidence = compared.evidence.get(task.task)
    columns = {name for each in evidence.test for name in each.query.metadata} if evidence is not None else set()
    return task.model_copy(
        update={
            "strategies": tuple(_strategy(each) for each in task.strategies),
            "pairing": pairing,
            "diagnosis": _diagnosis(task.diagnosis, columns),
        }
    )


def _strategy(found: StrategyFigures) -> StrategyFigures:
    return found.model_copy(
        update={
            "warnings": warnings(found.warnings),
            "problem": None if found.problem is None else LEFT_OUT,
            "chosen": tuple(_chosen(each) for each in found.chosen),
            "failures": _kinds(found.failures),
        }
    )


def _chosen(what: str) -> str:
    """A candidate's name; its parameters may be prompts."""
    return what if _CHOICE.fullmatch(what) else "left out: it may quote a prompt"


def kind(what: str) -> str:
    """A failure's kind; a strategy's own may say anything."""
    return what if _KIND.fullmatch(what) else "another kind"


def _kinds(found: Mapping[str, int]) -> dict[str, int]:
    told: dict[str, int] = {}
    for name, n in found.items():
        told[kind(name)] = told.get(kind(name), 0) + n
    return told


def _diagnosis(found: Diagnosis, columns: set[str]) -> Diagnosis:
    groups = _Groups()
    slices = tuple(s.model_copy(update={"value": groups.name(s.column, s.value)}) for s in found.slices)
    forms: dict[str, str] = {"": ""}
    flips = tuple(
        each.model_copy(update={"variant": forms.setdefault(each.variant, f"form {len(forms)}")})
        for each in found.flips
    )
    ids: dict[str, str] = {}
    suspects = tuple(
        each.model_copy(update={"query_id": ids.setdefault(each.query_id, f"row {len(ids) + 1}")})
        for each in found.suspects
    )
    data = found.data
    return found.model_copy(
        update={
            "data": data.model_copy(update={"warnings": warnings(data.warnings)}) if data is not None else None,
            "suspects": suspects,
            "errors": tuple(_errors(each, groups, columns) for each in found.errors),
            "slices": slices,
            "gaps": tuple(_gap(each, groups) for each in found.gaps),
            "flips": flips,
        }
    )


class _Groups:
    """Values of metadata columns, numbered as they come."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    def name(self, column: str, value: str) -> str:
        if _LENGTHS.fullmatch(value):
            return value
        number = sum(c == column for c, _ in self._known) + 1
        return self._known.setdefault((column, value), f"group {number}")


def _errors(found: ErrorGroup, groups: _Groups, columns: set[str]) -> ErrorGroup:
    longest = sorted(columns, key=len, reverse=True)
    column = next((name for name in longest if found.what.startswith(f"{name}=")), None)
    what = found.what
    if column is not None:
        what = f"{column}={groups.name(column, what.removeprefix(f'{column}='))}"
    return found.model_copy(update={"what": what, "examples": ()})


def _gap(found: Gap, groups: _Groups) -> Gap:
    best, worst = groups.name(found.column, found.best), groups.name(found.column, found.worst)
    words = (
        f"worst on {found.column}={worst}, {numbers.proportion(found.difference.value)} below the best, {best};"
        f" p {numbers.p_value(found.p_value)}"
    )
    return found.model_copy(update={"best": best, "worst": worst, "words": words})
