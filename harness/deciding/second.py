"""The strategy that comes second: its figure, its money, and why it is not the first.

Runner-up: lora, accuracy 0.863 (0.820 to 0.898, n = 300), $0.98 a month: its figure is lower, though too few rows
tell the two apart.
"""

from __future__ import annotations

from harness import numbers
from harness.comparing.pairs import verdict_on
from harness.deciding.case import Case
from harness.deciding.rule import Pick
from harness.deciding.saying import dollars_a_month, value


def second(case: Case, picked: Pick, name: str | None) -> str:
    """A sentence on the runner-up; empty where nothing is picked or nothing else came into question.

    Args:
        case: The task.
        picked: What the rule takes.
        name: What it takes without that.
    """
    if picked.name is None or len(case.strategies) < 2:
        return ""
    if name is None:
        return "Runner-up: none, for no other strategy is shown to be within your limits."
    told = [f"{name}, {value(case.figures(name))}"]
    money = dollars_a_month(case, name)
    return f"Runner-up: {', '.join([*told, money] if money else told)}: {_why(case, picked, name)}."


def _why(case: Case, picked: Pick, name: str) -> str:
    chosen = str(picked.name)
    first, other = case.figures(chosen).value, case.figures(name).value
    assert first is not None
    assert other is not None
    costs, its = case.money(chosen), case.money(name)
    if costs.errors is not None and None not in (costs.total, its.total):
        more = (its.total or 0.0) - (costs.total or 0.0)
        if more > case.decide.worth_per_month:
            return f"it costs {numbers.dollars(more)} a month more"
        return "it costs about as much, and its figure is not higher"
    dearer = None not in (costs.serve, its.serve) and (its.serve or 0.0) > (costs.serve or 0.0)
    verdict = verdict_on(case.pairs, chosen, name)
    if verdict == "tied":
        apart = "equal by their figures" if first.value == other.value else "tied by test"
        if first.value > other.value and picked.leader == chosen:
            return f"{apart}, and its figure is lower"
        return f"{apart}, and it costs more" if dearer else f"{apart}, and money makes no difference"
    if first.value == other.value:
        return "the figures are equal, and it costs more" if dearer else "the figures are equal"
    low = "its figure is lower" if first.value > other.value else "it costs more" if dearer else "it costs as much"
    if verdict == "too few to tell":
        return f"{low}, though too few rows tell the two apart"
    pair = next((p for p in case.pairs if {p.a, p.b} == {chosen, name}), None)
    if verdict == "better" and pair is not None:
        return f"{low} (p {numbers.p_value(pair.p_value)})"
    return low
