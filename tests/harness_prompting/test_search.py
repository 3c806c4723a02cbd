from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness import Answered, Brief, ChatModel, Example, Failed, Opened, Prediction, Query, Request, Wording
from harness.testing import ScriptedModel, Tried, check_strategy, try_strategy
from harness_prompting.search import CandidateScore, Chosen, PromptSearch, choose, same_answer

BRIEF = Brief(name="t", instructions="Mood?", kind="label", labels={"good": "", "bad": ""})
ROWS = [Example(query=Query(id=f"r{i}", text=f"text {i}"), targets=("good",)) for i in range(8)]
#: Right only where it is asked about the tone; and never in the third paraphrase.
MODEL = ScriptedModel(
    replies={"then a text. Which tone?": "bad", "Which tone?": "good", "silly": "no idea"}, otherwise="bad"
)


def search(**more: object) -> PromptSearch:
    given: dict[str, Any] = {"model": "m", "variations": (), "normalise": "sum"}
    return PromptSearch(**(given | more))


def tried(strategy: PromptSearch, folder: Path, **more: object) -> Tried:
    given: dict[str, Any] = {
        "brief": BRIEF,
        "train": ROWS[:1],
        "validation": ROWS,
        "queries": [Query(id="q", text="ask")],
        "models": {"m": MODEL},
    }
    return try_strategy(strategy, folder=folder, **(given | more))


def candidates(of: Tried) -> dict[str, CandidateScore]:
    found = (CandidateScore.model_validate(v) for k, v in of.steps.items() if k.startswith("candidate/"))
    return {each.name: each for each in found}


def chosen(of: Tried) -> Chosen:
    return Chosen.model_validate(of.steps["chosen"])


def calls_to_prepare(of: Tried) -> int:
    return sum(entry.phase == "prepare" and entry.usage.model == "scripted" for entry in of.ledger)


def test_it_keeps_the_contract(tmp_path: Path) -> None:
    strategy = search(
        wordings=["How is it?"], variations=["instruction", "format", "label_words", "persona", "scale"]
    )
    model = ScriptedModel(replies={"great": "positive"}, otherwise="negative")
    check_strategy(strategy, folder=tmp_path, models={"m": model})


def test_the_best_wording_on_validation_answers_and_all_are_in_the_record(tmp_path: Path) -> None:
    got = tried(search(wordings=["Which tone?", Wording(system="Be brief.")]), tmp_path)
    assert {"plain": 0.0, "own-1": 1.0, "own-2": 0.0} == {k: c.value for k, c in candidates(got).items()}
    assert "own-1" == chosen(got).name
    assert "own-1" == chosen(got).ranking[0]
    assert {"plain", "own-1", "own-2"} == set(chosen(got).ranking)
    assert "Which tone?\nAnswer with one of: good, bad." == candidates(got)["own-1"].prompt
    assert ("good",) == got.outcomes["q"].model_dump()["answers"]
    assert got.exchanges["q"][0].messages[-1].content.startswith("Which tone?")


def test_consistency_is_the_share_of_rows_answered_alike_under_every_paraphrase(tmp_path: Path) -> None:
    two = tried(search(wordings=["Which tone?"], paraphrases=2), tmp_path / "two")
    assert 1.0 == candidates(two)["own-1"].consistency
    three = tried(search(wordings=["Which tone?"], paraphrases=3, consistency_rows=5), tmp_path / "three")
    assert 0.0 == candidates(three)["own-1"].consistency
    assert 1.0 == candidates(three)["plain"].consistency
    assert 5 == candidates(three)["own-1"].paraphrased_rows
    none = tried(search(paraphrases=0), tmp_path / "none")
    assert candidates(none)["plain"].consistency is None


class Dies(ScriptedModel):
    """The process ends when the second wording is asked."""

    @contextmanager
    def open(self) -> Iterator[Opened]:
        with super().open() as opened:
            yield Opened(chat=_DiesAt(opened.chat)) if opened.chat else opened


