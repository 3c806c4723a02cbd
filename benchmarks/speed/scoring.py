"""Closed questions: our engine against lm-evaluation-harness, transformers, itself, and this machine.

    python -m benchmarks.speed.scoring

About half an hour on two cores without bfloat16, most of them the peer's. Ours scores all 300 texts in every round
(100 with sixty labels, 64 with demonstrations of their own); a peer gets some of them, others in every round, and
both are compared per text. Ours is opened anew for every run and warmed up with other questions, so that nothing
is left of an earlier answer; loading is timed on neither side. lm-evaluation-harness is asked the very prompts
that ours makes, as it is customarily asked: the log-likelihood of each label's word behind them, one pass a text.
Ours scores the same words, so that the log-probabilities must be the same.

Operations are counted without the embedding: two for each weight of a linear layer and each token, attention over
what each token sees, the output layer where it is read; what all prompts begin with once, padding never.

Answers are checked on what was timed: log-probabilities against one plain forward pass a choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch

from benchmarks.speed import questions
from benchmarks.speed.asking import Here, check, loaded
from benchmarks.speed.evaluator import LmEval
from benchmarks.speed.flops import matmul, needed, shared
from benchmarks.speed.peers import PINNED
from benchmarks.speed.plain import Plain
from benchmarks.speed.ratios import Line, alternating, keep, paired
from benchmarks.speed.sides import Ours, Theirs

ZERO, EIGHT, MANY, SIXTY, INTENTS = "zero-shot", "8-shot", "32-shot", "60 labels", "60 intents"
_CHECKED = {ZERO: 12, EIGHT: 6, MANY: 2, SIXTY: 1, INTENTS: 1}  # texts
# Of the peer, a round. Multiples of its batches.
_TEXTS = {ZERO: 64, EIGHT: 32}
_TEXTS_EMULATED = {ZERO: 16, EIGHT: 16}
_SEVERAL = {
    SIXTY: "6 areas of 10 kinds",
    INTENTS: "some of which begin another, so that all are scored to their end",
}
_GOALS = {"float32": {EIGHT: 30.0, ZERO: 4.0}, "bfloat16": {EIGHT: 15.0, ZERO: 1.5}}
_SIXTY = 100  # texts with sixty labels
_RETRIEVED, _RETRIEVED_EMULATED = 64, 16  # texts with demonstrations of their own


def main() -> None:
    with loaded() as here:
        keep("scoring", [*in_float32(here), *in_bfloat16(here), *retrieval(here)])


def in_float32(here: Here, rounds: int = 3) -> list[Line]:
    """Against the peer in float32, against ourselves, and against the machine."""
    works = {
        ZERO: Ours(questions.zero_shot()),
        EIGHT: Ours(questions.few_shot(8)),
        MANY: Ours(questions.few_shot(32, 80)),
        SIXTY: Ours(questions.sixty_labels()[:_SIXTY]),
        INTENTS: Ours(questions.sixty_intents()[:_SIXTY]),
    }
    plain = Plain.load(here.folder, torch.float32, here.device)
    flops = needed(plain, works[ZERO].requests) / len(works[ZERO].requests)
    with LmEval(here.folder, "float32") as peer:
        theirs = _theirs(peer, plain, works, _TEXTS)
        sides: dict[object, Callable[[], float]] = {
            **_runs(works),
            **{("peer", name): their.run for name, their in theirs.items()},
            "peak": lambda: flops / matmul(here.dtype, here.device),
        }
        found = _alternate(sides, rounds)
    checked = _checked(here, works)
    lines = _against_peer(here, "float32", theirs, works, found)
    zero = f"zero-shot, two labels of one token, ours, {here.number_format}"
    for name, goal in ((EIGHT, 1.5), (MANY, 2.5), (SIXTY, 2.0), (INTENTS, 2.0)):
        head = shared(plain, works[name].requests)
        work = f"{name}, {head:,} tokens shared, per text"
        if name in _SEVERAL:
            work = f"zero-shot, {name} of several tokens, {_SEVERAL[name]}, per text"
        lines.append(Line(work, zero, "most", goal, paired(found[name], found[ZERO]), checked[name]))
    peak = f"this machine's product of 4,096 x 4,096 matrices, {here.number_format}"
    share = paired(found["peak"], found[ZERO])
    return [*lines, Line("zero-shot, operations a second", peak, "least", 0.6, share, checked[ZERO])]


def in_bfloat16(here: Here, rounds: int = 2) -> list[Line]:
    """Against the peer in bfloat16, with few texts where the machine only emulates it."""
    works = {ZERO: Ours(questions.zero_shot()), EIGHT: Ours(questions.few_shot(8))}
    plain = Plain.load(here.folder, torch.float32, here.device)
    with LmEval(here.folder, "bfloat16") as peer:
        texts = _TEXTS if here.dtype == torch.bfloat16 else _TEXTS_EMULATED
        theirs = _theirs(peer, plain, works, texts)
        found = _alternate(
            {**_runs(works), **{("peer", name): their.run for name, their in theirs.items()}}, rounds
        )
    return _against_peer(here, "bfloat16", theirs, works, found)


def retrieval(here: Here, rounds: int = 3) -> list[Line]:
    """Prompts that share only the instructions, against batches of transformers alone in each number format."""
    work = Ours(questions.retrieved()[:_RETRIEVED])
    formats = dict.fromkeys((here.dtype, torch.bfloat16))
    sides = {dtype: _Forward(here, dtype, work) for dtype in formats}
    found = _alternate({"ours": work.run, **{dtype: side.run for dtype, side in sides.items()}}, rounds)
    right = check(work.requests, work.asked, here, 6)
    return [
        Line(
            f"retrieval, {_RETRIEVED} prompts with 8 demonstrations of their own, {here.number_format}",
            f"transformers' forward, batches of 16 in their order, {side.told}, per prompt",
            "least",
            1.5,
            paired(found[dtype], found["ours"]),
            f"same label for {side.alike} of {side.prompts} texts; {right}",
        )
        for dtype, side in sides.items()
    ]


class _Forward:
    """Transformers' forward over batches of prompts; some of them where the machine only emulates the format."""

    def __init__(self, here: Here, dtype: torch.dtype, work: Ours) -> None:
        self._plain = Plain.load(here.folder, dtype, here.device)
        self._work = work
        self._answers: list[str] = []
        self.prompts = _RETRIEVED if dtype == here.dtype else _RETRIEVED_EMULATED
        self.told = str(dtype).removeprefix("torch.")

    def run(self) -> float:
        said = self._plain.choose(self._work.requests[: self.prompts])
        self._answers = said.answers
        return said.seconds / self.prompts

    @property
    def alike(self) -> int:
        """How many of its answers are ours."""
        return sum(a == b for a, b in zip(self._work.asked.texts, self._answers, strict=False))


