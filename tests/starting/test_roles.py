from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.errors import DataError
from harness.starting.roles import Asked
from harness.starting.seen import Seen, look
from harness.starting.table import Given

Look = Callable[..., Seen]
WORDS = ("the lamp broke", "a fine kettle it is", "my desk wobbles", "no light at all", "works as it should")


def _rows(*columns: Sequence[str], header: Sequence[str]) -> list[list[str]]:
    return [list(header), *map(list, zip(*columns, strict=True))]


def _texts(count: int) -> list[str]:
    return [f"{WORDS[i % 5]} since day {i}" for i in range(count)]


def test_the_parts_of_an_export_are_seen(tickets: Path) -> None:
    seen = look(str(tickets), Given(), Asked())
    assert ("cp1252", ";", None) == (seen.table.encoding, seen.table.delimiter, seen.table.format)
    roles = seen.roles
    assert ("{Subject}\n\n{Body}", "Queue", "Ticket") == (roles.text, roles.target, roles.id)
    assert ("Customer", "Created", ("Channel",)) == (roles.group, roles.time, roles.metadata)
    assert ("Queue no",) == roles.leaking
    assert "label" == seen.kind


def test_labels_that_differ_by_blank_or_case_are_one_and_rare_ones_are_named(tickets: Path) -> None:
    labels = look(str(tickets), Given(), Asked()).labels
    assert labels is not None
    assert {" billing ": "Billing"} == labels.map
    assert {"Press": 2} == labels.rare
    assert {"Billing", "Outage", "Praise", "Press"} == set(labels.counts)


def test_copies_of_a_text_do_not_make_a_label_common(looked: Look) -> None:
    rows = _rows(["the same"] * 6 + _texts(24), ["rare"] * 6 + ["a", "b"] * 12, header=["text", "label"])
    labels = looked(rows).labels
    assert labels is not None
    assert {"rare": 1} == labels.rare


def test_near_duplicates_are_counted(looked: Look) -> None:
    texts = [
        f"Dear customer, your parcel number {i} has left our house and is on its way to you" for i in range(9)
    ]
    other = [" ".join(f"{word}{i}" for word in ("light", "chair", "music", "north", "grape")) for i in range(21)]
    rows = _rows(texts + other, ["a", "b", "c"] * 10, header=["text", "label"])
    near = looked(rows).near
    assert near is not None
    assert (9, 1, 1) == (near.rows, near.groups, near.conflicting)


def test_what_the_user_says_wins(looked: Look) -> None:
    rows = _rows(_texts(30), ["a", "b"] * 15, ["x", "y", "z"] * 10, header=["text", "label", "other"])
    assert ("label", ("other",)) == (looked(rows).roles.target, looked(rows).roles.metadata)
    seen = looked(rows, Asked(text="<{text}>", target="other"))
    assert ("<{text}>", "other", ("label",)) == (seen.roles.text, seen.roles.target, seen.roles.metadata)


@pytest.mark.parametrize("asked", [Asked(target="labl"), Asked(text="{labl}")])
def test_a_column_that_is_not_there_is_named_with_the_nearest(asked: Asked, looked: Look) -> None:
    with pytest.raises(DataError, match=r"column 'labl' is not in rows\.csv.*Did you mean 'label'\?"):
        looked(_rows(_texts(6), ["a", "b"] * 3, header=["text", "label"]), asked)


def test_stars_are_a_scale_in_their_order(looked: Look) -> None:
    seen = looked(_rows(_texts(40), ["5", "1", "3", "2"] * 10, header=["review", "stars"]))
    assert seen.labels is not None
    assert ("label", True, ["1", "2", "3", "5"]) == (seen.kind, seen.labels.ordered, list(seen.labels.counts))


def test_several_labels_in_a_cell_are_labels(looked: Look) -> None:
    seen = looked(_rows(_texts(30), ["price; design", "price", "service; design"] * 10, header=["text", "topics"]))
    assert seen.labels is not None
    assert ("labels", {"price": 20, "design": 20, "service": 10}) == (seen.kind, dict(seen.labels.counts))


def test_numbers_without_end_are_no_task(looked: Look) -> None:
    with pytest.raises(DataError, match="holds 40 different numbers"):
        looked(_rows(_texts(40), [f"{i}.5" for i in range(40)], header=["text", "price"]), Asked(target="price"))


def test_answers_in_words_are_a_text(looked: Look) -> None:
    seen = looked(_rows(_texts(30), [f"on day {i}, said he" for i in range(30)], header=["question", "answer"]))
    assert ("text", "question", "answer") == (seen.kind, seen.roles.text, seen.roles.target)


def test_objects_are_fields_with_a_schema_that_they_keep(looked: Look) -> None:
    objects = [
        {
            "order": f"A-{i}",
            "amount": i + 0.5 if i else 3,
            "due": "2026-03-01" if i % 2 else None,
            "tags": ["x"],
            "vip": True,
        }
        for i in range(12)
    ]
    seen = looked(_rows(_texts(12), [json.dumps(each) for each in objects], header=["transcript", "record"]))
    assert seen.kind == "fields"
    assert seen.extracted is not None
    assert {"amount": "number", "due": "date", "tags": "set"} == seen.extracted.match
    properties = seen.extracted.schema["properties"]
    assert isinstance(properties, dict)
    assert {"type": "number"} == properties["amount"]
    assert {"type": ["null", "string"]} == properties["due"]
    import jsonschema

    for each in objects:
        jsonschema.validate(each, dict(seen.extracted.schema))


def test_turns_before_the_text_are_history(looked: Look) -> None:
    turns = [json.dumps([{"role": "user", "content": f"hello {i}"}]) for i in range(30)]
    rows = _rows(turns, _texts(30), ["a", "b"] * 15, header=["messages", "text", "intent"])
    assert ("messages", "text") == (looked(rows).roles.history, looked(rows).roles.text)


def test_conversations_alone_hold_text_and_answer(looked: Look) -> None:
    said = [[("user", f"what of {i}?"), ("assistant", f"it is fine, number {i}")] for i in range(30)]
    chats = [json.dumps([{"role": who, "content": what} for who, what in turns]) for turns in said]
    seen = looked(_rows(chats, header=["messages"]))
    assert ("text", (), "messages") == (seen.kind, seen.roles.text_columns, seen.roles.history)
    assert 30 == seen.usable


def test_a_file_without_an_answer_says_what_to_do(looked: Look) -> None:
    with pytest.raises(DataError, match=r"say which one is with --target .*There are: text"):
        looked(_rows(_texts(30), header=["text"]))
