"""Strategies of every sort, rehearsed over a model that must never be asked."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.rehearsing import Rehearsal, Rehearsed, lines, rehearse
from harness.running.planning import plan, read_data
from harness.running.runner import Options
from harness.suite.load import load_suite

SCRIPTED = '  s: {use: "harness.testing:ScriptedModel"}\n'
PRICES = """\
prices:
  models:
    p/far: {input: 1.0, output: 0.0, training: 8.0, batch: 0.5}
    p/ft:far: {input: 3.0, output: 0.0}
"""
Far = Callable[..., Rehearsal]


@pytest.fixture
def far(suite: Path, monkeypatch: pytest.MonkeyPatch) -> Far:
    """Rehearses strategies of the tiny suite, with more of YAML beside them."""
    shutil.copy(Path(__file__).parent / "hosted_parts.py", suite.parent / "parts.py")
    monkeypatch.chdir(suite.parent)
    head, _, _ = suite.read_text().partition("models:\n")

    def run(*strategies: str, more: str = "", task: tuple[str, str] = ("", ""), model: str = "") -> Rehearsal:
        given = "".join(f"  - {{{each}}}\n" for each in strategies)
        models = f'models:\n  far: {{use: "./parts.py:FarModel"{model}}}\n{SCRIPTED}'
        text = head.replace(*task) if task[0] else head
        suite.write_text(f"{text}{models}strategies:\n{given}yardsticks: []\nlatency_sample: 5\n{PRICES}{more}")
        loaded = load_suite(suite)
        return rehearse(loaded, Options(), read_data(loaded), plan(loaded))

    return run


def only(rehearsal: Rehearsal) -> Rehearsed:
    [row] = rehearsal.rows
    return row


ZERO = "name: zero, use: prompt, with: {model: far}"
CALLS = 34  # 30 test rows, one to warm up, three that show whether likelihoods are given


def test_training_with_a_provider_is_priced_and_nobody_waits(far: Far) -> None:
    told = far('name: tuned, use: "./parts.py:Tunes", with: {model: far}')
    row = only(told)
    # Twenty rows of a thousand tokens, three times, at $8 a million; the tuned model's answers at $3.
    assert (60_000, 31, 310) == (row.trained_tokens, row.calls, row.input_tokens)
    assert 0.48 + 310 * 3e-6 == pytest.approx(row.dollars)
    assert ["p/ft:far"] == [price.model for price in told.prices]
    assert any("$8.00 trained" in line for line in lines(told))


def test_batches_go_at_their_price_but_for_what_is_timed(far: Far) -> None:
    row = only(far(ZERO, model=", with: {batched: true}"))
    assert (CALLS, CALLS - 6) == (row.calls, row.batched)  # five are timed after one to warm up
    assert (6 * 10 + 28 * 10 * 0.5) / 1e6 == pytest.approx(row.dollars)


def test_probes_and_validation_rows_are_counted(far: Far) -> None:
    plain = only(far(ZERO)).calls
    review = only(far(ZERO, more="decide: {review_price: 1.0}\n"))
    assert plain + 10 - 3 == review.calls  # three of the ten were asked already
    probed = only(
        far(ZERO, task=("    data:\n", "    probes: {perturb: [typos], instructions: [Good or bad]}\n    data:\n"))
    )
    assert plain + 30 + 33 == probed.calls  # other instructions are prepared for anew


def test_a_cascade_goes_on_with_every_row_and_says_about(far: Far) -> None:
    told = far(ZERO, 'name: both, use: "./parts.py:Cascade", with: {first: here, then: zero}',
               "name: here, use: prompt, with: {model: s}")  # fmt: skip
    both = next(row for row in told.rows if row.strategy == "both")
    assert CALLS - 3 <= both.calls + both.shared
    assert "about" in both.notes[0]


@pytest.mark.parametrize(
    ("strategy", "note"),
    [
        ('use: "./parts.py:Trains", with: {model: far, weights: s}', "it trains 's' on this machine"),
        ('use: "./parts.py:Broken", with: {model: far}', "it could not be rehearsed: RuntimeError: no luck"),
        ('use: "./parts.py:Caller", with: {model: far}', "it contacts api.example.org by itself"),
    ],
)
def test_what_cannot_be_rehearsed_is_unknown_and_never_free(far: Far, strategy: str, note: str) -> None:
    told = far(f"name: x, {strategy}")
    row = only(told)
    assert ("unknown", None, None) == (row.where, row.dollars, told.dollars)
    assert row.notes[-1].startswith(note)
    assert any(line.endswith("  ?") for line in lines(told))


@pytest.mark.parametrize(
    "kind",
    [
        "kind: labels",
        "kind: fields\n    answer_schema: {type: object, properties: {label: {enum: [positive, negative]}},"
        " required: [label]}",
        "kind: text",
    ],
)
def test_every_kind_of_task_is_answered(far: Far, kind: str) -> None:
    shape = "    labels: [positive, negative]\n"
    task = f"{kind}\n    instructions: Is this review positive or negative?\n" + (
        shape if "labels" in kind else ""
    )
    old = "kind: label\n    instructions: Is this review positive or negative?\n" + shape
    if "fields" in kind:
        rows = Path("reviews.csv").read_text().splitlines()
        quoted = [f'{line.rpartition(",")[0]},"{{""label"": ""{line.rpartition(",")[2]}""}}"' for line in rows[1:]]
        Path("reviews.csv").write_text("\n".join([rows[0], *quoted]) + "\n")
    row = only(far(ZERO, task=(old, task)))
    assert ("endpoint", 31, ()) == (row.where, row.calls, row.notes)
