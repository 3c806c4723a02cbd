"""The comparison as JUnit XML."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree.ElementTree import Element, fromstring

from harness.comparing.records import Cost, Estimate, Pairing, StrategyFigures
from harness.comparison import Compared, TaskComparison
from harness.deciding.records import LimitCheck, Recommendation
from harness.records import Hardware, RunHeader
from harness.report.junit import Case, Suite, junit, xml


def strategy(name: str, value: float | None, **more: object) -> StrategyFigures:
    found = None if value is None else Estimate(value=value, low=value - 0.03, high=value + 0.03, n=300)
    return StrategyFigures.model_validate(
        {"name": name, "strategy": name, "run": "r", "use": name, "status": "finished", "metric": "accuracy"}
        | {"value": found, "n": 300}
        | more
    )


def limit(strategy: str, met: bool | None) -> LimitCheck:
    return LimitCheck(
        strategy=strategy,
        figure="accuracy",
        bound="minimum",
        limit=0.85,
        judged=0.8,
        value=0.9,
        met=met,
        words="accuracy at least 0.85: 0.8 at the lower end",
    )


def compared(*strategies: StrategyFigures, limits: tuple[LimitCheck, ...] = ()) -> Compared:
    task = TaskComparison(
        task="tweets",
        kind="label",
        metric="accuracy",
        rows={"test": 300},
        strategies=strategies,
        pairing=Pairing(rows=300),
        recommendation=Recommendation(
            task="tweets", outcome="recommended", strategy="features", sentence="Use features.", limits=limits
        ),
    )
    header = RunHeader(
        id="r",
        name="sentiment",
        suite_path="s.yaml",
        suite_folder=".",
        started=datetime(2026, 1, 1, 9, 15, tzinfo=UTC),
        versions={},
        hardware=Hardware(cores=2, cpu="c", memory_gib=1, platform="p"),
        seeds=(0,),
    )
    return Compared(runs=(header,), complete=True, tasks=(task,), evidence={})


def cases(root: Element) -> dict[str, str]:
    """Name of each case to what came of it."""
    found = {}
    for case in root.iter("testcase"):
        assert len(case) <= 1
        found[case.attrib["name"]] = case[0].tag if len(case) else "passed"
    return found


def test_each_strategy_and_each_limit_is_a_case() -> None:
    strategies = (
        strategy("features", 0.917),
        strategy("knn", 0.86),
        strategy("lora", None, status="failed", problem="out of memory"),
        strategy("rouge", None, status="not-applicable"),
        strategy("empty", None),
    )
    limits = (limit("features", True), limit("knn", False), limit("lora", None))
    root = fromstring(junit(compared(*strategies, limits=limits)))
    assert {
        "features": "passed",
        "features: accuracy at least 0.85": "passed",
        "knn": "passed",
        "knn: accuracy at least 0.85": "failure",
        "lora": "error",
        "rouge": "skipped",
        "empty": "error",
    } == cases(root)
    assert "failed: out of memory" == root.findall(".//error")[0].attrib["message"]


def test_a_limit_on_what_is_not_known_is_not_met() -> None:
    root = fromstring(junit(compared(strategy("features", 0.917), limits=(limit("features", None),))))
    assert "failure" == cases(root)["features: accuracy at least 0.85"]


def test_it_has_the_elements_and_counts_that_servers_expect() -> None:
    failed = strategy("lora", None, status="failed", cost=Cost(prepare_seconds=1.5))
    root = fromstring(junit(compared(strategy("features", 0.917), failed, limits=(limit("features", False),))))
    assert "testsuites" == root.tag
    [suite] = root
    assert {
        "name": "tweets",
        "package": "sentiment",
        "id": "0",
        "timestamp": "2026-01-01T09:15:00",
        "hostname": "localhost",
        "tests": "3",
        "failures": "1",
        "errors": "1",
        "skipped": "0",
        "time": "1.500",
    } == suite.attrib
    assert ["properties", *["testcase"] * 3, "system-out", "system-err"] == [child.tag for child in suite]
    assert all({"name", "classname", "time"} == set(case.attrib) for case in suite.iter("testcase"))
    assert all({"message", "type"} == set(each.attrib) for each in suite.findall(".//failure"))
    properties = {each.attrib["name"]: each.attrib["value"] for each in suite.iter("property")}
    assert ("0.917", "0.887", "300") == tuple(properties[f"features.{x}"] for x in ("accuracy", "low", "n"))


def test_foreign_text_is_escaped_and_what_xml_forbids_is_replaced() -> None:
    bad = '<a & b>\x00\x1b[31m\ud800\ufffe"'
    text = xml([Suite(bad, bad, "2026-01-01T09:15:00", [Case(bad, "failure", bad)], {bad: bad})])
    root = fromstring(text.encode())
    assert '<a & b>\ufffd\ufffd[31m\ufffd\ufffd"' == root[0].attrib["name"]
    assert root.findall(".//failure")[0].text == root[0].attrib["name"]


def test_without_texts_no_message_that_may_quote_a_row_is_in_it() -> None:
    failed = strategy("lora", None, status="failed", problem="no label in 'my secret'")
    assert "my secret" in junit(compared(failed))
    assert "my secret" not in junit(compared(failed), texts=False)
