from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from harness import Brief, Example, Failed, Prediction, Prompted, Query
from harness.records import Kind, Long
from harness.testing import ScriptedModel, Tried, try_strategy
from harness_fewshot.fewshot import FewShot
from harness_prompting.prompt import Prompt

FILLER = " ".join(f"w{i}" for i in range(100))
LATE = f"{FILLER} superb"
SHORT = "a rude waiter"
REPLIES = {"superb": "positive", "rude": "negative", "filler": "negative"}


def brief(long: Long | None, kind: Kind = "label", **more: object) -> Brief:
    labels = {"negative": "", "positive": ""} if kind in ("label", "labels") else {}
    given = {"name": "t", "instructions": "How was it?", "kind": kind, "labels": labels, "long": long, **more}
    return Brief.model_validate(given)


def tried(
    folder: Path,
    asked: Brief,
    texts: Sequence[str] = (LATE, SHORT),
    *,
    replies: Mapping[str, str] = REPLIES,
    otherwise: str = "negative",
    window: int = 60,
) -> Tried:
    return try_strategy(
        Prompt(model="m"),
        folder=folder,
        brief=asked,
        train=(),
        validation=(),
        queries=[Query(id=f"q{i}", text=text) for i, text in enumerate(texts)],
        models={"m": ScriptedModel(replies=replies, otherwise=otherwise, window=window)},
    )


def answer(result: Tried, query_id: str = "q0") -> Prediction:
    outcome = result.outcomes[query_id]
    assert isinstance(outcome, Prediction), outcome
    return outcome


@pytest.mark.parametrize("long", [None, "fail"])
def test_a_prompt_beyond_the_window_fails_alone_where_nothing_is_done(long: Long | None, tmp_path: Path) -> None:
    result = tried(tmp_path, brief(long))
    failed = result.outcomes["q0"]
    assert isinstance(failed, Failed)
    assert "too-long" == failed.kind
    assert ("negative",) == answer(result, "q1").answers


@pytest.mark.parametrize(("long", "found"), [("head", "negative"), ("middle", "positive")])
def test_a_verdict_at_the_end_is_missed_by_the_head_and_found_without_the_middle(
    long: Long, found: str, tmp_path: Path
) -> None:
    result = tried(tmp_path, brief(long))
    assert (found,) == answer(result).answers
    assert {"long": long} == answer(result).notes
    [exchange] = result.exchanges["q0"]
    assert 58 == sum(len(message.content.split()) + 1 for message in exchange.messages)


def test_chunks_share_the_say_by_their_mean_probabilities(tmp_path: Path) -> None:
    result = tried(tmp_path, brief("chunks"))
    found = answer(result)
    parts = result.exchanges["q0"]
    assert {"long": "chunks", "chunks": str(len(parts))} == found.notes
    said = [exchange.text for exchange in parts]
    assert ["negative"] * (len(said) - 1) + ["positive"] == said
    assert found.probabilities is not None
    sure = 1 / (1 + 2.718281828 ** (-5.0 + 0.1))
    assert found.probabilities["positive"] == pytest.approx(
        (sure + (len(said) - 1) * (1 - sure)) / len(said), rel=1e-6
    )
    booked = [entry for entry in result.ledger if entry.query_id == "q0"]
    assert len(parts) == len(booked)


def test_without_probabilities_most_chunks_decide_and_the_first_of_equals(tmp_path: Path) -> None:
    replies = {"w3 ": "It is positive.", "superb": "It is negative."}
    two = tried(tmp_path / "two", brief("chunks"), [f"{FILLER[:250]} superb"], replies=replies, otherwise="none")
    assert 2 == len(two.exchanges["q0"])
    assert ("positive",) == answer(two).answers
    assert answer(two).probabilities is None


def test_labels_of_all_chunks_are_joined(tmp_path: Path) -> None:
    replies = {"w3 ": '["positive"]', "superb": '["negative"]'}
    result = tried(
        tmp_path, brief("chunks", "labels", max_output_tokens=8), [LATE], replies=replies, otherwise="[]"
    )
    assert ("negative", "positive") == answer(result).answers


def test_of_fields_the_first_value_stands_and_lists_are_joined() -> None:
    asked = brief("chunks", "fields", max_output_tokens=8)
    replies = {
        "w3 ": '{"name": "Ann", "age": null, "items": ["a"]}',
        "superb": '{"name": "Bo", "age": 4, "items": ["a", "b"]}',
    }
    with ScriptedModel(replies=replies, window=60).open() as model:
        assert model.chat is not None
        [found] = Prompted(model.chat, asked).answer([Query(id="q", text=f"{FILLER[:250]} superb")])
    assert isinstance(found, Prediction)
    assert {"name": "Ann", "age": 4, "items": ["a", "b"]} == json.loads(found.answers[0])


def test_what_one_chunk_leaves_blank_or_open_inside_an_object_another_one_fills() -> None:
    replies = {
        "w3 ": '{"name": " ", "place": {"city": null, "street": "Elm"}}',
        "superb": '{"name": "Bo", "place": {"city": "Rome", "street": "Oak"}}',
    }
    with ScriptedModel(replies=replies, window=60).open() as model:
        assert model.chat is not None
        asked = Prompted(model.chat, brief("chunks", "fields", max_output_tokens=8))
        [found] = asked.answer([Query(id="q", text=f"{FILLER[:250]} superb")])
    assert isinstance(found, Prediction)
    assert {"name": "Bo", "place": {"city": "Rome", "street": "Elm"}} == json.loads(found.answers[0])


