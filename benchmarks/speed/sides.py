"""The two sides of a comparison of scoring: our engine on all texts, lm-evaluation-harness on some of them.

ours = Ours(requests); ours.run()                 # seconds a text, and ours.asked has the answers
theirs = Theirs(peer, prompts, labels, texts=16); theirs.run()
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Protocol

from benchmarks.speed import questions
from benchmarks.speed.asking import WITHIN, Asked, ask
from benchmarks.speed.evaluator import Scores
from harness import Request


@dataclass
class Ours:
    """A set of requests, and what our engine last answered to it."""

    requests: Sequence[Request]
    _asked: Asked | None = None

    @property
    def asked(self) -> Asked:
        """What was last answered; there is something once it `run`."""
        assert self._asked is not None
        return self._asked

    def run(self) -> float:
        """Seconds a text."""
        self._asked = ask(self.requests)
        return self._asked.seconds / len(self.requests)


class Peer(Protocol):
    """Who scores labels behind prompts, such as `LmEval`."""

    def ask(self, prompts: Sequence[str], targets: Sequence[int], choices: Sequence[str]) -> Scores: ...


@dataclass
class Theirs:
    """The peer on some of the same texts, other ones every round.

    Attributes:
        peer: Who is asked.
        prompts: All of them.
        labels: The labels of each.
        texts: How many a round.
        found: Text to its labels' log-likelihoods, of all rounds.
    """

    peer: Peer
    prompts: Sequence[str]
    labels: Sequence[str]
    texts: int
    found: dict[int, list[float]] = field(default_factory=dict)
    rounds: count[int] = field(default_factory=count)

    def run(self) -> float:
        """Seconds a text."""
        # Drawn, for the rows stand with their labels in turns.
        order = Random(0).sample(range(len(self.prompts)), len(self.prompts))
        start = self.texts * (next(self.rounds) % (len(order) // self.texts))
        some = order[start : start + self.texts]
        scores = self.peer.ask([self.prompts[i] for i in some], [0] * len(some), self.labels)
        self.found.update(zip(some, scores.logprobs, strict=True))
        return scores.seconds / len(some)

    def same(self, ours: Asked, *, exact: bool) -> str:
        """How its answers compare with ours.

        Raises:
            SystemExit: Where log-probabilities must be the same and are not.
        """
        far = max(self._far(ours.completions[i].logprobs or {}, row) for i, row in self.found.items())
        if exact and far > WITHIN:
            sys.exit(f"log-probabilities differ from the peer's by {far:.2g}")
        theirs = {i: self.labels[row.index(max(row))] for i, row in self.found.items()}
        alike = sum(ours.completions[i].text == label for i, label in theirs.items())
        right = questions.targets()
        accuracy = [sum(answers[i] == right[i] for i in theirs) / len(theirs) for answers in (ours.texts, theirs)]
        return (
            f"same label for {alike} of {len(theirs)} texts; "
            f"log-probabilities within {far:.1g}; accuracy on them {accuracy[0]:.3f}, the peer's {accuracy[1]:.3f}"
        )

    def _far(self, ours: Mapping[str, float], theirs: Sequence[float]) -> float:
        # The peer takes the line break before an answer into it, the same for every label.
        first, *rest = (theirs[k] - ours[label] for k, label in enumerate(self.labels))
        return max(abs(each - first) for each in rest)
