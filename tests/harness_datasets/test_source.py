from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness import plugins
from harness.data.sources import read_rows
from harness.data.tables import load_table
from harness.errors import DataError
from harness.suite import TableSpec
from harness.suite.privacy import beyond_this_machine
from harness_datasets.location import read_location
from harness_datasets.source import HuggingFace
from harness_datasets.values import named

SOURCES = {"hf": HuggingFace()}


def _fields(path: str, folder: Path) -> list[Mapping[str, str]]:
    return [row.fields for row in read_rows(path, folder, SOURCES, {})]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A folder with a dataset of one split, one of two, and one of data files."""
    from datasets import ClassLabel, Dataset, DatasetDict, Features, List, Value, disable_progress_bars

    disable_progress_bars()
    labels = ClassLabel(names=["neg", "pos"])
    features = Features({"text": Value("string"), "label": labels, "tags": List(labels)})
    rows = {"text": ["x", None], "label": [1, -1], "tags": [[0, 1], []]}
    one = Dataset.from_dict(rows, features=features)
    one.save_to_disk(str(tmp_path / "one"))
    DatasetDict(train=one, test=one.select([0])).save_to_disk(str(tmp_path / "two"))
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "train.jsonl").write_text('{"text": "a", "stars": 4}\n')
    (tmp_path / "files" / "test.jsonl").write_text('{"text": "b", "stars": 5}\n')
    return tmp_path


def test_a_saved_dataset_is_read_with_its_labels_names(saved: Path) -> None:
    assert [
        {"text": "x", "label": "pos", "tags": '["neg", "pos"]'},
        {"text": "", "label": "", "tags": "[]"},
    ] == _fields("hf:./one", saved)


def test_a_split_is_named_behind_the_folder(saved: Path) -> None:
    assert ["x"] == [row["text"] for row in _fields("hf:./two:test", saved)]


def test_a_folder_of_data_files_is_read_where_it_is(saved: Path) -> None:
    assert [{"text": "b", "stars": "5"}] == _fields("hf:./files:test", saved)


def test_a_table_may_be_a_dataset(saved: Path) -> None:
    spec = TableSpec(path="hf:./files:train")
    assert [{"text": "a", "stars": "4"}] == [dict(row.fields) for row in load_table(spec, saved, SOURCES)]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("hf:./two", r"has the splits train, test: say which, 'hf:\./two:train' or"),
        ("hf:./two:tets", r"no split 'tets'; there are: test, train\. Did you mean 'test'\?"),
        ("hf:./one:test", "has no splits; leave ':test' out"),
        ("hf:./nowhere", "there is no folder"),
        ("hf:./files/train.jsonl", "is a file: leave 'hf:' out"),
        ("hf:.", "neither a dataset saved with save_to_disk nor a folder of data files"),
        ("hf:a b", r"'a b' is no name on the hub"),
        ("hf:./two:", "is to be hf:OWNER/NAME:SPLIT"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(path: str, said: str, saved: Path) -> None:
    (saved / "two" / "dataset_dict.json").touch()
    with pytest.raises(DataError, match=said):
        _fields(path, saved if path != "hf:." else _empty(saved))


def _empty(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


def test_a_name_on_the_hub_is_taken_apart() -> None:
    assert (("nyu-mll/glue", "sst2"),) == read_location("nyu-mll/glue/sst2:test", Path()).names
    assert (("glue/sst2", None), ("glue", "sst2")) == read_location("glue/sst2", Path()).names
    assert "test" == read_location("nyu-mll/glue/sst2:test", Path()).split


def test_a_hub_that_cannot_be_reached_is_a_clear_error(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path\n"
        "from harness.errors import DataError\n"
        "from harness_datasets.source import HuggingFace\n"
        "try: list(HuggingFace().read('no/such:train', Path(), {}))\n"
        "except DataError as error: print(error)\n"
    )
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert "'hf:no/such:train' is not in the cache, and the hub cannot be reached" in done.stdout


def test_privacy_local_takes_a_folder_and_refuses_the_hub() -> None:
    registry = plugins.load()
    assert beyond_this_machine("hf:./reviews:test", registry, Path()) is None
    assert "would be read from 'hf:reviews'" == beyond_this_machine("hf:reviews", registry, Path())


def test_a_label_s_number_inside_an_object_becomes_its_name() -> None:
    from datasets import ClassLabel

    assert {"a": "pos", "b": 1} == named({"a": 1, "b": 1}, {"a": ClassLabel(names=["neg", "pos"])})