def test_free_texts_of_chunks_are_merged_by_asking_again(tmp_path: Path) -> None:
    replies = {"parts, in order": "all of it", "w3 ": "the start", "superb": "the end"}
    result = tried(tmp_path, brief("chunks", "text", max_output_tokens=4), replies=replies, otherwise="some")
    assert ("all of it",) == answer(result).answers
    *parts, merging = result.exchanges["q0"]
    assert "[1] the start" in merging.messages[-1].content
    assert f"[{len(parts)}] the end" in merging.messages[-1].content
    assert "How was it?" in merging.messages[-1].content
    assert str(len(parts)) == answer(result).notes["chunks"]


def test_answers_that_do_not_fit_together_are_merged_in_groups(tmp_path: Path) -> None:
    text = " ".join(f"w{i}" for i in range(600))
    replies = {"parts, in order": "merged", "w3 ": "the start of it all"}
    result = tried(
        tmp_path, brief("chunks", "text", max_output_tokens=4), [text], replies=replies, otherwise="x y z"
    )
    assert ("merged",) == answer(result).answers
    merging = [e for e in result.exchanges["q0"] if "parts, in order" in e.messages[-1].content]
    assert len(merging) > 1


def test_instructions_that_leave_no_room_for_a_text_fail_as_too_long() -> None:
    with ScriptedModel(window=60).open() as model:
        assert model.chat is not None
        [failed] = Prompted(model.chat, brief("middle", instructions="word " * 80)).answer(
            [Query(id="q", text=LATE)]
        )
    assert isinstance(failed, Failed)
    assert ("q", "too-long") == (failed.query_id, failed.kind)


def test_a_chunk_that_names_no_label_has_no_say(tmp_path: Path) -> None:
    result = tried(tmp_path, brief("chunks"), [LATE], replies={"superb": "mu"})
    assert ("negative",) == answer(result).answers


def test_texts_that_fit_are_asked_and_answered_as_without(tmp_path: Path) -> None:
    plain = tried(tmp_path / "plain", brief(None), [SHORT])
    cut = tried(tmp_path / "cut", brief("chunks"), [SHORT])
    assert plain.outcomes == cut.outcomes
    assert [e.messages for e in plain.exchanges["q0"]] == [e.messages for e in cut.exchanges["q0"]]


def test_demonstrations_keep_half_the_window_and_the_text_is_cut_to_the_rest(tmp_path: Path) -> None:
    train = [
        Example(query=Query(id=f"t{i}", text=f"meal {i} was {word}"), targets=(label,))
        for i, (word, label) in enumerate((("superb", "positive"), ("rude", "negative")) * 6)
    ]

    def shown(long: Long | None, text: str) -> tuple[int, str]:
        result = try_strategy(
            FewShot(model="m", shots=8),
            folder=tmp_path / f"{long}-{len(text)}",
            brief=brief(long, max_output_tokens=4),
            train=[*train, Example(query=Query(id="t-long", text=LATE + " indeed"), targets=("positive",))],
            validation=(),
            queries=[Query(id="q0", text=text), Query(id="q1", text="fine")],
            models={"m": ScriptedModel(replies=REPLIES, otherwise="negative", window=80)},
        )
        if isinstance(result.outcomes["q0"], Failed):
            return -1, ""
        [exchange] = result.exchanges["q0"]
        return (len(exchange.messages) - 1) // 2, exchange.messages[-1].content

    assert (-1, "") == shown(None, LATE)
    demonstrations, asked = shown("middle", LATE)
    assert demonstrations >= 2
    assert asked.endswith("superb")
    assert "[…]" in asked
    few, whole = shown("middle", FILLER[: FILLER.index(" w55")])
    assert (0, True) == (few, whole.endswith("w54"))


@pytest.mark.models
def test_the_packaged_chat_model_answers_what_its_window_does_not_hold(tmp_path: Path) -> None:
    from harness_transformers.model import TransformersModel

    small = TransformersModel(weights="smollm2-135m-instruct", max_window=256)
    with small.open() as model:
        assert model.chat is not None
        queries = [
            Query(id="late", text="We took the bus to the mill. " * 60 + "Superb."),
            Query(id="s", text=SHORT),
        ]
        plain = {r.query_id: r for r in Prompted(model.chat, brief(None)).answer(queries)}
        assert isinstance(plain["late"], Failed)
        ways: tuple[Long, ...] = ("middle", "chunks")
        for how in ways:
            found = {r.query_id: r for r in Prompted(model.chat, brief(how)).answer(queries)}
            late = found["late"]
            assert isinstance(late, Prediction)
            assert how == late.notes["long"]
            short, as_before = found["s"], plain["s"]
            assert isinstance(short, Prediction)
            assert isinstance(as_before, Prediction)
            assert (as_before.answers, as_before.notes) == (short.answers, short.notes)
            assert short.probabilities == pytest.approx(as_before.probabilities, abs=1e-4)
