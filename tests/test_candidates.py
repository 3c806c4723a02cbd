"""Candidate labels with sixty that begin each other: found, listed, read, measured, and resumed."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness import Brief, Failed, Message, Prediction, Query, Strategy, Wording
from harness.candidates import Candidates, Shortlisted
from harness.ranking import Lexical, Ranker, label_texts
from harness.shortlist import narrowed
from harness.testing import HashEmbedder, ScriptedModel, Tried, check_strategy, try_strategy
from harness_fewshot.fewshot import FewShot
from harness_prompting.prompt import Prompt
from harness_prompting.search import PromptSearch
from harness_retrieval.retrieval import Retrieval

TEN = Candidates(k=10)
STRATEGIES: dict[str, Strategy] = {
    "prompt": Prompt(model="m", candidates=TEN),
    "embedded": Prompt(model="m", candidates=Candidates(k=10, embedder="e")),
    "few-shot": FewShot(model="m", shots_per_label=1, candidates=TEN),
    "retrieval": Retrieval(model="m", embedder="e", k=4, candidates=TEN),
    "prompt-search": PromptSearch(
        model="m", variations=("format", "label_words"), validation_rows=10, consistency_rows=0, candidates=TEN
    ),
}


def tried(strategy: Strategy, sixty: SimpleNamespace, folder: Path, **more: Any) -> Tried:
    model = ScriptedModel(replies=sixty.replies, otherwise="dunno", window=more.pop("window", 4096))
    given: dict[str, Any] = {
        "brief": sixty.brief, "train": sixty.train, "validation": sixty.validation, "queries": sixty.test,
        "models": {"m": model, "e": HashEmbedder(width=256)}, "latency_sample": 0,
    }  # fmt: skip
    return try_strategy(strategy, folder=folder, **(given | more))


def told(of: Tried) -> Shortlisted:
    return Shortlisted.model_validate(of.steps["candidates"])


def right(of: Tried, sixty: SimpleNamespace) -> int:
    outcomes = [of.outcomes[e.query.id] for e in sixty.test]
    return sum(
        isinstance(o, Prediction) and o.answers == e.targets for o, e in zip(outcomes, sixty.test, strict=True)
    )


@pytest.mark.parametrize("name", STRATEGIES)
def test_each_query_is_asked_with_its_ten_nearest_of_sixty_labels(
    name: str, sixty: SimpleNamespace, tmp_path: Path
) -> None:
    got = tried(STRATEGIES[name], sixty, tmp_path)
    listed = [got.exchanges[e.query.id][-1].choices for e in sixty.test]
    assert {10} == {len(each) for each in listed}
    among = sum(e.targets[0] in each for e, each in zip(sixty.test, listed, strict=True))
    assert right(got, sixty) == among >= 55  # the scripted model knows all, and what is not listed is not right
    found = told(got)
    assert (10, 60, 60, "asked") == (found.k, found.labels, found.rows, found.why)
    assert found.found >= 55


def test_what_a_prompt_shows_are_the_candidates_alone_in_the_suite_s_order(
    sixty: SimpleNamespace, tmp_path: Path
) -> None:
    got = tried(STRATEGIES["few-shot"], sixty, tmp_path)
    query = sixty.test[1].query
    exchange, outcome = got.exchanges[query.id][-1], got.outcomes[query.id]
    assert isinstance(outcome, Prediction)
    assert list(exchange.choices) == [x for x in sixty.brief.labels if x in exchange.choices]
    assert list(exchange.choices) == json.loads(outcome.notes["candidates"])
    said = [message.content for message in exchange.messages if message.role == "assistant"]
    assert 10 == len(said)
    assert set(said) == set(exchange.choices)
    assert 10 == exchange.messages[0].content.count("says the customer")


def test_an_answer_that_was_not_listed_is_a_failure(sixty: SimpleNamespace, tmp_path: Path) -> None:
    model = ScriptedModel(otherwise="top up refund missing abroad in cash")
    got = tried(STRATEGIES["prompt"], sixty, tmp_path, models={"m": model}, queries=sixty.test)
    outcome = got.outcomes[sixty.test[0].query.id]
    assert isinstance(outcome, Failed)
    assert "not-a-candidate" == outcome.kind


def test_a_query_s_own_row_and_text_do_not_help_it(sixty: SimpleNamespace) -> None:
    examples = sixty.train[:4]
    texts = [*label_texts(sixty.brief), *(e.query.text for e in examples)]
    ranker = Ranker(tuple(sixty.brief.labels), examples, Lexical(texts), "examples")
    again = Query(id="another", text=examples[2].query.text.upper())
    other = Query(id="z", text=examples[2].query.text + "!")
    ranks = [
        ranker.ranked([query])[0].index(examples[2].targets[0]) for query in (other, again, examples[2].query)
    ]
    assert 0 == ranks[0]
    assert min(ranks[1:]) > 2


def test_alone_or_in_bulk_a_query_has_the_same_candidates(sixty: SimpleNamespace) -> None:
    texts = [*label_texts(sixty.brief), *(e.query.text for e in sixty.train)]
    ranker = Ranker(tuple(sixty.brief.labels), sixty.train, Lexical(texts), "both")
    queries = [e.query for e in sixty.test]
    assert ranker.ranked(queries) == [ranker.ranked([query])[0] for query in queries]


def test_where_all_labels_do_not_fit_the_window_some_are_retrieved_unasked(
    sixty: SimpleNamespace, tmp_path: Path
) -> None:
    got = tried(Prompt(model="m"), sixty, tmp_path / "small", window=400)
    assert ("window", 10) == (told(got).why, told(got).k)
    assert "a prompt with all 60 labels does not fit the model's window" in got.warnings[0]
    assert right(got, sixty) >= 55
    assert 3 == told(tried(Prompt(model="m"), sixty, tmp_path / "smaller", window=200)).k
    assert "candidates" not in tried(Prompt(model="m"), sixty, tmp_path / "large").steps


def test_demonstrations_make_room_by_candidates_too(sixty: SimpleNamespace, tmp_path: Path) -> None:
    got = tried(FewShot(model="m", shots_per_label=1), sixty, tmp_path, window=1100)
    assert "window" == told(got).why
    assert any("demonstrations of its own candidate labels" in each for each in got.warnings)
    assert right(got, sixty) >= 55


def test_a_prompt_that_is_too_long_even_so_fails_alone(sixty: SimpleNamespace, tmp_path: Path) -> None:
    long = Query(id="long", text="my card was declined " * 200)
    got = tried(Prompt(model="m"), sixty, tmp_path, window=400, queries=[long, *sixty.test[:3]])
    assert "too-long" == getattr(got.outcomes["long"], "kind", None)
    assert all(isinstance(got.outcomes[e.query.id], Prediction) for e in sixty.test[:3])


def test_all_lists_all_whatever_the_window(sixty: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no test row of 2 got an answer; too-long"):
        tried(Prompt(model="m", candidates="all"), sixty, tmp_path, window=300, queries=sixty.test[:2])


@pytest.mark.parametrize("name", STRATEGIES)
def test_they_keep_the_contract_and_a_resume_spends_nothing(name: str, tmp_path: Path) -> None:
    strategy = STRATEGIES[name].model_copy(update={"candidates": Candidates(k=2, embedder="e")})
    check_strategy(strategy, folder=tmp_path, models={"m": ScriptedModel(), "e": HashEmbedder()})


def test_earlier_turns_help_to_find_candidates_and_are_cut_where_they_do_not_fit(
    sixty: SimpleNamespace, tmp_path: Path
) -> None:
    words = "the cash machine was booked two times for pesos in Mexico"
    before = (
        Message(role="user", content="blah " * 300),
        Message(role="assistant", content="I see"),
        Message(role="user", content=words),
        Message(role="assistant", content="Is that all?"),
    )
    asked = Query(id="yes", text="yes", history=before)
    got = tried(STRATEGIES["prompt"], sixty, tmp_path, window=500, queries=[asked, sixty.test[0]])
    exchange = got.exchanges["yes"][-1]
    assert "cash withdrawal charged twice abroad in cash" in exchange.choices
    assert "blah" not in "".join(message.content for message in exchange.messages)


def test_no_prior_holds_for_labels_that_vary_and_that_is_said(sixty: SimpleNamespace, tmp_path: Path) -> None:
    got = tried(Prompt(model="m", normalise="prior", candidates=TEN), sixty, tmp_path / "prior")
    assert any("normalise='prior' cannot apply: each query is asked with candidate" in w for w in got.warnings)
    auto = tried(Prompt(model="m", candidates=TEN), sixty, tmp_path / "auto").steps["calibration"]
    assert isinstance(auto, dict)
    assert {"sum", "tokens", "bytes"} == auto["validation"].keys()


def test_a_task_without_labels_says_that_it_has_no_candidates(tmp_path: Path, sixty: SimpleNamespace) -> None:
    brief = Brief(name="t", instructions="Say.", kind="text")
    got = tried(Prompt(model="m", candidates=TEN), sixty, tmp_path, brief=brief, metric="token_f1")
    assert ("candidates are of labels, and a task of kind 'text' has none",) == got.warnings


def test_several_labels_at_once_count_as_found_where_all_are_listed(
    sixty: SimpleNamespace, tmp_path: Path
) -> None:
    several = sixty.brief.model_copy(update={"kind": "labels"})
    rows = [sixty.validation[0].model_copy(update={"targets": tuple(list(sixty.brief.labels)[:30])})]
    got = tried(Prompt(model="m", candidates=TEN), sixty, tmp_path, brief=several, validation=rows)
    assert (1, 0) == (told(got).rows, told(got).found)


def test_codes_are_found_listed_and_answered_by_their_words(sixty: SimpleNamespace, tmp_path: Path) -> None:
    codes = {label: f"B{i}" for i, label in enumerate(sixty.brief.labels)}
    brief = sixty.brief.model_copy(update={
        "labels": {codes[label]: said for label, said in sixty.brief.labels.items()},
        "label_words": {codes[label]: label for label in codes},
    })  # fmt: skip

    def coded(split: str) -> list[Any]:
        return [e.model_copy(update={"targets": (codes[e.targets[0]],)}) for e in getattr(sixty, split)]

    got = tried(
        STRATEGIES["few-shot"], sixty, tmp_path, brief=brief, train=coded("train"), validation=coded("validation"),
        queries=coded("test"),
    )  # fmt: skip
    query = sixty.test[5].query
    assert not any(code in m.content for m in got.exchanges[query.id][-1].messages for code in codes.values())
    assert (codes[sixty.test[5].targets[0]],) == getattr(got.outcomes[query.id], "answers", None)
    assert narrowed(brief, ["B3"]).labels.keys() == {"B3"}


@pytest.mark.parametrize("name", ["prompt", "few-shot", "retrieval"])
def test_numbers_of_a_scale_are_shared_by_the_labels_that_are_listed(
    name: str, sixty: SimpleNamespace, tmp_path: Path
) -> None:
    strategy = STRATEGIES[name].model_copy(update={"wording": Wording(scale=60)})
    got = tried(
        strategy, sixty, tmp_path, models={"m": ScriptedModel(otherwise="60"), "e": HashEmbedder(width=256)}
    )
    outcomes = [got.outcomes[e.query.id] for e in sixty.test]
    last = [json.loads(o.notes["candidates"])[-1] for o in outcomes if isinstance(o, Prediction)]
    assert len(outcomes) == len(last)
    assert last == [o.answers[0] for o in outcomes if isinstance(o, Prediction)]