def _against_peer(
    here: Here,
    dtype: str,
    theirs: Mapping[str, Theirs],
    works: Mapping[str, Ours],
    found: Mapping[object, list[float]],
) -> list[Line]:
    lines = []
    for name, their in theirs.items():
        peer = f"lm-evaluation-harness {PINNED['lm-eval']}, `--batch_size 16`, {dtype}"
        same = their.same(works[name].asked, exact=dtype == here.number_format == "float32")
        lines.append(
            Line(
                f"{name} label scoring, {len(works[name].requests)} tweets, {here.number_format}",
                f"{peer}, per text, {their.texts} texts a run",
                "least",
                _GOALS[dtype][name],
                paired(found["peer", name], found[name]),
                same,
            )
        )
    return lines


def _theirs(peer: LmEval, plain: Plain, works: Mapping[str, Ours], texts: Mapping[str, int]) -> dict[str, Theirs]:
    theirs = {}
    for name, many in texts.items():
        requests = works[name].requests
        prompts = [plain.prompt(request) for request in requests]
        theirs[name] = Theirs(peer, prompts, requests[0].choices, many)
    peer.ask(prompts[:1], [0], requests[0].choices)  # what it loads at its first question is not timed
    return theirs


def _checked(here: Here, works: Mapping[str, Ours]) -> dict[str, str]:
    return {name: check(work.requests, work.asked, here, _CHECKED[name]) for name, work in works.items()}


def _runs(sides: Mapping[str, Ours]) -> dict[object, Callable[[], float]]:
    return {name: side.run for name, side in sides.items()}


def _alternate(sides: Mapping[object, Callable[[], float]], rounds: int) -> dict[object, list[float]]:
    return dict(zip(sides, alternating(list(sides.values()), rounds), strict=True))


if __name__ == "__main__":
    main()
