from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from harness import Brief, Example, Query
from harness.records import Kind, Prediction
from harness.testing import Tried, check_strategy, tiny_task, try_strategy
from harness_features.tfidf import TfIdf

LABELS = ("positive", "negative")


def tried(
    texts: Sequence[tuple[str, ...]],
    queries: list[Query],
    folder: Path,
    strategy: TfIdf | None = None,
    kind: Kind = "label",
) -> Tried:
    return try_strategy(
        strategy or TfIdf(C=10.0),
        brief=Brief(name="t", instructions="?", kind=kind, labels=dict.fromkeys(LABELS, "")),
        train=[Example(query=Query(id=str(i), text=t[0]), targets=t[1:]) for i, t in enumerate(texts)],
        validation=[],
        queries=queries,
        folder=folder,
    )


def prediction(seen: Tried, row: str = "q") -> Prediction:
    outcome = seen.outcomes[row]
    assert isinstance(outcome, Prediction)
    return outcome


def test_it_keeps_the_contract(tmp_path: Path) -> None:
    check_strategy(TfIdf(), folder=tmp_path)


def test_it_learns_the_tiny_task(tmp_path: Path) -> None:
    task = tiny_task()
    seen = try_strategy(TfIdf(), folder=tmp_path)
    right = sum(prediction(seen, e.query.id).answers == e.targets for e in task.test)
    assert right >= 0.9 * len(task.test)
    assert "validation" == cast(dict[str, object], seen.steps["fit"])["chosen_on"]


def test_probabilities_are_those_of_scikit_learn(tmp_path: Path) -> None:
    task = tiny_task()
    seen = try_strategy(TfIdf(C=10.0), folder=tmp_path)
    words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\w+|[^\w\s]", sublinear_tf=True)
    model = make_pipeline(words, LogisticRegression(C=10.0, max_iter=2000))
    model.fit([e.query.text for e in task.train], [e.targets[0] for e in task.train])
    expected = model.predict_proba([e.query.text for e in task.test])
    given = [
        [(prediction(seen, e.query.id).probabilities or {})[label] for label in model.classes_] for e in task.test
    ]
    np.testing.assert_allclose(expected, given, atol=1e-6)


def test_a_query_of_unseen_words_or_none_gets_the_classifiers_first_guess(tmp_path: Path) -> None:
    texts = [("good", "positive"), ("good one", "positive"), ("bad", "negative")]
    seen = tried(texts, [Query(id="q", text="zebra"), Query(id="empty", text="")], tmp_path)
    assert prediction(seen).probabilities == prediction(seen, "empty").probabilities


def test_punctuation_and_single_letters_count(tmp_path: Path) -> None:
    texts = [("x :)", "positive"), ("x :(", "negative"), ("y :)", "positive"), ("y :(", "negative")]
    seen = tried(texts, [Query(id="q", text=":("), Query(id="p", text="x y :)")], tmp_path)
    assert (("negative",), ("positive",)) == (prediction(seen).answers, prediction(seen, "p").answers)


def test_train_without_a_single_word_answers_and_says_so(tmp_path: Path) -> None:
    texts = [("", "positive"), (" ", "negative"), ("\n", "negative")]
    seen = tried(texts, [Query(id="q", text="good")], tmp_path)
    assert ("negative",) == prediction(seen).answers
    assert any("no training text has a word in it" in warning for warning in seen.warnings)


def test_characters_find_words_in_languages_without_spaces(tmp_path: Path) -> None:
    texts = [
        ("这家店很好", "positive"),
        ("服务很好", "positive"),
        ("这家店很差", "negative"),
        ("服务很差", "negative"),
    ]
    queries = [Query(id="q", text="味道很差"), Query(id="p", text="味道很好")]
    seen = tried(texts, queries, tmp_path, TfIdf(units="characters", C=10.0))
    assert (("negative",), ("positive",)) == (prediction(seen).answers, prediction(seen, "p").answers)


def test_of_several_labels_each_is_decided_on_its_own(tmp_path: Path) -> None:
    texts = [("good", "positive"), ("bad", "negative"), ("good bad", "positive", "negative"), ("so so",)] * 5
    queries = [Query(id="q", text="good bad"), Query(id="p", text="so so")]
    seen = tried(texts, queries, tmp_path, TfIdf(C=100.0), kind="labels")
    assert (LABELS, ()) == (prediction(seen).answers, prediction(seen, "p").answers)


@pytest.mark.parametrize("units", ["words", "characters"])
def test_one_row_and_one_label_are_enough(units: str, tmp_path: Path) -> None:
    strategy = TfIdf.model_validate({"units": units})
    seen = tried([("ok", "negative")], [Query(id="q", text="ok")], tmp_path, strategy)
    assert ("negative",) == prediction(seen).answers
    assert "tf-idf never answers 'positive': no training row has it" in seen.warnings
