"""The comparison as a pull request's comment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from harness.comparing.records import Cost, Estimate, Latency, Pair, Pairing, StrategyFigures
from harness.comparison import Compared, TaskComparison
from harness.deciding.records import Change, LimitCheck, Recommendation
from harness.records import Hardware, RunHeader
from harness.report.markdown import escape, markdown

AT = datetime(2026, 1, 1, 9, 15, tzinfo=UTC)


def strategy(name: str, value: float | None, **more: object) -> StrategyFigures:
    found = None if value is None else Estimate(value=value, low=value - 0.03, high=value + 0.03, n=300)
    return StrategyFigures.model_validate(
        {"name": name, "strategy": name, "run": "r", "use": name, "status": "finished", "metric": "macro_f1"}
        | {"value": found, "n": 300}
        | more
    )


def pair(a: str, b: str, difference: float, verdict: str, **more: object) -> Pair:
    return Pair.model_validate(
        {"task": "tweets", "metric": "macro_f1", "a": a, "b": b, "n": 300, "difference": difference}
        | {"low": difference - 0.03, "high": difference + 0.03, "p_raw": 0.2, "p_value": 0.25, "p_tied": 0.5}
        | {"margin": 0.02, "verdict": verdict, "test": "McNemar"}
        | more
    )


def compared(*strategies: StrategyFigures, complete: bool = True, **more: object) -> Compared:
    recommendation = Recommendation(
        task="tweets",
        outcome="recommended",
        strategy="features",
        sentence="Use features: macro_f1 0.917.",
        reasons=("Better than all others here.",),
        changes=(Change(what="minimum macro_f1", to=None, words="With macro_f1 at least 0.95 none would do."),),
        not_measured=("Training variance: one seed.",),
    )
    task = TaskComparison.model_validate(
        {"task": "tweets", "kind": "label", "metric": "macro_f1", "rows": {"test": 300, "train": 400}}
        | {"strategies": strategies, "pairing": Pairing(rows=300), "recommendation": recommendation}
        | more
    )
    header = RunHeader(
        id="2026-01-01-0915-sentiment",
        name="sentiment",
        suite_path="s.yaml",
        suite_folder=".",
        started=AT,
        versions={"harness": "0.1.0"},
        hardware=Hardware(cores=2, cpu="c", memory_gib=1, platform="p"),
        seeds=(0,),
    )
    return Compared(runs=(header,), complete=complete, tasks=(task,), evidence={})


LATENCY = Latency(
    timed=100,
    machine="2 cores; a CPU",
    p50=Estimate(value=0.011, low=0.01, high=0.012, n=100),
    p95=Estimate(value=0.015, low=0.014, high=0.019, n=100),
)
FEATURES = strategy("features", 0.917, latency=LATENCY, cost=Cost(prepare_seconds=4.0, per_month=0.4))


def test_it_opens_with_what_to_use() -> None:
    lines = markdown(compared(FEATURES)).splitlines()
    assert ["### sentiment / tweets", "", r"**Use features: macro\_f1 0.917.**"] == lines[:3]


def test_the_table_has_intervals_and_n_and_marks_the_recommended() -> None:
    told = markdown(compared(FEATURES, strategy("lora", 0.893)))
    assert "| ★ | **features** | 0.917 (0.887 to 0.947) | 300 | 11 ms | 19 ms | 4 s | &lt;1 |" in told
    assert "|  | lora | 0.893 (0.863 to 0.923) | 300 | - | - | - | ? |" in told


def test_every_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    strategies = (FEATURES, strategy("lo|ra", 0.893), strategy("broken", None, status="failed"))
    pairs = (pair("features", "lo|ra", 0.024, "too few to tell", rows_needed=1760),)
    told = markdown(compared(*strategies, pairs=pairs)).replace(r"\|", "")
    tables = [line.count("|") for line in told.splitlines() if line.startswith("|")]
    assert [9] * 5 + [7] * 3 == tables


def test_verdicts_are_on_the_recommended_one_whichever_way_the_pair_is_kept() -> None:
    pairs = (
        pair("features", "knn", 0.06, "better"),
        pair("lora", "features", 0.05, "better"),
        pair("features", "tf-idf", 0.024, "too few to tell", rows_needed=1760),
        pair("knn", "tf-idf", 0.024, "tied"),
    )
    told = markdown(compared(FEATURES, pairs=pairs))
    assert "| knn | +0.060 (+0.030 to +0.090) | better | 0.25 | McNemar | 300 |" in told
    assert "| lora | -0.050 (-0.080 to -0.020) | worse | 0.25 | McNemar | 300 |" in told
    assert "too few to tell: about 1,760 rows would settle 0.02" in told
    assert "Holm over 4 pairs" in told
    assert "| tied |" not in told


def test_what_is_folded_is_closed_again_with_a_blank_line_before_its_markdown() -> None:
    told = markdown(compared(FEATURES, pairs=(pair("features", "knn", 0.06, "better"),)))
    assert 3 == told.count("<details>\n<summary>") == told.count("\n</details>\n")
    assert 3 == told.count("</summary>\n\n")


def test_a_run_that_did_not_end_says_so_first() -> None:
    assert markdown(compared(FEATURES, complete=False)).startswith("> **Not every trial has ended")


def test_without_texts_no_message_that_may_quote_a_row_is_in_it() -> None:
    failed = strategy("lora", None, status="failed", problem="no label in 'my secret'", warnings=("my secret",))
    assert 2 == markdown(compared(FEATURES, failed)).count("my secret")
    told = markdown(compared(FEATURES, failed), texts=False)
    assert "my secret" not in told
    assert "- lora: failed: left out: it may quote a text\n" in told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", r"&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a | b", r"a \| b"),
        ("`code` *b* _i_ ~~s~~", r"\`code\` \*b\* \_i\_ \~\~s\~\~"),
        ("[x](y) ![z]", r"\[x\](y) !\[z\]"),
        ("$5 and $6", r"\$5 and \$6"),
        ("back\\slash", r"back\\slash"),
        ("two\n\n# lines", "two # lines"),
        ("@everyone fix #12", "@\u200beveryone fix #\u200b12"),
        ("GH-12 by a@b.c", "GH\u200b-12 by a@\u200bb.c"),
        ("https://evil.test www.evil.test", "https:\u200b//evil.test www\u200b.evil.test"),
        ("R&D &lt;", "R&amp;D &amp;lt;"),
        ("\x1b[31mred\u202e", "\\\\x1b\\[31mred\\\\u202e"),
    ],
)
def test_foreign_text_makes_no_markup_and_pings_nobody(text: str, shown: str) -> None:
    assert shown == escape(text)


def test_foreign_names_are_escaped_everywhere() -> None:
    bad = "<b>@you|`"
    figures = strategy(bad, 0.9, problem=bad, warnings=(bad,), failures={bad: 1}, failed=1, chosen=(bad,))
    told = markdown(compared(FEATURES, figures, pairs=(pair("features", bad, 0.02, "tied"),)))
    assert "<b>" not in told
    assert "@you" not in told
    assert 10 == told.count("&lt;b&gt;@\u200byou\\|\\`")


def test_the_runner_up_and_what_the_limits_exclude_are_told() -> None:
    told = compared(FEATURES, strategy("knn", 0.7))
    (task,) = told.tasks
    limit = {"figure": "accuracy", "bound": "minimum", "limit": 0.8, "judged": 0.7, "value": 0.7}
    check = LimitCheck.model_validate({"strategy": "knn", "met": False, "words": "", **limit})
    found = task.recommendation.model_copy(update={"second": "Runner-up: none.", "limits": (check,)})
    text = markdown(replace(told, tasks=(task.model_copy(update={"recommendation": found}),)))
    assert "\nRunner-up: none.\n" in text
    assert "| ✗ | knn |" in text
    assert "✗ not shown to be within your limits" in text
