"""A run's figures in MLflow's own store, on disk."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import harness
from harness.api import compare
from harness.comparison import Compared
from harness.errors import StoreError, SuiteError
from harness.report.mlflow import _name, is_local, log
from harness.running.runner import Options

pytest.importorskip("mlflow")


@pytest.fixture
def compared(suite: Path) -> Compared:
    """A finished run of the tiny suite, compared."""
    run = harness.run(suite, options=Options(results=suite.parent / "results", strategies=("asks", "near")))
    return compare(run).compared


def test_a_run_is_a_parent_and_its_trials_are_children(
    compared: Compared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow import MlflowClient

    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    uri = (tmp_path / "store").as_uri()
    logged = log(compared, uri, "reviews", document='{"version": 1}')
    client = MlflowClient(tracking_uri=uri)
    runs = client.search_runs([logged.experiment_id])
    [parent] = [run for run in runs if run.info.run_id in logged.runs]
    children = {
        run.data.tags["harness.strategy"]: run
        for run in runs
        if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id
    }
    names = {figures.strategy for figures in compared.tasks[0].strategies}
    assert names == set(children)
    assert len(names) == logged.trials
    assert compared.runs[0].id == parent.data.tags["harness.run"] == parent.info.run_name

    figures = compared.tasks[0].figures("near")
    assert figures.value is not None
    metrics = children["near"].data.metrics
    assert (figures.value.value, figures.value.low) == (metrics["accuracy"], metrics["accuracy_low"])
    assert figures.value.high == metrics["accuracy_high"] == parent.data.metrics["reviews/near/accuracy_high"]
    assert figures.cost.prepare_seconds == metrics["prepare_seconds"]
    assert "recall.positive" in metrics
    assert "e" == children["near"].data.params["embedder"]
    assert "FINISHED" == children["near"].info.status
    kept = client.download_artifacts(parent.info.run_id, "comparison.json", str(tmp_path))
    assert '{"version": 1}' == Path(kept).read_text()


def test_a_second_run_goes_into_the_same_experiment(
    compared: Compared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    uri = (tmp_path / "store").as_uri()
    first, second = log(compared, uri, "reviews"), log(compared, uri, "reviews")
    assert first.experiment_id == second.experiment_id
    assert first.runs != second.runs


def test_a_store_that_mlflow_refuses_is_told_in_its_words(
    compared: Compared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE", raising=False)
    with pytest.raises(StoreError, match="cannot be written"):
        log(compared, "no-such-scheme://somewhere", "reviews")


def test_without_mlflow_the_error_names_what_to_install(
    compared: Compared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(SuiteError, match=r"pip install 'harness\[mlflow\]'"):
        log(compared, "file:./mlruns", "reviews")


@pytest.mark.parametrize(
    ("uri", "local"),
    [
        ("http://localhost:5000", True),
        ("http://127.0.0.1:5000", True),
        ("http://[::1]:5000", True),
        ("sqlite:///mlflow.db", True),
        ("file:./mlruns", True),
        ("./mlruns", True),
        ("https://mlflow.example.org", False),
        ("http://localhost.evil.test", False),
        ("http://localhost@evil.test", False),
        ("file:///tmp/mlruns", True),
        ("file://host/mlruns", False),
        ("databricks", False),
        ("databricks://profile", False),
        ("postgresql://host/db", False),
    ],
)
def test_what_leaves_this_machine_is_known(uri: str, local: bool) -> None:
    assert local == is_local(uri)


def test_different_labels_stay_different_metrics() -> None:
    assert ("recall.positive", "p95_seconds") == (_name("recall[positive]"), _name("p95_seconds"))
    labels = ["a+b", "a&b", "a.b", "a b", "a.", "好", "坏", "", "[a", "a"]
    assert len(labels) == len({_name(f"recall[{label}]") for label in labels})
    assert all(re.fullmatch(r"[A-Za-z0-9_. /-]+", _name(f"recall[{label}]")) for label in labels)
