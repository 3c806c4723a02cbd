"""What a gate leaves behind for a CI server: JUnit XML, and Markdown for a job's summary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.comparison import Compared
    from harness.gating.records import Gate, Outcome
    from harness.report.junit import Result

SIGNS = {"passed": "✅", "failed": "❌", "inconclusive": "❔", "incomplete": "⏳", "budget": "⏳"}


def write_junit(found: Gate, compared: Compared, path: Path) -> None:
    """One suite a task, one case a check; what is inconclusive did not pass, and is a failure that says so."""
    from harness import journal
    from harness.report.junit import Case, Suite, xml

    header = compared.runs[0]
    suites = []
    for task in dict.fromkeys(check.task for check in found.checks):
        cases = [
            Case(
                name=f"{check.strategy}: {check.asked}" if check.strategy else check.asked,
                result=_result(check.outcome),
                message=f"{check.outcome}: {check.words}",
            )
            for check in found.checks
            if check.task == task
        ]
        rules = {f"rule {number}": rule for number, rule in enumerate(found.rules, start=1)}
        properties = {"run": found.run, "baseline": found.baseline or "", "outcome": found.outcome} | rules
        stamp = header.started.strftime("%Y-%m-%dT%H:%M:%S")
        suites.append(Suite(task, f"{header.name}.gate", stamp, cases, properties))
    journal.replace(path, xml(suites), shared=True)


def append_markdown(found: Gate, compared: Compared, path: Path) -> None:
    """Adds to what stands there: the checks, the rules, and the comparison folded away; no text of a row.

    Raises:
        StoreError: The file cannot be written.
    """
    from harness import journal

    try:
        with path.open("a", encoding="utf-8") as out:
            out.write(gate_markdown(found, compared))
    except OSError as error:
        raise journal.cannot_write(path, error) from error


def gate_markdown(found: Gate, compared: Compared) -> str:
    from harness.report.markdown import escape, folded, markdown, table

    against = f" against {escape(found.baseline)}" if found.baseline else ""
    lines = [f"## {SIGNS[found.outcome]} Gate: {_said(found)}", "", f"{escape(found.run)}{against}", ""]
    rows = [
        [
            f"{SIGNS[check.outcome]} {check.outcome}",
            escape(check.task),
            escape(check.strategy),
            escape(check.asked),
            escape(check.words),
        ]
        for check in found.checks
    ]
    lines += [*table(["", "task", "strategy", "asked", "found"], rows), ""]
    lines += folded("The rules", [f"- {escape(told)}" for told in (*found.rules, *found.notes)])
    lines += folded("The comparison", [markdown(compared, texts=False)])
    return "\n".join(lines) + "\n"


def _said(found: Gate) -> str:
    from harness.cli.gate import said

    return said(found)


def _result(outcome: Outcome) -> Result:
    if outcome == "passed":
        return "passed"
    return "error" if outcome in ("incomplete", "budget") else "failure"
