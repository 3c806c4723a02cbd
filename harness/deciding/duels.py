"""The small model tuned against the large one only asked: which is better, and from what traffic on it is cheaper.

lora on small / zero-shot on hosted   0.893 and 0.910: too few to tell; lora is cheaper from 41,000 answers a month
"""

from __future__ import annotations

from collections.abc import Sequence

from harness import numbers
from harness.comparing.records import Pair, StrategyFigures
from harness.deciding.case import Case
from harness.deciding.records import BreakEven, Duel
from harness.deciding.saying import answers, listed
from harness.deciding.spend import break_evens, lines

_A_MONTH = " answers a month"


def duels(case: Case) -> tuple[Duel, ...]:
    """Every strategy that trains a model's weights against every one that only asks another, the best first."""
    best = sorted(case.strategies, key=lambda each: -each.value.value if each.value else 0.0)
    tuned = [each for each in best if each.tuned]
    asked = [each for each in best if each.models and not each.tuned]
    return tuple(_duel(case, a, b) for a in tuned for b in asked if _chat(b) and not set(a.models) & set(b.models))


def _chat(strategy: StrategyFigures) -> bool:
    """Whether it asks a model; what classifies embeddings does not."""
    return bool(strategy.asked)


def _duel(case: Case, tuned: StrategyFigures, asked: StrategyFigures) -> Duel:
    assert tuned.value is not None
    assert asked.value is not None
    both = [line for line in lines([tuned, asked], case.decide) if line.basis == "deployed"]
    crossing = sorted(break_evens(both), key=lambda each: each.answers_per_month)
    holds = bool(crossing) and crossing[-1].above == tuned.name
    even = crossing[-1].answers_per_month if holds else None
    pair = next((p for p in case.pairs if {p.a, p.b} == {tuned.name, asked.name}), None)
    said = [
        f"{tuned.name} ({', '.join(tuned.tuned)} tuned) {numbers.proportion(tuned.value.value)} against"
        f" {asked.name} ({listed(asked.asked)} prompted, not tuned) {numbers.proportion(asked.value.value)}:"
        f" {_verdict(pair, tuned.name)}"
    ]
    costs = [case.money(each.name).serve for each in (tuned, asked)]
    if None not in costs:
        said.append(f"{numbers.dollars(costs[0])} and {numbers.dollars(costs[1])} a month at your traffic")
    if crossing:
        said.append(f"tuning is cheaper {_from(crossing, tuned.name)}")
    return Duel(tuned=tuned.name, prompted=asked.name, break_even=even, words="; ".join(said) + ".")


def _from(crossing: Sequence[BreakEven], tuned: str) -> str:
    """From or up to which traffic; full machines may turn the order back and forth on the way."""
    first, last = (_about(each.answers_per_month) for each in (crossing[0], crossing[-1]))
    starts, holds = crossing[0].below == tuned, crossing[-1].above == tuned
    turns = len(crossing) - 1
    if holds:
        return f"from {last} on" + (", and at some traffics below" if turns else "")
    if starts:
        return f"up to {first}" + (f", and at some traffics up to {last}" if turns else "")
    between = f"between {first.removesuffix(_A_MONTH)} and {last} alone"
    return f"at {'' if turns == 1 else 'some '}traffics {between}"


def _about(even: float) -> str:
    return answers(1) if even <= 1 else f"about {numbers.rough(even)}{_A_MONTH}"


def _verdict(pair: Pair | None, name: str) -> str:
    if pair is None:
        return "not compared"
    if pair.verdict == "better":
        word = "better" if pair.a == name else "worse"
        return f"{word} (p {numbers.p_value(pair.p_value)})"
    return pair.verdict
