"""What `new-plugin` writes is installed as a third party's package and does all that its README says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Harness = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plugins")
    code = "from harness.cli.main import main; main()"
    subprocess.run([sys.executable, "-c", code, "new-plugin", "keywords", "-d", str(folder)], check=True)
    return folder / "harness-keywords"


@pytest.fixture(scope="module")
def installed(written: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process in which the package is installed."""
    site = tmp_path_factory.mktemp("site")
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
    ]
    subprocess.run([*install, "--target", str(site), str(written)], check=True)
    return {**os.environ, "PYTHONPATH": str(site)}


def ran(written: Path, installed: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], cwd=written, env=installed, capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stdout + done.stderr
    return done.stdout


def test_its_own_tests_pass(written: Path, installed: dict[str, str]) -> None:
    assert "2 passed" in ran(written, installed, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def test_the_harness_finds_it(written: Path, installed: dict[str, str]) -> None:
    main = "from harness.cli.main import main; main()"
    out = ran(written, installed, "-c", main, "plugins", "show", "keywords")
    assert out.startswith("keywords: a strategy of plugin keywords 0.1.0, for tasks of kind label\n")
    assert "  words\n      a whole number, at least 1; default 20\n      Keywords kept for each label.\n" in out


def test_its_suite_runs_and_its_strategy_learns(written: Path, installed: dict[str, str], tmp_path: Path) -> None:
    code = (
        "import harness, json, pathlib, sys\n"
        "from harness.running.runner import Options\n"
        "done = harness.run('suite.yaml', options=Options(results=pathlib.Path(sys.argv[1])))\n"
        "print(json.dumps({row.strategy: row.value for row in done.rows()}))\n"
    )
    out = ran(written, installed, "-c", code, str(tmp_path))
    values = json.loads(out.splitlines()[-1])
    assert values["keywords"] > 0.8
    assert values["majority"] < 0.6


@pytest.mark.parametrize("name", ["Keywords", "9lives", "a--b", "a_b", "../up", ""])
def test_a_name_that_no_package_can_have_is_refused(harness: Harness, tmp_path: Path, name: str) -> None:
    code, _, err = harness("new-plugin", name, "-d", str(tmp_path))
    assert 2 == code
    assert f"{name!r} cannot be a plugin's name" in err
    assert not list(tmp_path.iterdir())


def test_a_name_that_is_taken_is_refused(harness: Harness, tmp_path: Path) -> None:
    expected = "a strategy 'majority' is there already, of plugin 'features'; give another name\n"
    assert (2, "", expected) == harness("new-plugin", "majority", "-d", str(tmp_path))


def test_what_is_there_already_is_not_written_over(harness: Harness, tmp_path: Path) -> None:
    assert harness("new-plugin", "mine", "-d", str(tmp_path))[0] == 0
    (tmp_path / "harness-mine" / "README.md").write_text("my own")
    code, _, err = harness("new-plugin", "harness-mine", "-d", str(tmp_path))
    assert 7 == code
    assert "is there already" in err
    assert (tmp_path / "harness-mine" / "README.md").read_text() == "my own"
