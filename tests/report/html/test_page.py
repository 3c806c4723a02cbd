from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from harness import numbers
from harness.comparison import Compared, TaskComparison
from harness.deciding.records import Money
from harness.diagnosing.records import Diagnosis
from harness.report.html.page import MOST_BYTES, html
from harness.report.html.wording import interval, percent, signed

SECTIONS = [
    "recommendation", "strategies", "pareto", "volume", "latency", "curves", "disagree", "mistakes", "declining",
    "slices", "data", "measured",
]  # fmt: skip
Parse = Callable[[str], Any]
Make = Callable[..., Compared]


def task_of(compared: Compared) -> TaskComparison:
    return compared.tasks[0]


def table(page: Any, caption: str) -> Any:
    return next(t for t in page.all("table") if caption in t.all("caption")[0].text)


def rows_of(found: Any) -> dict[str, str]:
    """A table's rows by the name that their first cell ends with."""
    told = {}
    for row in found.all("tbody")[0].all("tr"):
        head = row.all("th")[0]
        name = "".join(c for c in head.children if isinstance(c, str)).strip()
        told[name] = " | ".join(cell.text for cell in row.all("td"))
    return told


def test_every_section_stands_in_its_order_and_is_in_the_contents(compared: Compared, parsed: Parse) -> None:
    page = parsed(html(compared))
    assert [f"t1-{name}" for name in SECTIONS] == [h.attributes["id"] for h in page.all("h3")]
    links = [a.attributes["href"] for a in page.all("nav")[0].all("a")]
    assert ["#t1-task", *(f"#t1-{name}" for name in SECTIONS), "#runs"] == links


