from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.calls.cache import Cache
from harness.calls.drift import Drift
from harness.models import Completion
from harness.records import Usage


def answer(served: str | None = None, fingerprint: str | None = None, *, replayed: bool = False) -> Completion:
    return Completion(text="a", usage=Usage(model="m"), served=served, fingerprint=fingerprint, replayed=replayed)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with Cache(tmp_path / "cache.sqlite") as opened:
        yield opened


def said(drift: Drift, *answers: Completion, trial: str = "t") -> list[str]:
    return [each for answer in answers for each in drift.noticed(trial, "id", "gpt", answer)]


def test_a_trial_that_two_models_answered_says_so_once(cache: Cache) -> None:
    found = said(Drift(cache), *(answer(each, replayed=True) for each in ("a", "b", "a", "c")))
    assert [
        "gpt answered under several models, such as 'a' and 'b': its answers are not all of one model"
    ] == found


def test_so_does_one_of_two_fingerprints(cache: Cache) -> None:
    [found] = said(Drift(cache), answer("a", "f1"), answer("a", "f2"), answer("a", None), answer("a", "f3"))
    assert "several fingerprints, such as 'f1' and 'f2'" in found


def test_one_model_throughout_says_nothing_in_any_trial(cache: Cache) -> None:
    drift = Drift(cache)
    assert [] == said(drift, answer("a", "f1"), answer(), answer("a", "f1"))
    assert [] == said(drift, answer("a", "f2"), trial="u")


def test_another_model_than_the_cached_answers_had_is_told_in_each_trial_once(cache: Cache) -> None:
    said(Drift(cache), answer("old"))
    later = Drift(cache)
    for trial in ("t", "u"):
        [found] = said(later, answer("new"), answer("new"), trial=trial)
        assert found.startswith("gpt is now served as 'new', and was as 'old'")
    assert [] == said(Drift(cache), answer("new"))


def test_replays_tell_nothing_of_now(cache: Cache) -> None:
    said(Drift(cache), answer("new"))
    assert [] == said(Drift(cache), answer("old", replayed=True))
    assert "new" == cache.served("id")


def test_a_name_that_is_no_name_is_shown_as_plain_text(cache: Cache) -> None:
    [found] = said(Drift(cache), answer("a\x1b[31m" + "x" * 500), answer("b"))
    assert "\x1b" not in found
    assert len(found) < 300
