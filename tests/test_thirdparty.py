"""Somebody else's package, built and installed as a user would, adds all four sorts of thing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.testing import tiny_task

OUTSIDER = Path(__file__).parent / "thirdparty" / "harness-outsider"

SUITE = """\
name: outside
privacy: local
tasks:
  - name: reviews
    kind: label
    instructions: Is this review positive or negative?
    labels: [positive, negative]
    metric: weighted_accuracy
    data: {path: "lines:reviews.txt", columns: {text: text, target: label}, splits: {validation: 10, test: 20}}
models:
  letters: {use: trigrams, with: {width: 512}}
strategies:
  - {name: centroid, use: nearest-centroid, with: {embedder: letters}}
  - {name: near, use: knn, with: {embedder: letters}}
yardsticks: [majority]
latency_sample: 4
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the package."""
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(target), str(OUTSIDER)], check=True, capture_output=True, text=True)
    return target


def harness(site: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    return subprocess.run(
        [sys.executable, "-m", "harness", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_its_strategy_model_scorer_and_source_run_in_a_suite(site: Path, tmp_path: Path) -> None:
    tiny = tiny_task()
    rows = [f"{e.targets[0]} {e.query.text}" for e in (*tiny.train, *tiny.validation, *tiny.test)]
    (tmp_path / "reviews.txt").write_text("\n".join(rows))
    (tmp_path / "outside.yaml").write_text(SUITE)
    done = harness(site, tmp_path, "run", "outside.yaml", "-o", "out.json")
    assert 0 == done.returncode, done.stderr
    figures = {row["strategy"]: row for row in json.loads((tmp_path / "out.json").read_text())["rows"]}
    assert ["weighted_accuracy"] * 3 == [figures[s]["metric"] for s in ("centroid", "near", "majority")]
    assert figures["centroid"]["value"] > figures["majority"]["value"]
    assert "outsider saw reviews/centroid/0-0" in done.stdout
    header = json.loads(next(tmp_path.glob("results/*/trials/reviews/centroid/0-0/trial.json")).read_text())
    assert ("outsider", "0.3.1") == (header["plugin"]["name"], header["plugin"]["version"])
    assert 64 == len(header["plugin"]["sha256"])


def test_plugins_lists_what_it_offers(site: Path, tmp_path: Path) -> None:
    done = harness(site, tmp_path, "plugins")
    told = done.stdout[done.stdout.index("outsider 0.3.1") :]
    assert all(name in told for name in ("nearest-centroid", "trigrams", "costly", "lines"))


def test_its_own_tests_pass_with_the_public_kit(site: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(OUTSIDER / "tests")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stdout
    assert "1 passed" in done.stdout


def test_a_plugin_that_raises_on_import_is_named_and_the_others_load(tmp_path: Path) -> None:
    (tmp_path / "harness_broken.py").write_text("raise RuntimeError('half installed')\n")
    info = tmp_path / "harness_broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: harness-broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[harness]\nbroken = harness_broken\n")
    done = harness(tmp_path, tmp_path, "plugins")
    assert "broken" in done.stdout
    assert "half installed" in done.stdout + done.stderr
    assert "few-shot" in done.stdout
