"""A comparison as JUnit XML, so that a CI server shows it beside the tests.

<testsuite name="sentiment/tweets" tests="4" failures="1" errors="0" skipped="1">
  <testcase name="features" classname="sentiment.tweets"/>
  <testcase name="features: accuracy at least 0.85" classname="sentiment.tweets"/>
  <testcase name="knn: accuracy at least 0.85"><failure message="0.812 at the lower end, not met"/></testcase>
  <testcase name="lora"><skipped message="not applicable"/></testcase>

The elements and their order satisfy the schemas that CI servers use (Jenkins' and Ant's).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from harness.comparing.records import StrategyFigures
from harness.comparison import Compared, TaskComparison
from harness.report.silent import silent

Result = Literal["passed", "failure", "error", "skipped"]
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Case(NamedTuple):
    """One test case.

    Attributes:
        name: What was tested.
        result: What came of it.
        message: Why, where it did not pass.
        seconds: How long it took; 0 where that says nothing.
    """

    name: str
    result: Result = "passed"
    message: str = ""
    seconds: float = 0.0


class Suite(NamedTuple):
    """One test suite.

    Attributes:
        name: Such as the task.
        package: What it belongs to, such as the harness suite.
        timestamp: When, as ISO 8601 without a zone.
        cases: In order.
        properties: Figures and what they were taken on.
    """

    name: str
    package: str
    timestamp: str
    cases: Sequence[Case]
    properties: Mapping[str, str] = {}


def junit(compared: Compared, *, texts: bool = True) -> str:
    """One suite a task; one case a strategy, and one for each limit that it is held to.

    A limit that is not met is a failure, a trial without a result an error, a strategy that does not serve the
    task's kind is skipped.

    Args:
        compared: What was found.
        texts: Whether messages may stand in it that quote rows or model answers: why a trial failed;
            `harness.report.silent` says what is left out without.
    """
    compared = compared if texts else silent(compared)
    return xml([_suite(compared, task) for task in compared.tasks])


def xml(suites: Sequence[Suite]) -> str:
    """The document."""
    root = Element("testsuites")
    for number, suite in enumerate(suites):
        where = {
            "name": _legal(suite.name),
            "package": _legal(suite.package),
            "id": str(number),
            "timestamp": suite.timestamp,
            "hostname": "localhost",
        }
        skipped = {"skipped": str(sum(case.result == "skipped" for case in suite.cases))}
        element = SubElement(root, "testsuite", where | _totals(suite.cases) | skipped)
        properties = SubElement(element, "properties")
        for name, value in suite.properties.items():
            SubElement(properties, "property", name=_legal(name), value=_legal(value))
        for case in suite.cases:
            _case(element, case, f"{suite.package}.{suite.name}")
        SubElement(element, "system-out")
        SubElement(element, "system-err")
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(compared: Compared, task: TaskComparison) -> Suite:
    run = compared.runs[-1]
    properties = {"run": run.id, "metric": task.metric, "recommendation": task.recommendation.sentence}
    for figures in task.strategies:
        properties |= _figures(figures)
    return Suite(
        name=task.task,
        package=run.name,
        timestamp=run.started.strftime("%Y-%m-%dT%H:%M:%S"),
        cases=[*_cases(task), *_missing(compared, task)],
        properties=properties,
    )


def _cases(task: TaskComparison) -> Iterator[Case]:
    for figures in task.strategies:
        yield _strategy(figures)
        if figures.value is None:
            continue
        for check in task.recommendation.limits:
            if check.strategy == figures.name:
                result: Result = "passed" if check.met else "failure"
                bound = "at least" if check.bound == "minimum" else "at most"
                what = check.figure if check.figure == "privacy" else f"{check.figure} {bound} {check.limit:g}"
                yield Case(f"{figures.name}: {what}", result, check.words)


def _missing(compared: Compared, task: TaskComparison) -> Iterator[Case]:
    """Trials without a whole record; of what failed or was stopped the strategy's own case tells."""
    for gap in compared.gaps:
        if gap.key.task == task.task and gap.what in ("missing", "rows"):
            yield Case(str(gap.key), "error", gap.words)


def _strategy(figures: StrategyFigures) -> Case:
    seconds = figures.cost.prepare_seconds or 0.0
    if figures.status == "not-applicable":
        return Case(figures.name, "skipped", "not applicable to a task of this kind")
    if figures.status != "finished" or figures.value is None:
        why = f": {figures.problem}" if figures.problem else ""
        return Case(figures.name, "error", f"{figures.status}{why}", seconds)
    return Case(figures.name, seconds=seconds)


def _figures(figures: StrategyFigures) -> dict[str, str]:
    """Value, ends and n of the metric."""
    value = figures.value
    if value is None:
        return {}
    ends = {"low": value.low, "high": value.high}
    told = {f"{figures.name}.{figures.metric}": f"{value.value:.6g}", f"{figures.name}.n": str(value.n)}
    return told | {f"{figures.name}.{end}": f"{x:.6g}" for end, x in ends.items() if x is not None}


def _case(suite: Element, case: Case, classname: str) -> None:
    element = SubElement(
        suite, "testcase", name=_legal(case.name), classname=_legal(classname), time=f"{case.seconds:.3f}"
    )
    if case.result == "passed":
        return
    message = _legal(case.message)
    attributes = {"message": message}
    if case.result != "skipped":
        attributes["type"] = "limit" if case.result == "failure" else "trial"
    told = SubElement(element, case.result, attributes)
    if case.result != "skipped":
        told.text = message


def _totals(cases: Sequence[Case]) -> dict[str, str]:
    return {
        "tests": str(len(cases)),
        "failures": str(sum(case.result == "failure" for case in cases)),
        "errors": str(sum(case.result == "error" for case in cases)),
        "time": f"{sum(case.seconds for case in cases):.3f}",
    }


def _legal(text: str) -> str:
    """Without the characters that no XML document may have, not even escaped."""
    return _ILLEGAL.sub("\ufffd", text)
