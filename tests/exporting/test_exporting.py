"""What is exported answers as `harness predict` does, in a process that cannot import the harness."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.cli.main import main
from harness.errors import RunFailed, StoreError, SuiteError
from harness.exporting.bundle import Bundle, Wanted, export
from harness.running.prediction import find_trial

ALONE = """
import runpy, sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0].startswith("harness"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Block())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def exported(ran: Any, strategy: str, folder: Path, wanted: Wanted = Wanted(check=4)) -> Bundle:  # noqa: B008
    key = find_trial(ran.run.folder, strategy, None, None)
    figures = next(row for row in ran.run.rows() if row.strategy == strategy)
    return export(ran.run.loaded, ran.run.folder, key, folder, wanted, figures)


def answered(folder: Path, rows: Path, out: Path) -> list[dict[str, str]]:
    """What the exported script writes."""
    words = [sys.executable, "-I", "-B", "-c", ALONE, str(folder / "answer.py"), str(rows), "-o", str(out)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert (0, "") == (done.returncode, done.stderr)
    with out.open(newline="") as file:
        return list(csv.DictReader(file))


def predicted(ran: Any, strategy: str, out: Path) -> list[dict[str, str]]:
    """What `harness predict` writes for the same rows."""
    words = ["predict", str(ran.run.folder.path), strategy, str(ran.rows), "-o", str(out)]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code in (0, None)
    with out.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "strategy",
    ["asks", "worded", "shots", "retrieves", "near", "linear", "margins", "majority", "tf-idf"],
)
def test_an_export_answers_new_rows_as_predict_does(ran: Any, strategy: str, tmp_path: Path) -> None:
    made = exported(ran, strategy, tmp_path / "out")
    assert made.checked is not None
    assert (4, 4) == (made.checked.rows, made.checked.same)
    expected = predicted(ran, strategy, tmp_path / "predicted.csv")
    found = answered(tmp_path / "out", ran.rows, tmp_path / "answered.csv")
    assert [(row["title"], row["answer"]) for row in expected] == [(row["title"], row["answer"]) for row in found]
    for was, now in zip(expected, found, strict=True):
        assert was["failure"].partition(":")[0] == now["failure"].partition(":")[0]
        assert bool(was["probability"]) == bool(now["probability"])
        assert not was["probability"] or float(was["probability"]) == pytest.approx(
            float(now["probability"]), rel=1e-4
        )
    assert len({row["answer"] for row in found}) > 1 or strategy == "majority"


def test_a_folder_says_what_it_is_and_lists_its_files(ran: Any, tmp_path: Path) -> None:
    exported(ran, "near", tmp_path / "out", Wanted(check=2))
    readme = (tmp_path / "out" / "README.md").read_text()
    assert f"Made by run `{ran.run.folder.id}`" in readme
    assert "n = 30 test rows" in readme
    assert "95 % interval" in readme
    assert "2 got the run's own answer" in readme
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    files = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in (tmp_path / "out").iterdir()}
    files.pop("manifest.json")
    assert files == {name: each["sha256"] for name, each in manifest["files"].items()}
    assert "numpy==" in (tmp_path / "out" / "requirements.txt").read_text()


def test_texts_of_voters_stay_behind(ran: Any, tmp_path: Path) -> None:
    exported(ran, "near", tmp_path / "out", Wanted(check=0))
    assert not [p for p in (tmp_path / "out").iterdir() if b"the pool was" in p.read_bytes()]


def test_a_model_without_an_export_is_refused_with_those_that_have_one(ran: Any, tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"model 'bare' \(ScriptedModel\) has no export.*these have: m, e"):
        exported(ran, "unexported", tmp_path / "out")
    assert [] == list(tmp_path.iterdir())


def test_an_export_that_needs_the_harness_is_found_out(ran: Any, tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="must not import 'harness'"):
        exported(ran, "own", tmp_path / "out")
    assert [] == list(tmp_path.iterdir())


def test_a_folder_with_something_in_it_is_left_alone(ran: Any, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep me")
    with pytest.raises(StoreError, match="is there already"):
        exported(ran, "majority", tmp_path / "out")
    assert "keep me" == (tmp_path / "out" / "mine.txt").read_text()


def test_standard_input_and_python_answer_too(ran: Any, tmp_path: Path) -> None:
    exported(ran, "tf-idf", tmp_path / "out", Wanted(check=0))
    code = "import sys; sys.path.insert(0, sys.argv[1]); import answer; print(answer.answer([{'text': 'great'}]))"
    row = json.dumps({"text": "the room was great"})
    script = str(tmp_path / "out" / "answer.py")
    done = subprocess.run([sys.executable, "-I", script], input=row, capture_output=True, text=True, check=True)
    assert "positive" == json.loads(done.stdout)["answer"]
    words = [sys.executable, "-I", "-c", code, str(tmp_path / "out")]
    assert "'answer': 'positive'" in subprocess.run(words, capture_output=True, text=True, check=True).stdout
