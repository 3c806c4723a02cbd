"""Recommendations in words: every outcome, and reasons that hold."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

import pytest

from harness import numbers
from harness.comparing.figures import strategy_figures
from harness.comparing.luck import optimism
from harness.comparing.pairs import pairs
from harness.comparing.records import Cost
from harness.deciding.duels import duels
from harness.deciding.mistakes import check_prices
from harness.deciding.recommendation import recommend
from harness.deciding.records import Duel, Recommendation
from harness.errors import SuiteError
from harness.records import Usage
from harness.suite import Decide, PriceBook
from tests.deciding.made import case, cost, strategy
from tests.diagnosing.conftest import EvidenceMaker, Facts, Uses

Make = Callable[..., EvidenceMaker]
PRICES = PriceBook(device_hours={"this": 3.6})  # a tenth of a cent a second


def decide(make: EvidenceMaker) -> Recommendation:
    evidence = make.build()
    also = [*evidence.decide.minimum, *evidence.decide.maximum]
    figures = [strategy_figures(evidence, each, also) for each in evidence.contenders]
    return recommend(evidence, figures, pairs(evidence), optimism(evidence))


def right(n: int, of: int, failed: int = 0) -> list[str | None]:
    return ["yes"] * n + ["no"] * (of - n - failed) + [None] * failed


def used(seconds: float, prepare: float = 1.0) -> Facts:
    """Seconds of all rows asked alone, and of prepare."""
    return Facts(
        used={
            "sample/t0": Usage(model="this", device_seconds=seconds),
            "prepare/fit": Usage(model="this", device_seconds=prepare),
        },
        prepare_seconds=prepare,
    )


def test_a_clear_winner_is_recommended_with_its_test(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 200).trial("bad", right(100, 200)).trial("good", right(180, 200))
    found = decide(make)
    assert ("recommended", "good", "bad") == (found.outcome, found.strategy, found.runner_up)
    assert "Use good: accuracy 0.900 (0.851 to 0.934, n = 200)." == found.sentence
    assert "Better than all others (McNemar)." == found.reasons[0]
    assert {"good": 1.0} == dict(found.picked)


def test_the_runner_up_is_told_with_its_figure_and_why_it_is_second(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 200).trial("bad", right(100, 200)).trial("good", right(180, 200))
    assert (
        "Runner-up: bad, accuracy 0.500 (0.431 to 0.569, n = 200): its figure is lower (p < 0.001)."
        == decide(make).second
    )
    close = make_evidence(["yes"] * 200).trial("a", right(178, 200)).trial("b", right(180, 200))
    assert decide(close).second.endswith("its figure is lower, though too few rows tell the two apart.")
    priced = make_evidence(["yes"] * 2000, prices=PRICES, decide=Decide(answers_per_month=1_000_000))
    priced.trial("dear", right(1801, 2000), facts=used(4000.0)).trial("cheap", right(1800, 2000), facts=used(2.0))
    assert decide(priced).second.startswith("Runner-up: dear, accuracy 0.900 (")
    assert decide(priced).second.endswith("$2,000.00 a month: tied by test, and it costs more.")
    limited = make_evidence(["yes"] * 200, decide=Decide(minimum={"accuracy": 0.8}))
    limited.trial("bad", right(100, 200)).trial("good", right(180, 200))
    assert decide(limited).second == "Runner-up: none, for no other strategy is shown to be within your limits."


def test_equal_figures_are_not_called_better(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 2000).trial("a", right(1800, 2000)).trial("b", right(1800, 2000))
    assert decide(make).sentence.endswith("Tied with b: what they cost is not known, and the figures are equal.")


def test_money_that_keeps_strategies_out_is_not_said_to_decide_nothing(make_evidence: Make) -> None:
    def told(limit: float) -> bool:
        decided = Decide(answers_per_month=1000, worth_per_month=20, maximum={"dollars_per_month": limit})
        make = make_evidence(["yes"] * 200, prices=PRICES, decide=decided)
        make.trial("a", right(180, 200), facts=used(20.0)).trial("b", right(100, 200), facts=used(2.0))
        return any("Money decides nothing" in words for words in decide(make).reasons)

    assert told(5.0)
    assert not told(0.05)


def test_several_that_too_few_rows_tell_apart_are_one_reason(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 200)
    make.trial("a", right(180, 200)).trial("b", right(178, 200)).trial("c", right(176, 200))
    (words,) = [each for each in decide(make).reasons if each.startswith("Too few rows")]
    assert "Too few rows to tell from c (4 rows for a and 0 for c, p = " in words
    assert " and b (2 and 0, p = " in words
    assert "to settle a difference of 0.02 takes up to about " in words


def test_of_two_that_answer_almost_alike_the_cheapest_is_taken(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 2000, prices=PRICES, decide=Decide(answers_per_month=1_000_000))
    make.trial("dear", right(1801, 2000), facts=used(4000.0)).trial("cheap", right(1800, 2000), facts=used(2.0))
    found = decide(make)
    assert ("tied", "cheap", "dear") == (found.outcome, found.strategy, found.runner_up)
    assert found.sentence.endswith("Tied with dear: take the cheapest.")
    assert {"cheap": 1.0} == dict(found.picked)
    assert (
        "Tied with dear: equivalent within 0.02 by test; of those within your limits it costs least."
        in found.reasons
    )


def test_a_tie_without_money_does_not_say_cheapest(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 2000).trial("a", right(1800, 2000)).trial("b", right(1801, 2000))
    found = decide(make)
    assert ("tied", "b") == (found.outcome, found.strategy)
    assert found.sentence.endswith("Tied with a: what they cost is not known, so take the better figure.")
    worth = Decide(answers_per_month=1000, worth_per_month=20)
    rich = make_evidence(["yes"] * 2000, prices=PRICES, decide=worth)
    rich.trial("a", right(1800, 2000), facts=used(2.0)).trial("b", right(1801, 2000), facts=used(200.0))
    assert decide(rich).sentence.endswith("Tied with a: money makes no difference, so take the better figure.")


def test_none_meets_says_what_is_missed_by_whom(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 100, decide=Decide(minimum={"accuracy": 0.95}))
    make.trial("a", right(90, 100)).trial("b", right(80, 100))
    found = decide(make)
    assert ("none meets", None, None) == (found.outcome, found.strategy, found.runner_up)
    assert found.sentence.startswith("None meets your limits; the best figure is that of a, accuracy 0.900")
    assert "a: accuracy at least 0.95: 0.8256 at the lower end, not met." == found.reasons[0]
    assert ("accuracy at least 0.825", "a") == (found.changes[0].what, found.changes[0].to)


def test_without_a_result_there_is_nothing_to_compare(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 9).trial("a", [], facts=Facts(status="failed", problem="it broke"))
    found = decide(make)
    assert ("nothing to compare", None) == (found.outcome, found.strategy)
    assert "Nothing to recommend for made: no strategy has a result yet." == found.sentence


def test_above_the_failure_rate_nobody_is_recommended_and_it_is_said(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 100).trial("a", right(90, 100, failed=6))
    alone = decide(make)
    assert "Nothing to recommend for made: too many rows of every strategy failed." == alone.sentence
    found = decide(make.trial("b", right(50, 100)))
    assert "b" == found.strategy
    assert any(words.startswith("a, of whose rows more than 5 % failed") for words in found.not_measured)
    assert not any("all others" in words for words in found.reasons)


def test_a_single_strategy_is_recommended_without_comparing(make_evidence: Make) -> None:
    decided = Decide(answers_per_month=10, worth_per_month=20)
    make = make_evidence(["yes"] * 100, prices=PRICES, decide=decided).trial("a", right(90, 100), facts=used(1.0))
    found = decide(make)
    assert ("recommended", "a", None) == (found.outcome, found.strategy, found.runner_up)
    assert not any("decides nothing" in words or "Better" in words for words in found.reasons)


def test_an_interval_is_turned_with_its_difference(make_evidence: Make) -> None:
    # The better one is too slow; told from the side of the one picked, its difference is negative.
    make = make_evidence(["yes", "no"] * 60, metric="macro_f1", decide=Decide(maximum={"p95_seconds": 0.5}))
    make.trial("slow", ["no", "yes"] * 6 + ["yes", "no"] * 54, seconds=[1.0] * 120)
    make.trial("quick", ["yes", "no"] * 51 + ["no", "yes"] * 9, seconds=[0.1] * 120)
    (words,) = [each for each in decide(make).reasons if each.startswith("Too few rows to tell from slow")]
    value, low, high = (
        float(part)
        for part in words.partition("difference of ")[2].split(")")[0].replace("(", "").replace("to ", "").split()
    )
    assert -0.05 == pytest.approx(value)
    assert low < value < high
    assert -0.2 < low


def test_a_better_one_that_a_limit_keeps_out_is_named_with_the_limit(make_evidence: Make) -> None:
    decided = Decide(maximum={"p95_seconds": 0.5})
    make = make_evidence(["yes"] * 200, decide=decided)
    make.trial("slow", right(190, 200), seconds=[1.0] * 200).trial("quick", right(150, 200), seconds=[0.1] * 200)
    found = decide(make)
    assert "quick" == found.strategy
    (words,) = [each for each in found.reasons if each.startswith("slow is better")]
    assert words.endswith("does not come into question: p95_seconds at most 0.5 s: 1 s, not met.")
    assert "Not shown to be within your limits: slow." in found.reasons
    assert any("With no limit on p95_seconds" in change.words and change.to == "slow" for change in found.changes)


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        (2.0, {"a": 0.10 * 2 * 1000, "b": 0.20 * 2 * 1000}),
        # a calls 10 of 100 rows no that are yes, b calls 20 yes that are no.
        ({"yes": {"no": 50.0}, "no": {"yes": 1.0}}, {"a": 0.10 * 50 * 1000, "b": 0.20 * 1 * 1000}),
    ],
)
def test_wrong_answers_cost_what_the_user_says(
    make_evidence: Make, price: object, expected: Mapping[str, float]
) -> None:
    decided = Decide.model_validate({"answers_per_month": 1000, "error_price": price})
    make = make_evidence(["yes"] * 50 + ["no"] * 50, prices=PRICES, decide=decided)
    make.trial("a", ["yes"] * 40 + ["no"] * 60, facts=used(1.0)).trial(
        "b", ["yes"] * 70 + ["no"] * 30, facts=used(1.0)
    )
    found = decide(make)
    errors = {each.strategy: each.errors for each in found.money}
    assert expected == pytest.approx(errors)
    assert min(expected, key=lambda name: expected[name]) == found.strategy
    assert "with the price of its wrong answers" in found.rule
    told = {each.strategy: (each.serve, each.errors, each.total) for each in found.money}
    assert all((s or 0) + (e or 0) == pytest.approx(t) for s, e, t in told.values())
    # The headline and the runner-up have the total, by which the rule decides.
    for name, words in ((found.strategy, found.sentence), (found.runner_up, found.second)):
        assert f"{numbers.dollars(told[str(name)][2])} a month with its wrong answers" in words


def test_a_failure_costs_as_much_as_the_dearest_mistake(make_evidence: Make) -> None:
    decided = Decide.model_validate({
        "answers_per_month": 100,
        "error_price": {"yes": {"no": 5.0, "maybe": 7.0}},
        "maximum_failed": 0.5,
    })  # fmt: skip
    make = make_evidence(["yes"] * 4, labels=["yes", "no", "maybe"], prices=PRICES, decide=decided)
    make.trial("a", ["yes", "no", "maybe", None], facts=used(1.0))
    (money,) = decide(make).money
    assert (5 + 7 + 7) / 4 * 100 == pytest.approx(money.errors)


def test_a_price_of_an_unknown_label_is_refused(make_evidence: Make) -> None:
    decided = Decide.model_validate({"error_price": {"yess": {"no": 5.0}}})
    make = make_evidence(["yes", "no"], decide=decided).trial("a", ["yes", "no"])
    with pytest.raises(SuiteError, match=r"decide.error_price\n.*'yess' is no label.*Did you mean 'yes'"):
        check_prices(decided, [make.build()])


def test_prices_by_label_are_for_the_tasks_that_have_these_labels(make_evidence: Make) -> None:
    decided = Decide.model_validate({"error_price": {"yes": {"no": 5.0}}, "answers_per_month": 10})
    fits = make_evidence(["yes", "no"], decide=decided).trial("a", ["no", "no"]).build()
    other = make_evidence(["up", "down"], decide=decided).trial("a", ["up", "up"])
    check_prices(decided, [other.build(), fits])
    assert [None] == [each.errors for each in decide(other).money]
    text = make_evidence(["some text"], kind="text", decide=decided).trial("a", ["some text"]).build()
    with pytest.raises(SuiteError, match="give one number"):
        check_prices(decided, [text])


def test_a_small_model_tuned_is_set_against_a_large_one_asked(make_evidence: Make) -> None:
    uses = {
        "lora": Uses(("small",), ("small",), ()),
        "hosted": Uses(("large",), (), ("large",), local=False),
        "zero": Uses(("small",), (), ("small",)),
        "knn": Uses(("embedder",), (), ()),
    }
    make = make_evidence(
        ["yes"] * 200, prices=PRICES, uses=uses, decide=Decide(answers_per_month=1000, horizon_months=1)
    )
    make.trial("lora", right(180, 200), facts=used(200.0, prepare=100_000.0))
    make.trial("hosted", right(178, 200), facts=used(2000.0, prepare=0.0))
    make.trial("zero", right(100, 200), facts=used(200.0)).trial("knn", right(90, 200), facts=used(1.0))
    (duel,) = decide(make).duels
    assert ("lora", "hosted") == (duel.tuned, duel.prompted)
    # $100 once, and $0.009 an answer less.
    assert 100 / 0.009 == pytest.approx(duel.break_even)
    assert "0.900 against hosted (large prompted, not tuned) 0.890" in duel.words
    assert "$101.00 and $10.00 a month at your traffic" in duel.words
    assert "tuning is cheaper from about 11,100 answers a month on" in duel.words


def test_every_strategy_that_is_beaten_stands_with_its_own_test(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 200).trial("a", right(190, 200))
    make.trial("once", right(90, 200))
    make.trial("often", right(80, 200)).trial("often", right(82, 200))
    reason = decide(make).reasons[0]
    told = "once by McNemar; often by bootstrap over rows and seeds; Holm over 3 pairs"
    assert f"Better than all others ({told})." == reason


def duelled(tuned: Cost, asked: Cost) -> Duel:
    both = [
        strategy("lora", 0.9, cost=tuned).model_copy(update={"models": ("small",), "tuned": ("small",)}),
        strategy("hosted", 0.9, cost=asked).model_copy(update={"models": ("large",), "asked": ("large",)}),
    ]
    (duel,) = duels(case(both))
    return duel


def test_a_duel_says_up_to_where_tuning_is_cheaper() -> None:
    duel = duelled(cost(0.0, 0.01), cost(12.0, 0.001))  # preparing is written off over twelve months
    assert duel.break_even is None
    assert "tuning is cheaper up to about 111 answers a month" in duel.words


def test_a_duel_says_where_full_machines_turn_the_order_back() -> None:
    machine = cost(0.0, 0.0, 100.0, 150_000)
    never = duelled(machine, cost(0.0, 0.00065))
    assert never.break_even is None
    assert "cheaper" not in never.words
    once = duelled(machine, cost(360.0, 0.0005))
    assert once.break_even is None
    assert (
        "tuning is cheaper at traffics between about 140,000 and about 150,000 answers a month alone" in once.words
    )
    often = duelled(machine, cost(240.0, 0.00065))
    assert often.break_even is None
    assert "at some traffics between about 123,000 and about 1,050,000 answers a month alone" in often.words
    holds = duelled(machine, cost(0.0, 0.001))
    assert 200_000 == pytest.approx(holds.break_even)
    assert "from about 200,000 answers a month on, and at some traffics below" in holds.words


def test_what_was_not_measured_is_said(make_evidence: Make) -> None:
    found = decide(make_evidence(["yes"] * 20).trial("a", right(15, 20)).trial("b", right(14, 20)))
    said = " ".join(found.not_measured)
    assert "seeds: [0, 1, 2]" in said
    assert "95th percentile" in said
    assert "the money of a and b" in said
    several = make_evidence(["yes"] * 20).trial("a", right(15, 20)).trial("a", right(14, 20))
    assert "seeds: [0, 1, 2]" not in " ".join(decide(several).not_measured)


def test_in_a_curve_only_the_largest_size_is_recommended(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 100)
    for size, good in ((8, 95), (64, 70)):
        make.trial("a", right(good, 100), train_size=size).trial("b", right(50, 100), train_size=size)
    assert "a n=64" == decide(make).strategy
    assert "c" == decide(make.trial("c", right(20, 100))).strategy  # with all labels


def test_two_rows_and_one_strategy_that_answers_nothing_are_borne(make_evidence: Make) -> None:
    found = decide(make_evidence(["yes", "no"]).trial("a", ["yes", "yes"]).trial("mute", [None, None]))
    assert "a" == found.strategy


def test_a_negative_metric_is_recommended_by_too(make_evidence: Make) -> None:
    make = make_evidence(["a", "b"] * 100, metric="mcc", decide=Decide(minimum={"mcc": -0.9}))
    make.trial("bad", ["b", "a"] * 90 + ["a", "b"] * 10).trial("less bad", ["b", "a"] * 60 + ["a", "b"] * 40)
    found = decide(make)
    assert "less bad" == found.strategy
    assert "Use less bad: mcc -0.200" in found.sentence
    (change, *_) = found.changes
    assert change.what.startswith("mcc at least -0.")


def test_trials_that_did_not_finish_are_said_and_repeats_are_no_seeds(make_evidence: Make) -> None:
    make = make_evidence(["yes"] * 100)
    make.trial("tuned", right(95, 100))
    for _ in range(2):
        make.trial("tuned", [], facts=Facts(status="failed", problem="out of memory"))
    for seed in range(3):
        make.trial("plain", right(70 + seed, 100))
    said = decide(make).not_measured
    assert any(words.startswith("2 of 3 trials of tuned, which did not finish") for words in said)
    assert not any("of plain" in words for words in said)
    again = make_evidence(["yes"] * 100)
    for good in (80, 82, 84):
        again.trial("a", right(good, 100), facts=Facts(seed=0))
    assert "seeds: [0, 1, 2]" in " ".join(decide(again).not_measured)


def test_a_limit_that_only_luck_meets_is_said(make_evidence: Make) -> None:
    draw = random.Random(4)
    make = make_evidence(["yes"] * 100)
    for i in range(10):
        make.trial(f"s{i}", ["yes" if draw.random() < 0.84 else "no" for _ in range(100)])
    lucky = optimism(make.build())
    assert lucky is not None
    measured = strategy_figures(make.build(), make.build().contender(lucky.strategy)).value
    assert measured is not None
    assert measured.low is not None
    make.decide = Decide(minimum={"accuracy": (lucky.low + measured.low) / 2})
    assert any("not with that luck taken off" in reason for reason in decide(make).reasons)
    make.decide = Decide(minimum={"accuracy": lucky.low - 0.01})
    assert not any("luck taken off" in reason for reason in decide(make).reasons)
