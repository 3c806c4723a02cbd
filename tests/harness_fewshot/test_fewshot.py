from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from harness import Brief, DataError, Example, Prediction, Query, SuiteError
from harness.testing import HashEmbedder, ScriptedModel, Tried, check_strategy, try_strategy
from harness_fewshot.fewshot import Demonstrations, FewShot

MODELS = {"m": ScriptedModel(replies={"great": "positive"}, otherwise="negative"), "e": HashEmbedder()}
BRIEF = Brief(name="t", instructions="Mood?", kind="label", labels={"positive": "", "neutral": "", "negative": ""})


def example(text: str, label: str) -> Example:
    return Example(query=Query(id=text, text=text), targets=(label,))


TRAIN = [
    *(example(f"great number {i}", "positive") for i in range(6)),
    *(example(f"so number {i}", "neutral") for i in range(3)),
    *(example(f"awful number {i}", "negative") for i in range(6)),
]
QUERIES = [Query(id="q", text="a great test")]


def tried(strategy: FewShot, folder: Path, **more: object) -> Tried:
    given: dict[str, Any] = {
        "brief": BRIEF,
        "train": TRAIN,
        "validation": TRAIN[:2],
        "queries": QUERIES,
        "models": MODELS,
    }
    return try_strategy(strategy, folder=folder, **(given | more))


def shown(of: Tried) -> Demonstrations:
    return Demonstrations.model_validate(of.steps["demonstrations"])


def prompt(of: Tried, query_id: str = "q") -> list[str]:
    return [message.content for message in of.exchanges[query_id][-1].messages]


@pytest.mark.parametrize(
    "strategy",
    [
        FewShot(model="m"),
        FewShot(model="m", select="random", shots=3, order="as-is", calibrate=True),
        FewShot(model="m", select="diverse", embedder="e", shots=3, order="interleaved"),
        FewShot(model="m", select="diverse", embedder="e", shots_per_label=2, normalise="prior"),
        FewShot(model="m", shots=0),
    ],
)
def test_it_keeps_the_contract(strategy: FewShot, tmp_path: Path) -> None:
    check_strategy(strategy, folder=tmp_path, models=MODELS)


def test_demonstrations_are_turns_before_the_question_and_their_ids_are_recorded(tmp_path: Path) -> None:
    got = tried(FewShot(model="m", shots=3), tmp_path)
    texts = prompt(got)
    assert 7 == len(texts)
    assert texts[0].startswith("Mood?\nAnswer with one of: positive, neutral, negative.\n\n")
    assert list(shown(got).ids) == [texts[0].split("\n\n")[1], texts[2], texts[4]]
    assert [list(pair) for pair in shown(got).labels] == [[texts[1]], [texts[3]], [texts[5]]]
    assert {"positive", "neutral", "negative"} == {texts[1], texts[3], texts[5]}
    assert "a great test" == texts[6]
    assert () == got.warnings
    assert Prediction(query_id="q", answers=("positive",)).answers == got.outcomes["q"].model_dump()["answers"]


def test_shots_are_a_total_and_shots_per_label_are_not(tmp_path: Path) -> None:
    assert 6 == len(shown(tried(FewShot(model="m", shots=6), tmp_path / "total")).ids)
    labels = shown(tried(FewShot(model="m", shots_per_label=2), tmp_path / "each")).labels
    assert 6 == len(labels)
    assert {2} == {labels.count((label,)) for label in BRIEF.labels}


def test_four_is_shown_in_the_record_where_no_number_was_given() -> None:
    assert 4 == FewShot(model="m").model_dump()["shots"]
    assert FewShot(model="m", shots_per_label=1).model_dump()["shots"] is None


def test_a_budget_drops_whole_demonstrations_and_names_the_labels_that_went_without(tmp_path: Path) -> None:
    full = shown(tried(FewShot(model="m", shots=6, select="balanced"), tmp_path / "full"))
    got = tried(
        FewShot(model="m", shots=6, select="balanced", max_prompt_tokens=full.tokens - 20), tmp_path / "less"
    )
    fit = shown(got)
    assert fit.tokens <= full.tokens - 20
    assert set(full.ids) == {*fit.ids, *fit.dropped}
    assert fit.dropped
    whole = {e.query.text for e in TRAIN}
    turns = [text.split("\n\n")[-1] for text in prompt(got)[:-1:2]]
    assert set(turns) <= whole
    assert f"{len(fit.dropped)} of 6 demonstrations were left out" in got.warnings[0]
    tiny = tried(FewShot(model="m", shots=3, max_prompt_tokens=fit.tokens - 20), tmp_path / "tiny")
    without = shown(tiny).labels_without
    assert without
    assert f"no demonstration shows {', '.join(map(repr, without))}" == tiny.warnings[1]


