"""The peer's texts, and how its answers are compared with ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from benchmarks.speed import questions
from benchmarks.speed.asking import Asked
from benchmarks.speed.evaluator import Scores
from benchmarks.speed.sides import Theirs
from harness import Completion, Usage

LABELS = ("positive", "negative")


@dataclass
class Scripted:
    """Finds the first label likelier by 1, and everything less likely by 0.5 than ours does."""

    apart: float = 1.0
    asked: list[list[str]] = field(default_factory=list)

    def ask(self, prompts: Sequence[str], targets: Sequence[int], choices: Sequence[str]) -> Scores:
        self.asked.append(list(prompts))
        return Scores(seconds=2.0 * len(prompts), logprobs=[[-1.5, -1.5 - self.apart] for _ in prompts])


def ours(count: int) -> Asked:
    one = Completion(text="positive", logprobs={"positive": -1.0, "negative": -2.0}, usage=Usage(model="m"))
    return Asked(1.0, [one] * count)


def test_the_peer_gets_other_texts_every_round_until_all_were_asked() -> None:
    peer = Scripted()
    side = Theirs(peer, [str(i) for i in range(6)], LABELS, 3)
    assert [2.0, 2.0, 2.0] == [side.run() for _ in range(3)]
    first, second, third = peer.asked
    assert ["0", "1", "2", "3", "4", "5"] == sorted([*first, *second])
    assert first == third


def test_what_the_peer_counts_before_every_label_is_no_difference() -> None:
    side = Theirs(Scripted(), ["a", "b"], LABELS, 2)
    side.run()
    assert "log-probabilities within 0;" in side.same(ours(2), exact=True)


def test_log_probabilities_that_differ_end_the_benchmark() -> None:
    side = Theirs(Scripted(apart=1.01), ["a", "b"], LABELS, 2)
    side.run()
    with pytest.raises(SystemExit, match=r"differ from the peer's by 0\.01"):
        side.same(ours(2), exact=True)
    assert "log-probabilities within 0.01;" in side.same(ours(2), exact=False)


@pytest.mark.models
def test_labels_and_accuracy_are_compared_on_the_texts_that_the_peer_had() -> None:
    side = Theirs(Scripted(apart=-1.0), [str(i) for i in range(300)], LABELS, 300)
    side.run()
    said = side.same(ours(300), exact=False)
    assert said.startswith("same label for 0 of 300 texts;")
    assert said.endswith("accuracy on them 0.500, the peer's 0.500")


@pytest.mark.models
def test_the_questions_are_300_and_what_warms_up_shares_no_prompt_with_them() -> None:
    for asked in (
        questions.few_shot(8),
        questions.retrieved(),
        questions.sixty_labels(),
        questions.sixty_intents(),
        questions.free_text(),
    ):
        assert 300 == len(asked)
        timed = {request.messages[0].content for request in asked}
        warming = questions.others(asked)
        assert [len(asked[0].messages)] * 32 == [len(request.messages) for request in warming]
        assert not timed & {request.messages[0].content for request in warming}
        assert bool(asked[0].choices) == bool(warming[0].choices)
    assert [60, 60] == [
        len(set(each[0].choices)) for each in (questions.sixty_labels(), questions.sixty_intents())
    ]
    shown = {tuple(message.content for message in request.messages[:-1]) for request in questions.retrieved()}
    assert 290 < len(shown)
