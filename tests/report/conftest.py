"""Evidence of a made run: five strategies on made tweets; what is foreign in it would run if it were not escaped.

               positive 0          neutral 1            negative 2
features       0.9 of the rows     with probabilities   11 ms
majority       the first label     -                    <1 ms
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.calls.pricing import Prices
from harness.comparing.evidence import Answer, Contender, TaskEvidence, Trial
from harness.comparing.records import Pairing
from harness.data.taskdata import Copy, DataReport, Finding, Group
from harness.records import (
    Brief,
    Example,
    Hardware,
    LedgerEntry,
    PluginStamp,
    Query,
    TrialHeader,
    TrialKey,
    Usage,
)
from harness.running.rows import Row
from harness.running.store import TrialFolder
from harness.scoring import builtin_scorers
from harness.suite import Decide, PriceBook

VOID = {"meta", "input", "br", "img", "link"}
INLINE = {"a", "span", "code", "svg", "b", "i"}
SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
LABELS = ("positive", "neutral", f"negative {SCRIPT}")
ACCURACY = {"features": 0.9, "lora": 0.87, "few-shot": 0.6, "tf-idf": 0.78, "majority": 0.34}
SECONDS = {"features": 0.011, "lora": 0.180, "few-shot": 0.21, "tf-idf": 0.0012, "majority": 0.0002}
AT = datetime(2026, 11, 21, 9, 15, tzinfo=UTC)
MACHINE = Hardware(cores=2, cpu="Made CPU", memory_gib=23.5, platform="Linux x86_64")
DECIDE = Decide(
    answers_per_month=100_000,
    budget=600,
    minimum={"accuracy": 0.8},
    maximum={"p95_seconds": 0.2, "p50_seconds": 0.15},
    worth_per_month=20,
    review_price=0.5,
    maximum_error=0.05,
)


def example(i: int, prefix: str = "t", long: int = 0) -> Example:
    text = f"Row {i}: the cabin was great, {IMAGE} {SCRIPT}\nsecond line \u202eturned " + "\"&'" * long
    return Example(
        query=Query(id=f"{prefix}{i}", text=text, metadata={"airline": ("A", "B", IMAGE)[i % 3]}),
        targets=(LABELS[i % 3],),
    )


def trial(name: str, test: tuple[Example, ...], folder: Path) -> Trial:
    draw = random.Random(name)
    answers: dict[str, Answer] = {}
    for asked in test:
        right = draw.random() < ACCURACY[name]
        wrong = draw.choice([label for label in LABELS if label != asked.targets[0]])
        given = LABELS[0] if name == "majority" else asked.targets[0] if right else wrong
        sure = draw.uniform(0.6, 0.99) if right else draw.uniform(0.4, 0.85)
        seconds = SECONDS[name] * draw.lognormvariate(0, 0.3)
        if name == "few-shot" and draw.random() < 0.02:
            answers[asked.query.id] = Answer(None, f"not-a-label {IMAGE}", None, seconds, "sample", {})
        else:
            told = {given: sure} if name in ("features", "lora") else None
            answers[asked.query.id] = Answer((given,), None, told, seconds, "sample", {})
    key = TrialKey(task="tweets", strategy=name)
    header = TrialHeader(
        key=key,
        use=name,
        params={"instructions": f"Say what you feel {SCRIPT}", "rank": 8},
        yardstick=name in ("tf-idf", "majority"),
        plugin=PluginStamp(name="made", version="1", sha256=""),
        status="finished",
        started=AT,
    )
    failed = sum(answer.answers is None for answer in answers.values())
    row = Row(
        task="tweets", strategy=name, seed=0, repeat=0, train_size=None, yardstick=header.yardstick,
        status="finished", n=len(test), failed=failed, metric="accuracy",
    )  # fmt: skip
    used = LedgerEntry(
        name="1",
        trial=key,
        phase="bulk",
        usage=Usage(model="this", device_seconds=2.0),
        seconds=2.0,
        paid=True,
        at=AT,
    )
    return Trial(TrialFolder(folder / name), header, row, answers, (used,), ())


def evidence(folder: Path, rows: int, long: int) -> TaskEvidence:
    test = tuple(example(i, long=long) for i in range(rows))
    prices = Prices(PriceBook(device_hours={"this": 0.2}))
    contenders = tuple(
        Contender(name, name, "run-1", (trial(name, test, folder),), ("small",), True, MACHINE, prices, DECIDE)
        for name in ACCURACY
    )
    copies = tuple(Copy(id=f"r{i}", split="train", place=f"a.csv line {i}", targets=(LABELS[i],)) for i in (0, 1))
    found = Finding(rows=2, groups=1, examples=(Group(text=f"Twice {IMAGE}", size=2, copies=copies),))
    return TaskEvidence(
        name="tweets",
        brief=Brief(
            name="tweets",
            instructions=f"Is this tweet kind? {SCRIPT}",
            kind="label",
            labels=dict.fromkeys(LABELS, ""),
        ),
        metric="accuracy",
        scorer=builtin_scorers()["label"],
        test=test,
        train=tuple(example(i, "r") for i in range(40)),
        validation=tuple(example(i, "v") for i in range(10)),
        report=DataReport(left_out=1200, unused=77, conflicts=found),
        contenders=contenders,
        pairing=Pairing(rows=rows),
        decide=DECIDE,
        looks=2,
        seeds=(0,),
    )


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """What the made evidence is made of, for those who make figures and tests from it."""

    folder = tmp_path_factory.mktemp("made")

    def build(rows: int = 300, long: int = 0) -> TaskEvidence:
        return evidence(folder, rows, long)

    build_evidence: Callable[..., TaskEvidence] = build
    return SimpleNamespace(
        evidence=build_evidence, labels=LABELS, script=SCRIPT, image=IMAGE, at=AT, machine=MACHINE, decide=DECIDE
    )


class Node:
    """An element of a parsed page."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: Node | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Node | str] = []

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def all(self, tag: str | None = None, **attributes: str) -> list[Node]:
        """Every element below it of that tag, whose attributes have these words."""
        found: list[Node] = []
        for child in self.children:
            if isinstance(child, Node):
                words = {k.rstrip("_"): v for k, v in attributes.items()}
                fits = all(v in child.attributes.get(k, "").split() for k, v in words.items())
                found += [child] if fits and tag in (None, child.tag) else []
                found += child.all(tag, **attributes)
        return found


class Parser(HTMLParser):
    """Builds the tree, and fails where an element is not closed or stands where a browser would move it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node("root", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert self.at.tag != "p" or tag in INLINE, f"<{tag}> inside <p>: {self.getpos()}"
        assert len({name for name, _ in attrs}) == len(attrs)
        node = Node(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.at.tag, f"</{tag}> closes <{self.at.tag}>: {self.getpos()}"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


@pytest.fixture(scope="session")
def parsed() -> Callable[[str], Node]:
    """Parses a page into a tree; fails where it is not well formed."""

    def parse(page: str) -> Node:
        parser = Parser()
        parser.feed(page)
        parser.close()
        assert parser.at is parser.root, f"<{parser.at.tag}> is never closed"
        return parser.root

    return parse
