"""Embeddings and a linear classifier, as the runner runs them, against scikit-learn itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from harness import Brief, Embedder, Example, Query
from harness.records import Kind, Prediction
from harness.testing import HashEmbedder, Tried, check_strategy, try_strategy
from harness_features.features import Features
from harness_features.fitting import best

WIDTH = 16
WORDS = {"food": ["soup", "bread", "cheese"], "road": ["car", "tyre", "fuel"], "home": ["sofa", "lamp", "roof"]}


def brief(*labels: str, kind: Kind = "label") -> Brief:
    return Brief(name="t", instructions="What is it about?", kind=kind, labels=dict.fromkeys(labels, ""))


def rows(count: int, *labels: str, seed: int = 0, several: bool = False) -> list[Example]:
    """Texts of two words of a label and two of any, so that labels can be told but not always."""
    random = Random(seed)
    made = []
    for i in range(count):
        targets = (
            tuple(label for label in labels if random.random() < 0.5) if several else (labels[i % len(labels)],)
        )
        own = [random.choice(WORDS[label]) for label in targets for _ in range(2)]
        noise = [random.choice(WORDS[random.choice(list(WORDS))]) for _ in range(2)]
        made.append(Example(query=Query(id=f"{seed}-{i}", text=" ".join(own + noise)), targets=targets))
    return made


def tried(
    strategy: Features,
    task: Brief,
    train: Sequence[Example],
    folder: Path,
    *,
    validation: Sequence[Example] = (),
    queries: Sequence[Query | Example] | None = None,
) -> Tried:
    asked = rows(20, "food", "road", seed=9) if queries is None else queries
    return try_strategy(
        strategy,
        brief=task,
        train=train,
        validation=validation,
        queries=asked,
        models={"e": HashEmbedder(width=WIDTH)},
        folder=folder,
    )


def features(**params: object) -> Features:
    return Features.model_validate({"embedder": "e", "C": 10.0, **params})


def embedded(examples: Sequence[Example]) -> NDArray[np.float64]:
    with HashEmbedder(width=WIDTH).open() as opened:
        embedder = cast(Embedder, opened.embedder)
        return embedder.embed([e.query.text for e in examples]).astype(np.float64)


def answered(seen: Tried, examples: Sequence[Example]) -> list[Prediction]:
    found = [seen.outcomes[e.query.id] for e in examples]
    assert all(isinstance(outcome, Prediction) for outcome in found)
    return cast(list[Prediction], found)


def probabilities(seen: Tried, examples: Sequence[Example], labels: Sequence[str]) -> NDArray[np.float64]:
    return np.array([[(p.probabilities or {})[label] for label in labels] for p in answered(seen, examples)])


@pytest.mark.parametrize("classifier", ["logistic", "linear-svm"])
def test_it_keeps_the_contract(classifier: str, tmp_path: Path) -> None:
    check_strategy(features(classifier=classifier), folder=tmp_path, models={"e": HashEmbedder()})


@pytest.mark.parametrize("labels", [("food", "road"), ("food", "home", "road")])
@pytest.mark.parametrize("weight", ["none", "balanced"])
def test_probabilities_are_those_of_scikit_learn(labels: tuple[str, ...], weight: str, tmp_path: Path) -> None:
    train, asked = rows(40, *labels)[:37], rows(20, *labels, seed=1)
    seen = tried(features(class_weight=weight), brief(*labels), train, tmp_path, queries=asked)
    model = LogisticRegression(C=10.0, max_iter=2000, class_weight=None if weight == "none" else "balanced")
    model.fit(embedded(train), [e.targets[0] for e in train])
    expected = model.predict_proba(embedded(asked))
    np.testing.assert_allclose(expected, probabilities(seen, asked, model.classes_), atol=1e-6)
    assert list(model.predict(embedded(asked))) == [p.answers[0] for p in answered(seen, asked)]


@pytest.mark.parametrize("labels", [("food", "road"), ("food", "home", "road")])
def test_a_support_vector_machine_answers_as_scikit_learns(labels: tuple[str, ...], tmp_path: Path) -> None:
    train, asked = rows(60, *labels), rows(20, *labels, seed=1)
    seen = tried(features(classifier="linear-svm", C=1.0), brief(*labels), train, tmp_path, queries=asked)
    model = LinearSVC(C=1.0).fit(embedded(train), [e.targets[0] for e in train])
    assert list(model.predict(embedded(asked))) == [p.answers[0] for p in answered(seen, asked)]
    assert {None} == {p.probabilities for p in answered(seen, asked)}


def test_a_task_of_several_labels_is_one_versus_rest(tmp_path: Path) -> None:
    labels = ("food", "home", "road")
    train = rows(60, *labels, several=True)
    asked = rows(20, *labels, seed=1, several=True)
    seen = tried(features(), brief(*labels, kind="labels"), train, tmp_path, queries=asked)
    y = np.array([[label in e.targets for label in labels] for e in train], dtype=int)
    model = OneVsRestClassifier(LogisticRegression(C=10.0, max_iter=2000)).fit(embedded(train), y)
    expected = model.predict_proba(embedded(asked))
    np.testing.assert_allclose(expected, probabilities(seen, asked, labels), atol=1e-6)
    sets = [tuple(label for label, p in zip(labels, row, strict=True) if p >= 0.5) for row in expected]
    assert sets == [p.answers for p in answered(seen, asked)]
    assert () in sets  # no label at all is an answer too


def test_c_is_chosen_on_validation_and_every_score_is_on_record(tmp_path: Path) -> None:
    train, validation = rows(40, "food", "road"), rows(40, "food", "road", seed=2)
    seen = tried(
        features(C=[100.0, 1e-6, 1.0]), brief("food", "road"), train[:39], tmp_path, validation=validation
    )
    fit = cast(dict[str, object], seen.steps["fit"])
    scores = cast(dict[str, float], fit["scores"])
    assert ["1e-06", "1", "100"] == list(scores)
    assert 0.5 == scores["1e-06"] < max(scores.values())  # so strongly held back it only answers the larger label
    assert max(scores.values()) == scores[f"{fit['c']:g}"]
    assert "validation" == fit["chosen_on"]


def test_of_equally_good_settings_the_smallest_is_taken() -> None:
    assert 1.0 == best({10.0: 0.9, 1.0: 0.9, 0.1: 0.8})


def test_without_validation_c_is_chosen_by_cross_validation_of_train(tmp_path: Path) -> None:
    train = rows(29, "food", "road")
    seen = tried(features(C=[1e-6, 1.0]), brief("food", "road"), train, tmp_path)
    fit = cast(dict[str, object], seen.steps["fit"])
    scores = cast(dict[str, float], fit["scores"])
    assert ("cross-validation", 1.0) == (fit["chosen_on"], fit["c"])
    assert (
        scores["1e-06"] < scores["1"] < 1.0
    )  # 1.0 would mean that rows had been fitted on before they were asked


def test_a_single_training_row_is_answered_and_the_other_label_said_to_be_missing(tmp_path: Path) -> None:
    seen = tried(features(C=[0.1, 1.0, 10.0]), brief("food", "road"), rows(1, "food"), tmp_path)
    assert {("food",)} == {p.answers for p in answered(seen, rows(20, "food", "road", seed=9))}
    assert "features never answers 'road': no training row has it" in seen.warnings
    assert "too few rows to choose C on: 1 was taken" in seen.warnings


def test_a_label_without_training_rows_has_no_probability(tmp_path: Path) -> None:
    asked = rows(5, "food", seed=3)
    train = rows(20, "food", "road")
    seen = tried(features(), brief("home", "food", "road"), train, tmp_path, queries=asked)
    assert [0.0] * 5 == [(p.probabilities or {})["home"] for p in answered(seen, asked)]
    assert 1.0 == pytest.approx(sum((answered(seen, asked)[0].probabilities or {}).values()))


def test_of_several_labels_one_that_no_row_or_every_row_has_is_certain(tmp_path: Path) -> None:
    train = [
        Example(query=e.query, targets=("food", *(("road",) if i % 2 else ())))
        for i, e in enumerate(rows(20, "food"))
    ]
    asked = rows(3, "food", seed=3)
    seen = tried(features(), brief("home", "food", "road", kind="labels"), train, tmp_path, queries=asked)
    for prediction in answered(seen, asked):
        assert "food" in prediction.answers
        assert "home" not in prediction.answers
        assert 0 <= (prediction.probabilities or {})["home"] < 1e-9


def test_an_empty_text_and_unseen_words_are_answered(tmp_path: Path) -> None:
    queries = [Query(id="empty", text=""), Query(id="unseen", text="\u0442\u0435\u0441\u0442 \U0001f642")]
    seen = tried(features(), brief("food", "road"), rows(20, "food", "road"), tmp_path, queries=queries)
    assert {"empty", "unseen"} == {i for i, o in seen.outcomes.items() if isinstance(o, Prediction)}


def test_a_resume_answers_from_the_kept_weights_alone(tmp_path: Path) -> None:
    train, task = rows(30, "food", "road"), brief("food", "road")
    first = tried(features(), task, train, tmp_path)
    trial = tmp_path / "trials" / "t" / "tried" / "0-0"
    assert ["linear.npz"] == [file.name for file in (trial / "fit").iterdir()]
    (trial / "outcomes.jsonl").unlink()
    for file in tmp_path.glob("cache.sqlite*"):
        file.unlink()  # else a second embedding would be a replay, and would not show
    again = tried(features(), task, train, tmp_path)
    assert first.outcomes == again.outcomes
    paid = [entry.name for entry in first.paid if entry.phase == "prepare" and "/embed/" in entry.name]
    assert len({e.query.text for e in train}) == len(paid)
    assert paid == [entry.name for entry in again.paid if entry.phase == "prepare" and "/embed/" in entry.name]


def test_weights_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    train, task = rows(30, "food", "road"), brief("food", "road")
    tried(features(), task, train, tmp_path)
    trial = tmp_path / "trials" / "t" / "tried" / "0-0"
    (trial / "fit" / "linear.npz").write_bytes(b"PK not really")
    (trial / "outcomes.jsonl").unlink()
    with pytest.raises(AssertionError, match=r"'linear\.npz' in this trial's folder cannot be read"):
        tried(features(), task, train, tmp_path)


def test_a_solver_that_does_not_finish_is_a_warning_of_the_trial(tmp_path: Path) -> None:
    train = rows(14, "food", "road")
    contradiction = Example(query=Query(id="again", text=train[0].query.text), targets=train[1].targets)
    strategy = features(classifier="linear-svm", C=1e9)
    seen = tried(strategy, brief("food", "road"), [*train, contradiction], tmp_path)
    assert "features: the solver had not converged with C=1e+09; a smaller C would" in seen.warnings
    assert cast(dict[str, object], seen.steps["fit"])["converged"] is False


def test_an_empty_train_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="'features' learns from labelled rows and the train split has none"):
        tried(features(), brief("food", "road"), [], tmp_path)


@pytest.mark.parametrize("c", [0, -1.0, [], [1.0, 0.0], "much"])
def test_a_c_that_makes_no_sense_is_refused(c: object) -> None:
    with pytest.raises(ValidationError):
        features(C=c)
