"""What every benchmark of the inference engine asks: 300 tweets, in the prompts that strategies make.

user        Is the sentiment of this tweet positive or negative?
            Answer with one of: positive, negative.

            @united my flight was great                     <- of `zero_shot`, about 80 tokens with its frame
choices     positive, negative                              <- one token each
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from harness import Brief, Example, Query, Request
from harness.data.task import load_task
from harness.data.taskdata import TaskData
from harness.prompts import request
from harness.suite.load import load_suite
from suites.made.tickets import INTENTS

WEIGHTS = "smollm2-135m-instruct"
_SUITE = Path(__file__).parents[2] / "suites" / "sentiment.yaml"
_TASK = "tweets-binary"
_AREAS = ("billing", "delivery", "account", "product", "website", "store")
_KINDS = (
    "question", "complaint", "request", "problem", "praise", "change", "delay", "refund", "error", "loss",
)  # fmt: skip
_OTHER = Brief(
    name="other",
    instructions="Did whoever wrote this have a good day or a bad one?",
    kind="label",
    labels={"good": "good", "bad": "bad"},
)


@cache
def tweets() -> TaskData:
    """The task of suites/sentiment.yaml: 300 test rows, half of them positive, and 400 to show."""
    loaded = load_suite(_SUITE)
    task = next(task for task in loaded.suite.tasks if task.name == _TASK)
    return load_task(task, loaded.folder, loaded.registry.readers)


def targets() -> list[str]:
    return [example.targets[0] for example in tweets().test]


def zero_shot() -> list[Request]:
    return few_shot(0)


def few_shot(shots: int, characters: int = 0) -> list[Request]:
    """The same demonstrations before every tweet; 8 make a prefix of 443 tokens.

    Args:
        shots: How many.
        characters: The shortest tweet to show; 32 from 80 characters on make a prefix of 1,597 tokens.
    """
    shown = [example for example in tweets().train if len(example.query.text) >= characters][:shots]
    return [request(tweets().brief, query, demonstrations=shown) for query in _queries()]


def retrieved(shots: int = 8) -> list[Request]:
    """Before every tweet its own nearest demonstrations, by tf-idf: only the instructions are shared."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    train, queries = tweets().train, _queries()
    vectorizer = TfidfVectorizer(sublinear_tf=True)
    known = vectorizer.fit_transform([example.query.text for example in train])
    near = (vectorizer.transform([query.text for query in queries]) @ known.T).toarray()  # (queries, train)
    order = (-near).argsort(axis=1, kind="stable")[:, :shots]
    # The nearest stands last, next to the question.
    shown: list[list[Example]] = [[train[i] for i in row[::-1]] for row in order]
    return [
        request(tweets().brief, query, demonstrations=some) for query, some in zip(queries, shown, strict=True)
    ]


def sixty_labels() -> list[Request]:
    """The same tweets, to be filed under one of 6 areas and, of it, one of 10 kinds."""
    return _filed([f"{area} {kind}" for area in _AREAS for kind in _KINDS])


def sixty_intents() -> list[Request]:
    """The same, under one of sixty intents, of which some begin another."""
    return _filed(list(INTENTS))


def _filed(labels: Sequence[str]) -> list[Request]:
    brief = Brief(
        name="filed",
        instructions="Under which heading is this message filed?",
        kind="label",
        labels={label: label for label in labels},
    )
    return [request(brief, query) for query in _queries()]


def free_text() -> list[Request]:
    """Open answers of up to 64 tokens."""
    brief = Brief(
        name="reasons",
        instructions="Say in a sentence or two what whoever wrote this tweet feels, and why.",
        kind="text",
        max_output_tokens=64,
    )
    return [request(brief, query) for query in _queries()]


def others(like: Sequence[Request], count: int = 32) -> list[Request]:
    """Questions to warm up with, in shape like those that are timed, which share no head with them.

    They are about train rows and under other instructions, so that nothing kept of them answers a timed one.
    """
    turns = max(len(asked.messages) for asked in like) // 2
    rows = tweets().train[-count - turns :]
    brief = _OTHER if like[0].choices else _OTHER.model_copy(update={"kind": "text", "labels": {}})
    brief = brief.model_copy(update={"max_output_tokens": like[0].max_tokens})
    shown = [Example(query=example.query, targets=("good",)) for example in rows[:turns]]
    return [request(brief, example.query, demonstrations=shown) for example in rows[turns:]]


def _queries() -> list[Query]:
    return [example.query for example in tweets().test]
