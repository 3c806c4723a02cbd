from __future__ import annotations

import subprocess
import sys
from typing import get_args

import pytest

from harness.errors import SuiteError
from harness.plugins import Registered, Registry
from harness.records import Kind, PluginStamp
from harness.scoring import builtin_scorers, default_metric

STAMP = PluginStamp(name="harness", version="", sha256="")
REGISTRY = Registry(scorers={name: Registered(name, s, STAMP) for name, s in builtin_scorers().items()})
KINDS: tuple[Kind, ...] = get_args(Kind)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_default_metric_that_its_scorer_gives(kind: Kind) -> None:
    assert kind in REGISTRY.scorer_of(default_metric(kind), kind).item.kinds


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_scorers_of_a_kind_give_the_same_figure(kind: Kind) -> None:
    figures = [f for s in builtin_scorers().values() if kind in s.kinds for f in s.figures]
    assert len(figures) == len(set(figures))


def test_a_figure_of_two_kinds_is_that_of_the_tasks_kind() -> None:
    assert "label" == REGISTRY.scorer_of("macro_f1", "label").name
    assert "labels" == REGISTRY.scorer_of("macro_f1", "labels").name


def test_a_figure_of_another_kind_is_unknown_and_the_nearest_is_named() -> None:
    with pytest.raises(SuiteError, match=r"'rouge_L' for tasks of kind 'text'.* Did you mean 'rouge_l'\?"):
        REGISTRY.scorer_of("rouge_L", "text")
    with pytest.raises(SuiteError, match="no scorer gives the metric 'accuracy' for tasks of kind 'text'"):
        REGISTRY.scorer_of("accuracy", "text")


def test_scorers_cost_nothing_until_they_score() -> None:
    code = (
        "import sys; from harness.scoring import builtin_scorers; import harness.scoring.interval, harness.stats;"
        "builtin_scorers(); heavy = {'numpy', 'scipy', 'sklearn', 'sacrebleu', 'rouge_score', 'nltk'};"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