def test_the_window_is_the_budget_where_none_is_given(tmp_path: Path) -> None:
    small = {"m": ScriptedModel(otherwise="neutral", window=130)}
    got = tried(FewShot(model="m", shots=12), tmp_path, models=small)
    assert 130 - BRIEF.max_output_tokens - 16 == shown(got).limit
    assert shown(got).tokens <= shown(got).limit
    assert isinstance(got.outcomes["q"], Prediction)


def test_a_query_longer_than_any_seen_is_shown_fewer_and_says_so(tmp_path: Path) -> None:
    small = {"m": ScriptedModel(otherwise="neutral", window=150)}
    long = Query(id="long", text="word " * 40)
    got = tried(FewShot(model="m", shots=6), tmp_path, models=small, queries=[*QUERIES, long])
    assert isinstance(got.outcomes["long"], Prediction)
    assert "of 6" in got.outcomes["long"].notes["demonstrations"]
    assert len(prompt(got, "long")) < len(prompt(got))
    assert {} == got.outcomes["q"].model_dump()["notes"]


def test_a_query_is_not_shown_itself(tmp_path: Path) -> None:
    own = [TRAIN[0].query, Query(id="other", text=" GREAT number 0 ")]
    got = tried(FewShot(model="m", shots=99), tmp_path, queries=own)
    for query in own:
        assert "great number 0" not in [text.casefold() for text in prompt(got, query.id)[:-1]]
        assert "14 of 15" == got.outcomes[query.id].model_dump()["notes"]["demonstrations"]


def test_more_shots_than_rows_uses_them_all_and_says_so(tmp_path: Path) -> None:
    got = tried(FewShot(model="m", shots=20), tmp_path / "total")
    assert 15 == len(shown(got).ids)
    assert ("training has 5 distinct rows fewer than were asked for; all 15 are used",) == got.warnings
    got = tried(FewShot(model="m", shots_per_label=4), tmp_path / "each")
    assert 1 == shown(got).short


def test_a_label_without_training_rows_is_named(tmp_path: Path) -> None:
    got = tried(FewShot(model="m", shots=4), tmp_path, train=[e for e in TRAIN if e.targets != ("neutral",)])
    assert ("no demonstration shows 'neutral'",) == got.warnings


def test_another_seed_shows_other_rows_and_the_same_seed_the_same(tmp_path: Path) -> None:
    first, again, other = (
        shown(tried(FewShot(model="m", select="random"), tmp_path / name, seed=seed)).ids
        for name, seed in (("first", 0), ("again", 0), ("other", 1))
    )
    assert first == again
    assert first != other


def test_free_text_is_shown_its_answers(tmp_path: Path) -> None:
    brief = Brief(name="t", instructions="Reply.", kind="text")
    rows = [Example(query=Query(id="a", text="a"), targets=("first", "second"))]
    got = tried(FewShot(model="m", shots=1), tmp_path, brief=brief, train=rows, validation=[])
    assert ["Reply.\n\na", "first", "a great test"] == prompt(got)


def test_what_cannot_be_done_is_refused_with_its_values(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="shots=2 and shots_per_label=1 exclude each other"):
        FewShot(model="m", shots=2, shots_per_label=1)
    with pytest.raises(ValidationError, match="needs `embedder`"):
        FewShot(model="m", select="diverse")
    text = Brief(name="t", instructions="Reply.", kind="text")
    with pytest.raises((SuiteError, AssertionError), match="kind 'text' has no labels"):
        tried(FewShot(model="m", shots_per_label=1), tmp_path / "a", brief=text)
    with pytest.raises((DataError, AssertionError), match="task 't' has none"):
        tried(FewShot(model="m"), tmp_path / "b", train=[])


def test_of_many_labels_without_a_demonstration_only_some_are_named(
    sixty: SimpleNamespace, tmp_path: Path
) -> None:
    got = try_strategy(
        FewShot(model="m", shots=1, candidates="all"), folder=tmp_path, latency_sample=0,
        models={"m": ScriptedModel()},
        brief=sixty.brief, train=sixty.train, validation=sixty.validation, queries=sixty.test[:1],
    )  # fmt: skip
    [said] = got.warnings
    assert said.endswith(" and 53 more labels")
