"""The table of the terminal: 80 columns, plain when piped, foreign text shown as text."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from harness.comparing.evidence import TaskEvidence
from harness.comparing.records import Estimate
from harness.comparison import Compared, _task
from harness.deciding.limits import known_figures
from harness.diagnosing.records import Cascade
from harness.records import Hardware, RunHeader, Usage
from harness.report.terminal import table
from harness.suite import Decide, PriceBook
from tests.diagnosing.conftest import EvidenceMaker, Facts, Uses, make_evidence

__all__ = ["make_evidence"]

Make = Callable[..., EvidenceMaker]
PRICES = PriceBook(device_hours={"this": 3.6})


def compared(evidence: TaskEvidence) -> Compared:
    run = RunHeader(
        id="run",
        name="suite",
        suite_path="suite.yaml",
        suite_folder=".",
        started=datetime(2026, 1, 1, tzinfo=UTC),
        versions={},
        hardware=Hardware(cores=2, cpu="made", memory_gib=1.0, platform="made"),
        seeds=evidence.seeds,
    )
    known = known_figures(evidence.scorer, tuple(evidence.brief.labels))
    return Compared((run,), True, (_task(evidence, known),), {"made": evidence})


def shown(made: EvidenceMaker, width: int = 80) -> str:
    console = Console(width=width, file=io.StringIO())
    with console.capture() as told:
        console.print(table(compared(made.build())))
    return told.get()


def sentences(text: str) -> str:
    """Without line breaks."""
    return " ".join(text.split())


def row(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if line[2:].lstrip().startswith(name))


def used(seconds: float, n: int) -> Facts:
    device = Usage(model="this", device_seconds=seconds * n)
    return Facts(used={"sample/x": device, "prepare/x": device}, prepare_seconds=152.0)


def mixed(make: Make, **decide: object) -> EvidenceMaker:
    """One clear winner, one close to it, one tied with nobody, one whose rows failed."""
    told = Decide.model_validate({"answers_per_month": 1000, **decide})
    made = make(["yes"] * 300, prices=PRICES, decide=told)
    for name, good, failed in (("best", 270, 0), ("near", 262, 0), ("bad", 150, 0), ("broken", 200, 30)):
        given = ["yes"] * good + ["no"] * (300 - good - failed) + [None] * failed
        # What near gets wrong is spread, so that it is no tie.
        given = given[100:] + given[:100] if name == "near" else given
        made.trial(name, given, seconds=[0.02] * 300, facts=used(0.02, 300))
    return made


def test_it_fits_eighty_columns_without_anything_behind_the_lines(make_evidence: Make) -> None:
    lines = shown(mixed(make_evidence, minimum={"accuracy": 0.99})).splitlines()
    assert 80 >= max(map(len, lines))
    assert [] == [line for line in lines if line != line.rstrip()]
    text = shown(mixed(make_evidence)).splitlines()
    assert 80 >= max(map(len, text))
    assert [] == [line for line in text if line != line.rstrip()]


def test_every_strategy_has_its_mark_and_the_marks_their_words(make_evidence: Make) -> None:
    text = shown(mixed(make_evidence))
    assert "* " == row(text, "best")[:2]
    assert "? " == row(text, "near")[:2]
    assert "  " == row(text, "bad")[:2]
    assert "! " == row(text, "broken")[:2]
    assert "* recommended · ? too few rows to tell from it · ! no verdict: rows failed" in text
    assert "= tied" not in text
    made = make_evidence(["yes"] * 2000).trial("a", ["yes"] * 2000).trial("b", ["yes"] * 2000)
    assert "= b" == row(shown(made), "b")[:4].replace("  ", " ")


def test_a_row_says_figure_latency_preparing_and_money(make_evidence: Make) -> None:
    words = row(shown(mixed(make_evidence)), "best").split()
    # 1,000 answers of 20 ms at a tenth of a cent a second.
    assert ["0.900", "20", "ms", "20", "ms", "152", "s", "<1"] == [w for w in words[2:] if "●" not in w]


def test_failures_are_counted_and_named(make_evidence: Make) -> None:
    said = "broken: 30 of 300 answers failed (30 timeout); the interval counts them both ways"
    assert said in sentences(shown(mixed(make_evidence)))


def test_what_is_piped_has_no_escape_sequence(make_evidence: Make) -> None:
    assert "\x1b" not in shown(mixed(make_evidence))


def test_foreign_text_is_shown_and_never_obeyed(make_evidence: Make) -> None:
    nasty = "\x1b[31mred\x07[bold]x[/bold][link=http://a]"
    made = make_evidence(["yes"] * 30)
    made.trial(nasty, ["yes"] * 30, facts=Facts(warnings=(f"warned {nasty}",)))
    made.trial("broken", [], facts=Facts(status="failed", problem=f"broke {nasty}"))
    made.trial("chosen", ["yes"] * 30, facts=Facts(chosen=f"c {nasty}"))
    text = shown(made, width=300)
    assert "\x1b" not in text
    assert "\x07" not in text
    escaped = "\\x1b[31mred\\x07[bold]x[/bold][link=http://a]"
    for part in (
        f"{escaped}: warned {escaped}",
        f"broken: failed: broke {escaped}",
        f"c {escaped}, chosen on validation",
    ):
        assert part in text


def test_a_run_without_a_finished_trial_says_where_it_stands(make_evidence: Make) -> None:
    made = make_evidence(["yes"] * 30)
    made.trial("failed", [], facts=Facts(status="failed", problem="it broke"))
    made.trial("stopped", ["yes"] * 3, facts=Facts(status="stopped"))
    made.trial("other", [], facts=Facts(status="not-applicable"))
    text = shown(made)
    assert "not applicable" in row(text, "other")
    assert "failed" in row(text, "failed")
    assert "failed: failed: it broke" in text
    assert "1.000" in row(text, "stopped")
    assert "Nothing to recommend for made: no strategy has a result yet." in text


def test_a_strategy_that_answers_nothing_has_no_figure(make_evidence: Make) -> None:
    made = make_evidence(["yes"] * 30).trial("mute", [None] * 30).trial("a", ["yes"] * 30)
    text = shown(made)
    assert "no answers" in row(text, "mute")
    assert 80 >= max(map(len, text.splitlines()))


def test_a_task_of_texts_is_shown_with_its_metric(make_evidence: Make) -> None:
    targets = [f"answer number {i}" for i in range(30)]
    made = make_evidence(targets, kind="text", metric="token_f1").trial("a", targets).trial("b", ["answer"] * 30)
    text = shown(made)
    assert "token_f1" in text
    assert "Bootstrap (BCa) intervals at 95 %, n = 30" in text


def test_nothing_timed_and_no_price_are_shown_as_such(make_evidence: Make) -> None:
    facts = Facts(used={"sample/x": Usage(model="this", device_seconds=1.0)})
    text = shown(make_evidence(["yes"] * 30).trial("a", ["yes"] * 30, facts=facts))
    assert ["-", "-", "-", "?"] == row(text, "a").split()[-4:]
    assert "? is a price that is not known" in text
    assert "latency:" not in text


def test_a_negative_metric_has_a_whole_axis(make_evidence: Make) -> None:
    text = shown(make_evidence(["a", "b"] * 60, metric="mcc").trial("s", ["b", "a"] * 40 + ["a", "b"] * 20))
    assert "-1.0" + "1.0".rjust(12) in text
    assert "…" not in text.replace("this: …", "")


def test_seeds_are_told_with_their_spread(make_evidence: Make) -> None:
    made = make_evidence(["yes"] * 100)
    for good in (90, 80, 70):
        made.trial("a", ["yes"] * good + ["no"] * (100 - good))
    text = shown(made)
    assert "seed 0, 1, 2" in text
    assert "Standard deviation between seeds: a 0.100" in sentences(text)
    assert "Bootstrap over rows and 3 trials" in sentences(text)


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80])
def test_the_strategy_is_the_last_to_go_and_no_number_is_cut(make_evidence: Make, width: int) -> None:
    traffic = 10**20
    made = make_evidence(["yes"] * 100, prices=PRICES, decide=Decide(answers_per_month=traffic))
    made.trial("lora-encoder (A)", ["yes"] * 90 + ["no"] * 10, seconds=[0.02] * 100, facts=used(0.02, 100))
    made.trial("lora-encoder (B)", ["yes"] * 80 + ["no"] * 20, seconds=[0.02] * 100, facts=used(0.02, 100))
    text = shown(made, width)
    assert width >= max(map(len, text.splitlines()))
    lines = text.splitlines()
    head = next(i for i, line in enumerate(lines) if line.split()[:1] == ["strategy"])
    if width >= 60:
        assert "lora-encoder (A)" in row(text, "lora-encoder (A)")
        assert "$/month" in lines[head]
    assert "lora-" in lines[head + 1]
    for word in " ".join(lines[head + 1 : head + 3]).split():
        assert "…" not in word
    money = f"{traffic * 0.02 * 0.001:.2e}".replace("e+", "e")
    assert ("$/month" in text.partition("Left out")[0].partition("Recommendation")[0].split("\n\n")[1]) == (
        money in text.partition("Recommendation")[0]
    )


def test_what_the_limits_exclude_has_a_mark_of_its_own(make_evidence: Make) -> None:
    made = make_evidence(["yes"] * 100, decide=Decide(minimum={"accuracy": 0.8}))
    for name, good in (("good", 92), ("close", 86), ("bad", 40)):
        made.trial(name, ["yes"] * good + ["no"] * (100 - good))
    text = shown(made)
    assert ["*", "x", "x"] == [line[0] for name in ("good", "close", "bad") for line in [row(text, name)]]
    assert "x not shown to be within your limits" in text
    assert "Runner-up: none" in text


@pytest.mark.parametrize("names", [{"s" * 80: 0.9, "a": 0.5}, {"few-shot[shots=8,model=large,seed=3] (A)": 0.9}])
def test_long_names_fold_and_leave_the_figures_whole(make_evidence: Make, names: Mapping[str, float]) -> None:
    made = make_evidence(["yes"] * 100, prices=PRICES, decide=Decide(answers_per_month=1000))
    for name, share in names.items():
        good = round(share * 100)
        made.trial(name, ["yes"] * good + ["no"] * (100 - good), seconds=[0.02] * 100, facts=used(0.02, 100))
    text = shown(made)
    assert 80 >= max(map(len, text.splitlines()))
    assert "0.900" in text
    assert "152 s" in text


def test_sixty_labels_and_many_strategies_are_borne(make_evidence: Make, tmp_path: Path) -> None:
    labels = [f"label {i:02}" for i in range(60)]
    made = make_evidence(labels * 3, uses={"a": Uses(("m",))})
    for name in "abcdefgh":
        made.trial(name, labels * 3 if name == "a" else [labels[ord(name) % 60]] * 180)
    assert 80 >= max(map(len, shown(made).splitlines()))


def test_beside_a_learning_curve_the_table_has_those_with_all_labels(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 40).trial("lora", ["yes"] * 38 + ["no"] * 2)
    make.trial("lora", ["yes"] * 36 + ["no"] * 4, train_size=64).trial("knn", ["yes"] * 30 + ["no"] * 10)
    text = shown(make)
    assert "Use lora: accuracy 0.950" in sentences(text)
    assert "0.950" in row(text, "lora")
    assert "*" == row(text, "lora").strip()[0]
    assert "lora n=64" not in text


def test_labels_that_look_wrong_are_told_with_who_says_so(make_evidence: Make) -> None:
    targets = ["a", "b"] * 30
    told = [[0.95, 0.05] if t == "a" else [0.05, 0.95] for t in targets]
    answers, targets[4] = list(targets), "b"
    one = make_evidence(targets).trial("s", answers, probabilities=told)
    assert "1 label looks wrong (1 of test rows, by the one strategy shown" in sentences(shown(one))
    two = one.trial("t", answers, probabilities=told)
    assert "(1 of test rows, by the mean of 2 strategies shown)" in sentences(shown(two))


def cascade(small: str, low: float) -> Cascade:
    found = Estimate(value=low + 0.05, low=low, high=low + 0.1, n=300)
    return Cascade(
        small=small,
        large="large",
        threshold=0.8,
        chosen_on=100,
        value=Estimate(value=0.9, low=0.87, high=0.93, n=300),
        escalated=Estimate(value=0.2, low=0.16, high=0.25, n=300),
        recommended="best",
        against_recommended=found,
        tried=6,
        words=f"{small} first, large where it is unsure.",
    )


@pytest.mark.parametrize(
    ("lows", "expected"),
    [
        ((-0.02, -0.04), "Of 6 cascades"),
        ((-0.02, 0.01), "b first, large where it is unsure."),
        ((), None),
    ],
)
def test_a_cascade_is_told_only_where_it_is_surely_better_than_what_is_recommended(
    make_evidence: Make, lows: tuple[float, ...], expected: str | None
) -> None:
    found = compared(mixed(make_evidence).build())
    (task,) = found.tasks
    made = tuple(cascade(name, low) for name, low in zip("ab", lows, strict=False))
    diagnosis = task.diagnosis.model_copy(update={"cascades": made})
    console = Console(width=80, file=io.StringIO())
    with console.capture() as told:
        console.print(table(replace(found, tasks=(task.model_copy(update={"diagnosis": diagnosis}),))))
    text = sentences(told.get())
    assert (expected is None) == ("first, " not in text and "cascades" not in text)
    assert expected is None or expected in text
    assert "a first, large" not in text
