from __future__ import annotations

import pytest

from harness.records import Brief, Example, Message, Query


@pytest.fixture
def brief() -> Brief:
    return Brief(name="t", instructions="Which queue?", kind="label", labels={"billing": "", "login": ""})


@pytest.fixture
def examples() -> list[Example]:
    """Twelve, one of them with earlier turns."""
    made = [
        Example(query=Query(id=str(i), text=f"question {i}"), targets=(("billing", "login")[i % 2],))
        for i in range(11)
    ]
    turns = (Message(role="user", content="hello"), Message(role="assistant", content="How can I help?"))
    query = Query(id="11", text="my bill", history=turns)
    return [*made, Example(query=query, targets=("billing",))]
