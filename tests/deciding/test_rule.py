"""The rule: what meets the limits, then the best, then the cheapest of what is tied with it."""

from __future__ import annotations

import random
from itertools import permutations

import pytest

from harness.deciding.rule import Option, Pick, pick


def never(a: str, b: str) -> bool:
    return False


def always(a: str, b: str) -> bool:
    return True


def test_the_best_that_meets_the_limits_is_taken() -> None:
    options = [Option("a", 0.8, True, 1.0), Option("b", 0.9, True, 50.0), Option("c", 0.95, False, 0.0)]
    assert Pick("b", "b", ("b",)) == pick(options, never, 0.0)


def test_none_is_taken_where_none_meets_the_limits() -> None:
    assert Pick(None, None, ()) == pick([Option("a", 0.9, False, 1.0)], never, 0.0)
    assert Pick(None, None, ()) == pick([], never, 0.0)


def test_of_what_is_tied_the_cheapest_is_taken() -> None:
    options = [Option("a", 0.91, True, 50.0), Option("b", 0.90, True, 5.0), Option("c", 0.89, True, 9.0)]
    assert Pick("b", "a", ("a", "b", "c")) == pick(options, always, 0.0)


def test_tied_with_the_best_is_what_counts() -> None:
    options = [Option("a", 0.91, True, 50.0), Option("b", 0.90, True, 5.0), Option("c", 0.5, True, 0.0)]
    assert "b" == pick(options, lambda x, y: {x, y} in ({"a", "b"}, {"b", "c"}), 0.0).name


@pytest.mark.parametrize(("worth", "name"), [(0.0, "b"), (44.9, "b"), (45.0, "a"), (100.0, "a")])
def test_money_within_what_it_is_worth_leaves_the_better_figure(worth: float, name: str) -> None:
    options = [Option("a", 0.91, True, 50.0), Option("b", 0.90, True, 5.0)]
    assert name == pick(options, always, worth).name


def test_an_unknown_price_is_never_the_cheapest() -> None:
    options = [Option("a", 0.91, True, None), Option("b", 0.90, True, 500.0)]
    assert "b" == pick(options, always, 0.0).name
    assert "a" == pick([option._replace(serve=None) for option in options], always, 0.0).name


def test_with_a_price_of_errors_the_least_money_in_all_is_taken() -> None:
    options = [Option("a", 0.91, True, 50.0, 900.0), Option("b", 0.90, True, 5.0, 400.0)]
    assert "b" == pick(options, never, 0.0).name
    assert "a" == pick(options, never, 500.0).name
    # One whose money is not known cannot be weighed so; the metric decides again.
    assert "a" == pick([options[0]._replace(whole=None), options[1]], never, 0.0).name


def test_the_pick_meets_the_limits_and_the_order_does_not_matter() -> None:
    draw = random.Random(0)
    for _ in range(300):
        names = "abcd"[: draw.randint(1, 4)]
        whole = draw.random() < 0.3
        options = [
            Option(
                name,
                draw.random(),
                draw.random() < 0.7,
                draw.choice([None, draw.uniform(0, 100)]),
                draw.uniform(0, 1000) if whole else None,
            )
            for name in names
        ]
        together = {frozenset((a, b)) for a in names for b in names if draw.random() < 0.5}
        worth = draw.choice([0.0, 20.0])

        def tied(a: str, b: str, together: set[frozenset[str]] = together) -> bool:
            return frozenset((a, b)) in together

        found = {pick(list(each), tied, worth).name for each in permutations(options)}
        assert 1 == len(found)
        (name,) = found
        able = {option.name: option for option in options if option.meets}
        assert name in able or (name is None and not able)
        if name is not None and not whole:
            best = max(able.values(), key=lambda option: option.value)
            assert name == best.name or tied(best.name, name)
