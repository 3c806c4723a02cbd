from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Harness = Callable[..., tuple[int, str, str]]

SUITE = """\
name: reviews
tasks:
  - name: stays
    kind: label
    instructions: Good or bad?
    labels: [good, bad]
    data:
      path: rows.csv
      columns: {text: text, target: label}
      splits: {train: 4, validation: 2, test: 2}
strategies:
  - {name: mine, use: "./mine.py:Mine", matrix: {size: [1, 2]}}
"""
STRATEGY = '''
from harness import Strategy

class Mine(Strategy):
    """Does nothing much.

    And says so at length.
    """

    kinds = frozenset({"text"})
    size: int = 3

    def prepare(self, brief, train, validation, context): ...
'''


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(STRATEGY)
    rows = [
        f"the {thing} was {word},{word}" for thing in ("bed", "bath", "food", "view") for word in ("good", "bad")
    ]
    (tmp_path / "rows.csv").write_text("\n".join(["text,label", *rows]))
    path = tmp_path / "s.yaml"
    path.write_text(SUITE)
    return path


def test_validate_says_what_would_run(harness: Harness, suite: Path) -> None:
    code, out, err = harness("validate", str(suite))
    assert (0, "") == (code, err)
    assert out.splitlines()[:4] == [
        f"{suite} is sound.",
        "",
        "task      stays: label, labels good, bad, by accuracy",
        "strategy  mine: ./mine.py:Mine, the best on validation of 2 candidates",
    ]
    assert "yardstick majority: majority" in out


def test_validate_names_what_does_not_apply(harness: Harness, suite: Path) -> None:
    suite.write_text(SUITE.replace(", matrix: {size: [1, 2]}", ""))
    assert "not applicable: mine on stays" in harness("validate", str(suite))[1]


def test_validate_data_counts_the_rows(harness: Harness, suite: Path) -> None:
    assert "stays: 4 train, 2 validation, 2 test rows" in harness("validate", str(suite), "--data")[1]


def test_validate_data_points_to_the_column_that_is_not_there(harness: Harness, suite: Path) -> None:
    suite.write_text(SUITE.replace("target: label", "target: labl"))
    assert harness("validate", str(suite))[0] == 0
    code, _, err = harness("validate", str(suite), "--data")
    assert 3 == code
    assert err.startswith(f"{suite}:9:29  tasks[0].data.columns.target\n")
    assert "Did you mean 'label'?" in err


def test_plugins_lists_what_each_offers(harness: Harness) -> None:
    code, out, _ = harness("plugins")
    assert 0 == code
    assert "  strategies features, knn, majority (yardstick), tf-idf (yardstick)\n" in out


def test_a_plugin_that_does_not_load_is_listed_with_its_error(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "harness_broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: harness-broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[harness]\nbroken = harness_broken\n")
    (tmp_path / "harness_broken.py").write_text("raise RuntimeError('at import')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    code, out, _ = harness("plugins")
    assert 0 == code
    assert out.endswith("broken (harness_broken) did not load and is left out:\n  RuntimeError: at import\n")
    assert "few-shot" in out


def test_plugins_show_tells_every_parameter(harness: Harness, suite: Path) -> None:
    code, out, _ = harness("plugins", "show", f"{suite.parent / 'mine.py'}:Mine")
    assert 0 == code
    assert out.splitlines()[1:] == [
        "  Does nothing much.",
        "  And says so at length.",
        "",
        "  size",
        "      a whole number; default 3",
    ]


def test_plugins_show_few_shot_has_bounds_and_defaults(harness: Harness) -> None:
    out = harness("plugins", "show", "few-shot")[1]
    assert out.startswith("few-shot: a strategy of plugin fewshot")
    assert "  model\n      the name of a chat model; must be given\n" in out
    assert "  shots\n      a whole number, at least 0; may be left out\n" in out


def test_plugins_show_suggests_the_nearest_name(harness: Harness) -> None:
    code, _, err = harness("plugins", "show", "few-shoot")
    assert 2 == code
    assert err.startswith("no strategy or model 'few-shoot'; there are: ")
    assert "Did you mean 'few-shot'?" in err


def test_schema_is_printed_or_written(harness: Harness, tmp_path: Path) -> None:
    printed = json.loads(harness("schema")[1])
    assert (0, "", "") == harness("schema", "-o", str(tmp_path / "s.json"))
    assert printed == json.loads((tmp_path / "s.json").read_text())
    assert "strategies" in printed["properties"]


def test_schema_of_results_names_what_scripts_rely_on(harness: Harness) -> None:
    rows = json.loads(harness("schema", "--results")[1])["$defs"]["Row"]["properties"]
    assert {"task", "strategy", "seed", "n", "failed", "metric", "value", "low", "high"} <= rows.keys()


def test_schema_that_cannot_be_written_is_told(harness: Harness, tmp_path: Path) -> None:
    code, _, err = harness("schema", "-o", str(tmp_path / "gone" / "s.json"))
    assert 7 == code
    assert "cannot be written: No such file or directory" in err