class _DiesAt:
    identity = "dies"
    window = 4096

    def __init__(self, chat: ChatModel) -> None:
        self._chat = chat

    def tokens(self, request: Request) -> int:
        return self._chat.tokens(request)

    def complete(self, requests: Sequence[Request]) -> Iterator[Answered]:
        if any("Which tone?" in request.messages[-1].content for request in requests):
            raise RuntimeError("killed")
        yield from self._chat.complete(requests)


def test_a_search_that_was_cut_off_goes_on_with_the_wording_it_stood_at(tmp_path: Path) -> None:
    strategy = search(wordings=["Which tone?"])
    with pytest.raises(AssertionError, match="killed"):
        tried(strategy, tmp_path, models={"m": Dies(otherwise="bad")})
    # Another model, so that no answer could come from the cache.
    got = tried(strategy, tmp_path)
    paid = [entry for entry in got.paid if entry.phase == "prepare" and entry.usage.model == "scripted"]
    assert 2 * (8 + 8 * 2) == len(paid)
    assert {"plain": 0.0, "own-1": 1.0} == {k: c.value for k, c in candidates(got).items()}


def test_the_cost_is_bounded_by_the_parameters(tmp_path: Path) -> None:
    strategy = search(
        wordings=["Which tone?"], validation_rows=4, consistency_rows=3, paraphrases=2, normalise="sum"
    )
    got = tried(strategy, tmp_path)
    assert 2 * (4 + 3 * 2) == calls_to_prepare(got)
    assert {4} == {c.rows for c in candidates(got).values()}


def test_rows_are_drawn_by_seed_and_are_the_same_for_all_candidates(tmp_path: Path) -> None:
    rows = [Example(query=Query(id=f"r{i}", text="silly" if i < 4 else "x"), targets=("good",)) for i in range(8)]
    got = tried(search(wordings=["Is it?"], validation_rows=4), tmp_path, validation=rows)
    (failed,) = {c.failed for c in candidates(got).values()}
    assert f"wording 'plain': {failed} of 4 validation rows got no answer" in got.warnings


def test_ties_go_to_the_more_consistent_then_the_shorter_then_the_first() -> None:
    def score(name: str, value: float, consistency: float | None, prompt: str) -> CandidateScore:
        return CandidateScore(
            name=name, wording=Wording(), prompt=prompt, value=value, rows=1, consistency=consistency,
            paraphrased_rows=1, failed=0,
        )  # fmt: skip

    ranked = choose(
        [
            score("first", 0.5, 0.9, "short"),
            score("equal", 0.5, 0.9, "short"),
            score("brief", 0.5, 0.9, "s"),
            score("steady", 0.5, 1.0, "quite long"),
            score("best", 0.6, None, "longest of all"),
        ]
    )
    assert ("best", "steady", "brief", "first", "equal") == ranked.ranking


def test_a_wording_that_stands_twice_is_tried_once(tmp_path: Path) -> None:
    got = tried(search(wordings=[Wording(), "Which tone?", "Which tone?"]), tmp_path)
    assert {"plain", "own-1", "own-2"} - {"own-1"} == set(candidates(got))


def test_what_has_nothing_to_vary_is_said(tmp_path: Path) -> None:
    free = Brief(name="t", instructions="Say.", kind="text")
    got = tried(search(variations=["scale"]), tmp_path, brief=free)
    assert ("variations: 'scale' has nothing to vary in a task of kind 'text'",) == got.warnings
    assert {"plain"} == set(candidates(got))


def test_it_refuses_a_task_without_validation_rows_and_a_wording_that_does_not_suit(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"task 't' has none; give data.splits.validation"):
        tried(search(), tmp_path / "a", validation=[])
    with pytest.raises(AssertionError, match="wording 'own-1': label_words: no label 'goo'"):
        tried(search(wordings=[Wording(label_words={"goo": "x"})]), tmp_path / "b")


def test_answers_are_the_same_whatever_their_order_and_case_and_a_failure_is_never_the_same() -> None:
    ab, ba = (Prediction(query_id="q", answers=answers) for answers in (("A", "b"), ("B", "a")))
    failed = Failed(query_id="q", kind="empty", error="")
    assert same_answer(ab, ba)
    assert not same_answer(ab, Prediction(query_id="q", answers=("a",)))
    assert not same_answer(failed, failed)
