from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness import (
    Answered,
    Brief,
    Completion,
    Example,
    Failed,
    Message,
    Prediction,
    Prompted,
    Query,
    Request,
    Usage,
)
from harness.prompted import apart

BRIEF = Brief(name="t", instructions="Echo.", kind="text")


class Echo:
    """Answers the last request first; fails where it is told to."""

    identity = "echo"
    window = 100

    def tokens(self, request: Request) -> int:
        return len(request.messages)

    def complete(self, requests: Sequence[Request]) -> Iterator[Answered]:
        for index in reversed(range(len(requests))):
            text = requests[index].messages[-1].content.removeprefix("Echo.\n\n")
            said: Completion | Failed = Completion(text=text, usage=Usage(model="echo"))
            if text == "fail":
                said = Failed(query_id="", kind="timeout", error="too slow")
            yield Answered(index=index, completion=said)


def queries(*texts: str) -> list[Query]:
    return [Query(id=f"id-{text}", text=text) for text in texts]


def test_answers_in_any_order_reach_their_queries_and_failures_are_named_for_theirs() -> None:
    assert [
        Prediction(query_id="id-c", answers=("c",)),
        Failed(query_id="id-fail", kind="timeout", error="too slow"),
        Prediction(query_id="id-a", answers=("a",)),
    ] == list(Prompted(Echo(), BRIEF).answer(queries("a", "fail", "c")))
    assert [] == list(Prompted(Echo(), BRIEF).answer([]))


def test_answers_stream() -> None:
    assert Prediction(query_id="id-b", answers=("b",)) == next(Prompted(Echo(), BRIEF).answer(queries("a", "b")))


def test_a_query_that_cannot_be_put_fails_alone() -> None:
    def build(query: Query) -> Request | Failed:
        if query.text == "long":
            return Failed(query_id=query.id, kind="too-long", error="too long")
        return Request(messages=(Message(role="user", content=query.text + "!"),))

    outcomes = {o.query_id: o for o in Prompted(Echo(), BRIEF, build=build).answer(queries("long", "short"))}
    assert Failed(query_id="id-long", kind="too-long", error="too long") == outcomes["id-long"]
    assert Prediction(query_id="id-short", answers=("short!",)) == outcomes["id-short"]


def test_notes_and_adjustments_reach_the_prediction() -> None:
    prompted = Prompted(
        Echo(),
        BRIEF,
        notes=lambda query: {"retrieved": query.id},
        adjust=lambda completion: completion.model_copy(update={"text": completion.text.upper()}),
    )
    (outcome,) = prompted.answer(queries("a"))
    assert Prediction(query_id="id-a", answers=("A",), notes={"retrieved": "id-a"}) == outcome


def test_a_query_is_never_shown_its_own_row_or_its_own_text() -> None:
    shown = [
        Example(query=Query(id="a", text="Great  Flight"), targets=("x",)),
        Example(query=Query(id="b", text="late"), targets=("y",)),
    ]
    assert ["a", "b"] == [e.query.id for e in apart(shown, Query(id="c", text="on time"))]
    assert ["b"] == [e.query.id for e in apart(shown, Query(id="a", text="on time"))]
    assert ["b"] == [e.query.id for e in apart(shown, Query(id="c", text="great flight"))]
    asked = Prompted(Echo(), BRIEF, demonstrations=shown).request(Query(id="b", text="late"))
    assert isinstance(asked, Request)
    assert ["Echo.\n\nGreat  Flight", "x", "late"] == [m.content for m in asked.messages]