def test_headings_go_down_one_step_at_a_time(compared: Compared, parsed: Parse) -> None:
    levels = [int(node.tag[1]) for node in parsed(html(compared)).all() if re.fullmatch(r"h[1-6]", node.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_every_reference_is_there(compared: Compared, parsed: Parse) -> None:
    nodes = parsed(html(compared)).all()
    ids = [node.attributes["id"] for node in nodes if "id" in node.attributes]
    assert len(set(ids)) == len(ids)
    named = [i for n in nodes for i in n.attributes.get("aria-labelledby", "").split()]
    linked = [n.attributes["href"][1:] for n in nodes if n.attributes.get("href", "").startswith("#")]
    assert {*named, *linked} <= {*ids}


def test_every_picture_says_what_it_shows_and_has_its_numbers_behind_it(compared: Compared, parsed: Parse) -> None:
    page = parsed(html(compared))
    charts = page.all("svg", class_="chart")
    assert len(charts) >= 8
    for chart in charts:
        assert chart.attributes["role"] == "img"
        assert chart.all("title")[0].text
        assert chart.all("desc")[0].text
    for figure in page.all("figure", class_="wide"):
        assert figure.all("details", class_="behind")
    hidden = [svg for svg in page.all("svg") if svg not in charts]
    assert all(svg.attributes["aria-hidden"] == "true" for svg in hidden)


def test_every_table_has_a_caption_and_scopes(compared: Compared, parsed: Parse) -> None:
    for each in parsed(html(compared)).all("table"):
        assert each.all("caption")[0].text
        assert all(th.attributes["scope"] == "col" for th in each.all("thead")[0].all("th"))
        assert all(row.all("th", scope="row") for row in each.all("tbody")[0].all("tr"))


def test_the_table_has_every_figure_of_the_records(compared: Compared, parsed: Parse) -> None:
    rows = rows_of(table(parsed(html(compared)), "the best accuracy first"))
    shown = [each for each in task_of(compared).strategies if each.value is not None]
    assert [each.name for each in shown] == list(rows)
    for each in shown:
        assert each.value is not None
        cells = rows[each.name].split(" | ")
        assert numbers.proportion(each.value.value) == cells[0]
        assert f"{numbers.proportion(each.value.low)} to {numbers.proportion(each.value.high)}" == cells[1]
        assert cells[2].startswith(numbers.count(each.n))
        assert each.latency is not None
        assert each.latency.p95 is not None
        assert numbers.seconds(each.latency.p95.high) == cells[4]
        assert numbers.seconds(each.cost.prepare_seconds) == cells[5]
        assert numbers.dollars_per_month(each.cost.per_month) == cells[6]


def test_every_pair_has_its_difference_interval_p_and_verdict(compared: Compared, parsed: Parse) -> None:
    body = table(parsed(html(compared)), "Paired verdicts").all("tbody")[0]
    told = [row.text for row in body.all("tr")]
    assert len(task_of(compared).pairs) == len(told)
    for pair, text in zip(task_of(compared).pairs, told, strict=True):
        assert f"{signed(pair.low)} to {signed(pair.high)}" in text
        assert signed(pair.difference) in text
        assert pair.verdict in text
        assert numbers.count(pair.rows_needed) in text


def test_against_the_recommended_one_the_verdict_is_turned_round(compared: Compared, parsed: Parse) -> None:
    rows = rows_of(table(parsed(html(compared)), "the best accuracy first"))
    pair = task_of(compared).pair("features", "majority")
    assert pair is not None
    assert (pair.a, pair.verdict) == ("features", "better")
    told = f"{signed(-pair.difference)}, p\u00a0<\u00a00.001"
    assert f"✗ outside limitsworse, {told}" == rows["majority"].split(" | ")[-1]


def test_the_recommendation_comes_first_with_how_sure_it_is(compared: Compared, parsed: Parse) -> None:
    found = task_of(compared).recommendation
    said = parsed(html(compared)).all("div", class_="verdict")[0].text
    assert "Recommended: features" in said
    assert found.sentence in said
    assert found.sure is not None
    assert f"in {percent(found.sure.value)} of 1,000 resamples" in said


def test_diagnosis_figures_carry_interval_and_n(compared: Compared, parsed: Parse) -> None:
    text = parsed(html(compared)).text
    found = task_of(compared).diagnosis
    assert interval(found.calibration[0].ece) in text
    for each in found.slices:
        assert f"{numbers.proportion(each.figure.low)} to {numbers.proportion(each.figure.high)}" in text
    assert "+0.140+0.040 to +0.240, n = 200" in text
    risk = found.selective[0].risk
    assert risk is not None
    assert f"{numbers.proportion(risk.low)} to {numbers.proportion(risk.high)}, n = 200" in text


def test_what_is_not_there_says_so_in_one_line(make_compared: Make, parsed: Parse) -> None:
    text = parsed(html(make_compared(diagnosis=Diagnosis()))).text
    for words in ("Learning curves: not measured", "Calibration: none here", "Slices: none", "Robustness: not"):
        assert words in text
    assert "When not to answer" not in text


def test_a_task_without_any_result_is_a_page_too(make_compared: Make, parsed: Parse) -> None:
    full = make_compared()
    bare = task_of(full).recommendation.model_copy(
        update={"outcome": "nothing to compare", "strategy": None, "sentence": "Nothing.", "runner_up": None,
                "limits": (), "lines": (), "break_evens": (), "money": (), "picked": {}, "pareto": ()}
    )  # fmt: skip
    failed = tuple(each for each in task_of(full).strategies if each.value is None)
    made = make_compared(strategies=failed, pairs=(), optimism=None, recommendation=bare, diagnosis=Diagnosis())
    text = parsed(html(made)).text
    assert "Nothing to compare" in text
    assert "hosted: failed" in text


def test_foreign_words_are_escaped_everywhere(compared: Compared, made: SimpleNamespace, parsed: Parse) -> None:
    page = html(compared)
    assert "<script>alert" not in page
    assert "<img" not in page
    tree = parsed(page)
    assert 1 == len(tree.all("script"))
    assert made.script in tree.text
    assert "\u202e" not in page
    assert all(not name.startswith("on") for node in tree.all() for name in node.attributes)


def test_the_page_loads_nothing_and_its_policy_names_its_own_style_and_script(
    compared: Compared, parsed: Parse
) -> None:
    page = html(compared)
    tree = parsed(page)
    policy = next(
        m.attributes["content"] for m in tree.all("meta") if "Security" in m.attributes.get("http-equiv", "")
    )
    assert "default-src 'none'" in policy
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert 1 == len(inside)
        sha = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
        assert f"{rule} 'sha256-{sha}'" in policy
    assert not re.search(r"https?://|url\(|@import", page)
    assert not any({"src", "style", "srcset"} & set(node.attributes) for node in tree.all())


def test_without_texts_no_text_prompt_warning_row_or_value_is_in_it_but_labels_are(
    compared: Compared, made: SimpleNamespace, parsed: Parse
) -> None:
    text = parsed(html(compared, texts=False)).text
    for foreign in ("onerror", "cabin", "kind?", "feel", "Twice", "airline=A", "airline = A"):
        assert foreign not in text, foreign
    assert not re.search(r"\b[tvr]\d+\b", text)
    assert f"{made.labels[0]} answered as {made.labels[2].partition(' ')[0]}" in text
    assert "warning left out" in text
    assert "airline = group 1" in text


def test_with_texts_they_are_there(compared: Compared, parsed: Parse) -> None:
    text = parsed(html(compared)).text
    for foreign in (
        "the cabin was great",
        "Is this tweet kind?",
        "Say what you feel",
        "3 texts were cut",
        "Twice",
    ):
        assert foreign in text, foreign


def test_rows_on_which_strategies_disagree_show_each_answer_and_who_gave_it(
    compared: Compared, parsed: Parse
) -> None:
    evidence = compared.evidence["tweets"]
    rows = parsed(html(compared)).all("li", class_="example")
    assert rows
    for row in rows[:20]:
        query_id = row.all("p", class_="id")[0].text
        for given in row.all("ul", class_="given")[0].all("li"):
            for who in given.all("p", class_="who")[0].all("span"):
                name = who.text.removeprefix("★ ").split(" ")[0]
                answer = evidence.contender(name).trials[0].answers[query_id]
                right = answer.answers == evidence.targets[query_id]
                assert ("right" if right else "failed" if answer.answers is None else "wrong") in (
                    given.attributes["class"].split()
                )


@pytest.mark.parametrize("texts", [True, False])
def test_five_thousand_long_rows_stay_under_the_limit(make_compared: Make, parsed: Parse, texts: bool) -> None:
    page = html(make_compared(5000, long=1500), texts=texts)
    assert len(page.encode()) < MOST_BYTES
    tree = parsed(page)
    # Their escaped texts are five times as long: not all 200 fit.
    assert 100 < len(tree.all("li", class_="example")) < (200 if texts else 201)
    assert "most telling are here" in tree.text
    assert ("Texts are cut at 2,000 characters" in tree.text) is texts


def test_the_verdict_names_the_runner_up_and_its_badge_says_no_more_than_the_sentence(
    compared: Compared, parsed: Parse
) -> None:
    text = parsed(html(compared)).text
    assert "Runner-up: lora, accuracy 0.863: its figure is lower." in text
    (task,) = compared.tasks
    tied = task.recommendation.model_copy(update={"outcome": "tied"})
    text = parsed(html(replace(compared, tasks=(task.model_copy(update={"recommendation": tied}),)))).text
    assert "Recommended of those that are tied: features" in text
    assert "take the cheapest" not in text


def test_money_in_the_verdict_says_for_what_traffic_and_errors(compared: Compared, parsed: Parse) -> None:
    (task,) = compared.tasks
    money = (Money(strategy="features", serve=0.12, errors=20_666.0, total=20_666.12),)
    update = {"recommendation": task.recommendation.model_copy(update={"money": money})}
    text = parsed(html(replace(compared, tasks=(task.model_copy(update=update),)))).text
    assert "$20,666.12" in text
    assert "answers a month, wrong answers $20,666.00 of it" in text
    assert "from 300 answers" not in text


def test_captions_name_only_what_is_drawn(compared: Compared, parsed: Parse) -> None:
    assert "Rings: the traffic" in parsed(html(compared)).text
    (task,) = compared.tasks
    update = {"recommendation": task.recommendation.model_copy(update={"break_evens": ()})}
    text = parsed(html(replace(compared, tasks=(task.model_copy(update=update),)))).text
    assert "Rings: the traffic" not in text
    assert "Upright lines are 95 % intervals" in text
    assert "Crosses are 95 % intervals" in text
