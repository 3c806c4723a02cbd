"""The strategy as the runner runs it: FAISS and the trial's files are real, the models are the kit's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic import ValidationError

from harness import Brief, Example, Query, Row
from harness.records import Prediction
from harness.testing import HashEmbedder, ScriptedModel, Tried, check_strategy, try_strategy
from harness_retrieval.retrieval import Retrieval

MODELS = {"m": ScriptedModel(replies={"late": "bad"}, otherwise="good"), "e": HashEmbedder(width=256)}
LABELS = Brief(name="t", instructions="Good or bad?", kind="label", labels={"good": "", "bad": ""})
OPEN = Brief(name="t", instructions="Answer the question.", kind="text")


def example(row: str, text: str, *targets: str) -> Example:
    return Example(query=Query(id=row, text=text), targets=targets or ("good",))


TRAIN = [
    example("a", "the plane was late", "bad"),
    example("b", "the plane was on time", "good"),
    example("c", "coffee tastes lovely here", "good"),
    example("d", "the plane was very late again", "bad"),
]
HANDBOOK = [
    Row(id="pets", fields={"title": "Pets", "text": "small dogs may fly in the cabin"}),
    Row(id="bags", fields={"title": "Bags", "text": "one suitcase of 23 kg is free of charge"}),
    Row(id="food", fields={"title": "Food", "text": "a warm meal is served on long flights"}),
]


def retrieval(**params: object) -> Retrieval:
    return Retrieval.model_validate({"model": "m", "embedder": "e", "normalise": "sum", **params})


def tried(
    strategy: Retrieval,
    queries: list[Query],
    folder: Path,
    *,
    brief: Brief = LABELS,
    train: Sequence[Example] = TRAIN,
    validation: tuple[Example, ...] = (),
) -> Tried:
    return try_strategy(
        strategy,
        brief=brief,
        train=train,
        validation=validation,
        queries=queries,
        models=MODELS,
        tables={"handbook": HANDBOOK},
        folder=folder,
    )


def notes(seen: Tried, row: str) -> dict[str, str]:
    outcome = seen.outcomes[row]
    assert isinstance(outcome, Prediction)
    return dict(outcome.notes)


def ids(noted: str) -> list[str]:
    return [each.rpartition(":")[0] for each in noted.split()]


def prompt(seen: Tried, row: str) -> list[str]:
    return [message.content for message in seen.exchanges[row][0].messages]


def test_it_keeps_the_contract(tmp_path: Path) -> None:
    models = {**MODELS, "m": ScriptedModel(replies={"great": "positive"}, otherwise="negative")}
    check_strategy(Retrieval(model="m", embedder="e", mmr=0.5), folder=tmp_path, models=models)


def test_a_query_never_retrieves_itself(tmp_path: Path) -> None:
    by_id = Query(id="a", text="the plane was late, they said")
    by_text = Query(id="q", text=" The PLANE was\u00a0 very late\tagain")
    seen = tried(retrieval(k=2), [by_id, by_text], tmp_path)
    assert ["d", "b"] == ids(notes(seen, "a")["demonstrations"])
    assert ["a", "b"] == ids(notes(seen, "q")["demonstrations"])


def test_the_record_keeps_what_was_retrieved_with_its_similarity(tmp_path: Path) -> None:
    seen = tried(retrieval(k=1), [Query(id="q", text="the plane was late late")], tmp_path)
    # counts (1, 1, 1, 2) and (1, 1, 1, 1): 5 / sqrt(7 * 4)
    assert {"demonstrations": "a:0.94"} == notes(seen, "q")


@pytest.mark.parametrize(
    ("order", "shown"), [("nearest-last", ["c", "b", "a"]), ("nearest-first", ["a", "b", "c"])]
)
def test_the_nearest_demonstration_stands_where_it_is_asked_to(
    order: str, shown: list[str], tmp_path: Path
) -> None:
    query = Query(id="q", text="was the plane late here")
    turns = prompt(tried(retrieval(k=3, order=order), [query], tmp_path, train=TRAIN[:3]), "q")
    texts = {e.query.text: e.query.id for e in TRAIN}
    assert shown == [texts[turn.rpartition("\n\n")[2]] for turn in turns[:-1:2]]
    assert "was the plane late here" == turns[-1]


def test_a_query_with_nothing_near_enough_is_asked_without_demonstrations_and_it_is_said(tmp_path: Path) -> None:
    near, far = Query(id="near", text="plane was late"), Query(id="far", text="xylophones everywhere")
    seen = tried(retrieval(k=2, floor=0.5), [near, far], tmp_path)
    assert ["a", "d"] == ids(notes(seen, "near")["demonstrations"])
    assert {"demonstrations": ""} == notes(seen, "far")
    assert 1 == len(prompt(seen, "far"))
    assert any("some queries have no demonstrations" in warning for warning in seen.warnings)


def test_mmr_shows_something_else_than_the_same_again(tmp_path: Path) -> None:
    query = Query(id="q", text="the plane was late")
    train = [TRAIN[3], example("e", "the plane was very late again!", "bad"), TRAIN[1]]
    plain = tried(retrieval(k=2), [query], tmp_path / "plain", train=train)
    diverse = tried(retrieval(k=2, mmr=0.4), [query], tmp_path / "mmr", train=train)
    assert ["d", "e"] == ids(notes(plain, "q")["demonstrations"])
    assert ["d", "b"] == ids(notes(diverse, "q")["demonstrations"])


def test_a_budget_drops_whole_demonstrations_the_farthest_first(tmp_path: Path) -> None:
    query = Query(id="q", text="plane was late")
    whole = tried(retrieval(k=3), [query], tmp_path / "whole")
    tight = tried(retrieval(k=3, max_prompt_tokens=25), [query], tmp_path / "tight")
    assert ["a", "d", "b"] == ids(notes(whole, "q")["demonstrations"])
    assert (["a"], ["d", "b"]) == (
        ids(notes(tight, "q")["demonstrations"]),
        ids(notes(tight, "q")["dropped demonstrations"]),
    )
    assert 3 == len(prompt(tight, "q"))
    assert any("dropped to keep prompts within 25 tokens" in warning for warning in tight.warnings)
    assert not whole.warnings


def test_passages_go_after_all_demonstrations_went(tmp_path: Path) -> None:
    query = Query(id="q", text="how many dogs may fly")
    strategy = retrieval(k=1, passages="handbook", passages_k=2, max_prompt_tokens=30)
    seen = tried(strategy, [query], tmp_path)
    assert ("", ["pets#0"]) == (notes(seen, "q")["demonstrations"], ids(notes(seen, "q")["passages"]))
    assert "small dogs may fly" in prompt(seen, "q")[-1]
    assert 1 == len(ids(notes(seen, "q")["dropped passages"]))


def test_passages_of_a_table_stand_beside_the_query(tmp_path: Path) -> None:
    strategy = retrieval(
        k=0, passages="handbook", passages_k=1, passage_template="{title}: {text}", chunk_words=4, chunk_overlap=1
    )
    query = Query(id="q", text="is a suitcase free of charge?")
    seen = tried(strategy, [query], tmp_path, brief=OPEN)
    assert (
        "Answer the question.\n\n[1] Bags: free of charge\n\nis a suitcase free of charge?"
        == prompt(seen, "q")[-1]
    )
    assert ["bags#2"] == ids(notes(seen, "q")["passages"])


def test_examples_and_passages_may_stand_in_one_prompt(tmp_path: Path) -> None:
    query = Query(id="q", text="may dogs fly on a plane that was late")
    seen = tried(retrieval(k=1, passages="handbook", passages_k=1), [query], tmp_path)
    turns = prompt(seen, "q")
    assert ["the plane was late", "bad"] == [turns[0].rpartition("\n\n")[2], turns[1]]
    assert turns[2].startswith("[1] small dogs may fly in the cabin\n\n")


def test_a_row_of_the_table_that_is_the_query_itself_is_not_its_passage(tmp_path: Path) -> None:
    query = Query(id="q", text="Small dogs may fly in the CABIN")
    seen = tried(retrieval(k=0, passages="handbook", passages_k=3), [query], tmp_path, brief=OPEN)
    assert {"bags#0", "food#0"} == set(ids(notes(seen, "q")["passages"]))


def test_a_tables_own_id_is_not_mistaken_for_the_querys(tmp_path: Path) -> None:
    seen = tried(
        retrieval(k=0, passages="handbook", passages_k=1),
        [Query(id="pets", text="dogs fly")],
        tmp_path,
        brief=OPEN,
    )
    assert ["pets#0"] == ids(notes(seen, "pets")["passages"])


def test_passages_below_their_floor_stay_out(tmp_path: Path) -> None:
    strategy = retrieval(k=0, passages="handbook", passages_k=3, passages_floor=0.4)
    seen = tried(strategy, [Query(id="q", text="small dogs")], tmp_path, brief=OPEN)
    assert ["pets#0"] == ids(notes(seen, "q")["passages"])


def test_a_resume_reads_the_index_and_embeds_nothing_again(tmp_path: Path) -> None:
    strategy = retrieval(k=1, passages="handbook", passages_k=1)
    query = Query(id="q", text="the plane was late")
    first = tried(strategy, [query], tmp_path)
    (tmp_path / "trials" / "t" / "tried" / "0-0" / "outcomes.jsonl").unlink()
    for file in tmp_path.glob("cache.sqlite*"):
        file.unlink()  # else a second embedding would be a replay, and would not show
    again = tried(strategy, [query], tmp_path)
    assert {"index-examples": 4, "index-passages": 3} == {
        name: step["texts"] for name, step in first.steps.items() if isinstance(step, dict)
    }
    assert notes(first, "q") == notes(again, "q")
    prepared = [entry.name for entry in first.paid if entry.phase == "prepare" and "/embed/" in entry.name]
    assert 7 == len(prepared)
    assert prepared == [entry.name for entry in again.paid if entry.phase == "prepare" and "/embed/" in entry.name]


def test_an_index_that_does_not_fit_is_named(tmp_path: Path) -> None:
    query = Query(id="q", text="late")
    tried(retrieval(), [query], tmp_path)
    trial = tmp_path / "trials" / "t" / "tried" / "0-0"
    (trial / "fit" / "examples.faiss").write_bytes(b"not an index")
    (trial / "outcomes.jsonl").unlink()
    with pytest.raises(AssertionError, match=r"index 'examples\.faiss' in this trial's folder cannot be used"):
        tried(retrieval(), [query], tmp_path)


@pytest.mark.parametrize(
    ("brief", "reply", "targets", "answers"),
    [
        (LABELS, "bad", ("bad",), ("bad",)),
        (LABELS.model_copy(update={"kind": "labels"}), '["good", "bad"]', ("good", "bad"), ("good", "bad")),
        (OPEN, "42", ("41", "forty-one"), ("42",)),
    ],
    ids=["label", "labels", "text"],
)
def test_it_serves_every_kind(
    brief: Brief, reply: str, targets: tuple[str, ...], answers: tuple[str, ...], tmp_path: Path
) -> None:
    seen = try_strategy(
        retrieval(k=1),
        brief=brief,
        train=[example("a", "some text", *targets)],
        validation=[],
        queries=[Query(id="q", text="a text")],
        models={"m": ScriptedModel(otherwise=reply), "e": HashEmbedder()},
        folder=tmp_path,
    )
    outcome = seen.outcomes["q"]
    assert isinstance(outcome, Prediction)
    assert answers == outcome.answers
    assert ["a"] == ids(outcome.notes["demonstrations"])


def test_the_only_row_of_train_being_the_query_leaves_it_without_demonstrations(tmp_path: Path) -> None:
    seen = tried(retrieval(k=4), [Query(id="a", text="anything")], tmp_path, train=TRAIN[:1])
    assert {"demonstrations": ""} == notes(seen, "a")


def test_an_empty_query_is_answered(tmp_path: Path) -> None:
    assert isinstance(tried(retrieval(), [Query(id="q", text="")], tmp_path).outcomes["q"], Prediction)


def test_calibration_answers_with_the_retrieved_prompts(tmp_path: Path) -> None:
    strategy = retrieval(k=1, normalise="auto", calibrate=True)
    validation = (example("v", "plane late", "bad"), example("w", "lovely coffee", "good"))
    seen = tried(strategy, [Query(id="q", text="the plane was late late")], tmp_path, validation=validation)
    calibration = seen.steps["calibration"]
    assert isinstance(calibration, dict)
    assert 2 == calibration["rows"]
    assert {"demonstrations": "a:0.94"} == notes(seen, "q")


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"k": 0}, "nothing would be retrieved"),
        ({"chunk_words": 10, "chunk_overlap": 10}, "must be smaller than chunk_words 10"),
        ({"passage_template": "{title}"}, r"'\{title\}' leaves the passage out"),
        ({"mmr": 1.5}, "less than or equal to 1"),
        ({"floor": 2}, "less than or equal to 1"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(params: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        retrieval(**params)


def test_nothing_to_show_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"task 't' has none; give train a size, or set k to 0"):
        tried(retrieval(), [Query(id="q", text="a")], tmp_path, train=[])
