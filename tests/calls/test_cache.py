from __future__ import annotations

import math
import multiprocessing
import os
import resource
import signal
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.calls.cache import Cache, request_key
from harness.errors import StoreError
from harness.models import Completion, Limits, Request
from harness.records import Message, Usage

ASKED = Request(messages=(Message(role="user", content="Is it good?"),), choices=("yes", "no"), query_id="q1")

KNOWN = "v1:93dc163a01bc331e07fe4246549f3c145b1ecd1ecaedae3ec8d222f06b316e37"


def completion(text: str = "yes", **changes: Any) -> Completion:
    return Completion(
        text=text,
        logprobs={"yes": -0.1, "no": -math.inf},
        usage=Usage(model="openai/m", input_tokens=11, output_tokens=1),
        seconds=0.5,
        request_id="r-1",
    ).model_copy(update=changes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "cache.sqlite"


@pytest.fixture
def cache(path: Path) -> Iterator[Cache]:
    with Cache(path) as opened:
        yield opened


def test_what_was_stored_comes_back_marked_as_replayed(cache: Cache) -> None:
    assert cache.store("k", completion())
    found = cache.completion("k")
    assert found is not None
    assert completion(replayed=True) == found.completion
    assert found.at.tzinfo is not None


def test_an_answer_outlives_the_process(path: Path) -> None:
    with Cache(path) as first:
        first.store("k", completion())
    with Cache(path) as second:
        found = second.completion("k")
    assert found is not None
    assert found.completion.text == "yes"


def test_the_first_observation_stays(cache: Cache) -> None:
    cache.store("k", completion(seconds=0.5))
    cache.store("k", completion(seconds=9.0))
    found = cache.completion("k")
    assert found is not None
    assert found.completion.seconds == 0.5


def test_an_answer_from_before_a_date_gives_way_and_a_younger_one_stays(cache: Cache) -> None:
    cache.store("k", completion(seconds=0.5))
    [found] = [cache.completion("k")]
    assert found is not None
    cache.store("k", completion(seconds=1.5), replacing=found.at)
    assert [0.5] == [c.completion.seconds for c in [cache.completion("k")] if c]
    cache.store("k", completion(seconds=2.5), replacing=found.at + timedelta(microseconds=1))
    [newer] = [cache.completion("k")]
    assert newer is not None
    assert 2.5 == newer.completion.seconds
    assert newer.at > found.at


def test_an_empty_answer_replaces_no_old_one(cache: Cache) -> None:
    cache.store("k", completion("good"))
    assert not cache.store("k", completion(""), replacing=datetime.now(UTC) + timedelta(days=1))
    assert ["good"] == [c.completion.text for c in [cache.completion("k")] if c]


@pytest.mark.parametrize("finish", ["stop", "length", "unknown"])
def test_whole_cut_and_oddly_ended_answers_are_kept(cache: Cache, finish: str) -> None:
    assert cache.store("k", completion(finish=finish))


def test_what_answered_is_kept_with_the_answer_and_what_it_still_took_is_not(cache: Cache) -> None:
    cache.store("k", completion(served="m-2026", fingerprint="fp", limits=Limits(requests=1)))
    found = cache.completion("k")
    assert found is not None
    told = found.completion
    assert ("m-2026", "fp", None) == (told.served, told.fingerprint, told.limits)


@pytest.mark.parametrize(
    "refused", [completion(finish="filter"), completion(""), completion(" \n"), completion(replayed=True)]
)
def test_refusals_empty_answers_and_replays_are_not_kept(cache: Cache, refused: Completion) -> None:
    assert not cache.store("k", refused)
    assert cache.completion("k") is None
    assert cache.problem is None


def test_a_disabled_cache_touches_no_file(path: Path) -> None:
    with Cache(path, enabled=False) as cache:
        assert not cache.store("k", completion())
        assert cache.completion("k") is None
        assert cache.vectors("e", ["a"]) == {}
        assert cache.stats() == (0, 0, 0)
    assert not path.parent.exists()


def test_an_answer_that_another_version_wrote_is_absent_and_stays(cache: Cache, path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("INSERT INTO completions VALUES ('k', '{\"text\": \"yes\", \"colour\": 1}', '2026-01-01')")
    other.close()
    assert cache.completion("k") is None
    assert cache.stats().completions == 1


def test_vectors_come_back_by_index_with_their_seconds(cache: Cache) -> None:
    vectors = np.array([[1.0, 0.0], [0.6, 0.8]], dtype=np.float32)
    assert cache.store_vectors("e", ["a", "b"], vectors, [0.25, 0.5])
    found = cache.vectors("e", ["b", "c", "a", "b"])
    assert sorted(found) == [0, 2, 3]
    assert found[0].vector.dtype == np.float32
    np.testing.assert_array_equal(vectors[1], found[0].vector)
    assert found[2].seconds == 0.25
    assert cache.vectors("another", ["a"]) == {}


def test_more_vectors_are_found_than_one_query_holds(cache: Cache) -> None:
    texts = [f"text {i}" for i in range(1201)]
    vectors = np.arange(1201, dtype=np.float32)[:, None]
    cache.store_vectors("e", texts, vectors, [0.001] * 1201)
    found = cache.vectors("e", texts)
    assert [float(i) for i in range(1201)] == [float(found[i].vector[0]) for i in range(1201)]


def test_forget_empties_the_file_and_gives_space_back(cache: Cache) -> None:
    for i in range(300):
        cache.store(f"k{i}", completion("yes " * 200))
    before = cache.stats()
    cache.forget()
    assert before.completions == 300
    assert cache.stats().completions == 0
    assert cache.stats().size < before.size / 4


@pytest.mark.parametrize(
    "content", [b"this is not a database, it only stands here" * 50, b"SQLite format 3\0" * 90]
)
def test_a_corrupt_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cache.sqlite"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"cache.sqlite.*--no-cache"):
        Cache(path)
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE completions (shell TEXT)")
    other.close()
    with pytest.raises(StoreError, match="no such column"):
        Cache(path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        Cache(tmp_path / "file" / "cache.sqlite")
    with pytest.raises(StoreError, match="cannot be used"):
        Cache(tmp_path)


def _fill_the_disk(path: Path, said: multiprocessing.SimpleQueue[tuple[bool, bool, str, str]]) -> None:
    with Cache(path) as cache:
        cache.store("before", completion("paid"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
        kept = [cache.store(f"k{i}", completion("long " * 4000)) for i in range(20)]
        found = cache.completion("before")
        assert found is not None
        said.put((kept[0], kept[-1], str(cache.problem), found.completion.text))


def test_a_full_disk_is_told_once_and_reading_goes_on(path: Path) -> None:
    said: multiprocessing.SimpleQueue[tuple[bool, bool, str, str]] = multiprocessing.get_context(
        "spawn"
    ).SimpleQueue()
    _in_process(_fill_the_disk, path, said)
    first, last, problem, text = said.get()
    said.close()
    assert (True, False, "paid") == (first, last, text)
    assert "cannot be written" in problem
    assert "cache.sqlite" in problem
    with Cache(path) as after:  # the disk has room again
        assert after.completion("before") is not None
        assert after.store("new", completion())


def _store_then_die(path: Path) -> None:
    cache = Cache(path)
    cache.store("k", completion("paid"))
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_process_loses_nothing_that_it_stored(path: Path) -> None:
    _in_process(_store_then_die, path, expected=-signal.SIGKILL)
    with Cache(path) as after:
        found = after.completion("k")
    assert found is not None
    assert found.completion.text == "paid"


def _store_many(path: Path, who: int) -> None:
    with Cache(path) as cache:
        for i in range(40):
            assert cache.store(f"{who}-{i}", completion(f"{who} {i}"))
        assert cache.problem is None


def test_several_processes_write_one_new_file_at_once(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_store_many, args=(path, who)) for who in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [0, 0, 0] == [worker.exitcode for worker in workers]
    with Cache(path) as cache:
        assert cache.stats().completions == 120


def test_threads_share_one_cache(cache: Cache) -> None:
    def work(who: int) -> None:
        for i in range(40):
            cache.store(f"{who}-{i}", completion(f"{who} {i}"))
            assert cache.completion(f"{who}-{i}") is not None

    threads = [threading.Thread(target=work, args=(who,)) for who in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.stats().completions == 240


def _in_process(target: Any, *args: object, expected: int = 0) -> None:
    worker = multiprocessing.get_context("spawn").Process(target=target, args=args)
    worker.start()
    worker.join()
    assert worker.exitcode == expected
    worker.close()


def test_the_key_ignores_only_who_asked() -> None:
    assert request_key("m", ASKED) == request_key("m", ASKED.model_copy(update={"query_id": "q2"}))


@pytest.mark.parametrize(
    "change",
    [
        {"messages": (Message(role="user", content="Is it bad?"),)},
        {"messages": (Message(role="system", content="Is it good?"),)},
        {"messages": (*ASKED.messages, Message(role="assistant", content=""))},
        {"choices": ("no", "yes")},
        {"choices": ()},
        {"answer_schema": {"type": "object"}},
        {"max_tokens": 65},
        {"temperature": 0.5},
        {"sample": 1},
    ],
)
def test_the_key_changes_with_whatever_the_answer_depends_on(change: dict[str, object]) -> None:
    assert request_key("m", ASKED) != request_key("m", ASKED.model_copy(update=change))


def test_the_key_changes_with_model_repeat_and_hardware() -> None:
    keys = {
        request_key("m", ASKED),
        request_key("m2", ASKED),
        request_key("m", ASKED, repeat=1),
        request_key("m", ASKED, hardware="cpu"),
    }
    assert len(keys) == 4


def test_the_key_is_the_same_in_every_version_of_this_format() -> None:
    # Changing what a key is made from must come with a new VERSION: this catches doing it unawares.
    assert request_key("m", ASKED) == KNOWN


def test_a_text_that_is_not_unicode_has_a_key() -> None:
    odd = ASKED.model_copy(update={"messages": (Message.model_construct(role="user", content="\ud800"),)})
    assert request_key("m", odd) != request_key("m", ASKED)
