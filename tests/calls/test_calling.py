from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness import CallFailed, Completion, Failed, Message, Request, Usage
from harness.calls.budget import Budget
from harness.calls.cache import Cache
from harness.calls.calling import Calls, MeteredEngine
from harness.calls.endpoint import MeteredEndpoint
from harness.calls.ledger import Meter, costed, entries
from harness.calls.pricing import Prices
from harness.errors import BudgetError, ModelError
from harness.models import Answered
from harness.records import TrialKey
from harness.suite import PriceBook, TokenPrice


def ask(text: str, query_id: str | None = None, **more: Any) -> Request:
    return Request(messages=(Message(role="user", content=text),), query_id=query_id, **more)


class Endpoint:
    """Answers with the question; fails as scripted, by question, one error a call."""

    identity = "there/model"
    name = "model"
    window = 1000

    def __init__(self, errors: dict[str, list[CallFailed]] | None = None) -> None:
        self.errors = errors or {}
        self.sent: list[str] = []
        self.under_way = self.most_under_way = 0

    def tokens(self, request: Request) -> int:
        return 1_000_000

    @property
    def account(self) -> str:
        return self.identity

    async def send(self, request: Request) -> Completion:
        text = request.messages[-1].content
        self.sent.append(text)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(0.002)
        finally:
            self.under_way -= 1
        if self.errors.get(text):
            raise self.errors[text].pop(0)
        return Completion(text=text.upper(), usage=Usage(model="model", input_tokens=10), seconds=0.002)

    async def close(self) -> None: ...


class Bench:
    """What an endpoint or engine needs round it."""

    def __init__(self, folder: Path, limit: float | None = None, jobs: int = 4) -> None:
        prices = Prices(PriceBook(models={"model": TokenPrice(input=1, output=0)}))
        self.folder = folder
        self.warned: list[str] = []
        self.meter = Meter(folder / "ledger.jsonl", TrialKey(task="t", strategy="s"))
        paid = list(entries(folder / "ledger.jsonl"))
        self.calls = Calls(
            Cache(folder / "cache.sqlite"), Budget(limit, prices, folder / "budget.jsonl", paid), "here", jobs
        )

    def progress(self, done: int, total: int, what: str) -> None:
        self.told = (done, total)

    def warn(self, message: str) -> None:
        self.warned.append(message)

    def endpoint(self, endpoint: Endpoint) -> MeteredEndpoint:
        return MeteredEndpoint(endpoint, self.calls, self, repeat=0)

    def close(self) -> None:
        self.calls.loop.close()
        self.calls.budget.close()
        self.calls.cache.close()
        self.meter.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def texts(answers: Sequence[Answered]) -> dict[int, str]:
    return {
        a.index: a.completion.text if isinstance(a.completion, Completion) else a.completion.kind for a in answers
    }


def test_each_request_is_answered_once_and_booked_to_its_query(bench: Bench) -> None:
    model = bench.endpoint(Endpoint())
    answers = list(model.complete([ask("a", "1"), ask("b", "2")]))
    assert {0: "A", 1: "B"} == texts(answers)
    assert {"1", "2"} == {e.query_id for e in costed(bench.folder / "ledger.jsonl")}


def test_progress_counts_what_came_back(bench: Bench) -> None:
    list(bench.endpoint(Endpoint()).complete([ask("a"), ask("a"), ask("b")]))
    assert (3, 3) == bench.told


def test_a_second_asking_is_replayed_costed_and_not_paid(bench: Bench) -> None:
    endpoint = Endpoint()
    list(bench.endpoint(endpoint).complete([ask("a", "1")]))
    bench.meter.phase = "bulk"
    [again] = bench.endpoint(endpoint).complete([ask("a", "1")])
    assert isinstance(again.completion, Completion)
    assert again.completion.replayed
    assert ["a"] == endpoint.sent
    assert [True, False] == [e.paid for e in entries(bench.folder / "ledger.jsonl")]
    assert 20 == sum(e.usage.input_tokens for e in costed(bench.folder / "ledger.jsonl"))


def test_the_same_prompt_for_two_queries_is_sent_once_in_a_call(bench: Bench) -> None:
    endpoint = Endpoint()
    answers = list(bench.endpoint(endpoint).complete([ask("a", "1"), ask("a", "2")]))
    assert {0: "A", 1: "A"} == texts(answers)
    assert ["a"] == endpoint.sent


@pytest.mark.parametrize(
    "other",
    [ask("a", temperature=0.5), ask("a", sample=1), ask("a", max_tokens=3), ask("a", choices=("x", "y"))],
)
def test_another_parameter_or_draw_is_another_answer(bench: Bench, other: Request) -> None:
    endpoint = Endpoint()
    list(bench.endpoint(endpoint).complete([ask("a")]))
    list(bench.endpoint(endpoint).complete([other]))
    assert ["a", "a"] == endpoint.sent


def test_a_failure_that_may_pass_is_tried_again(bench: Bench) -> None:
    endpoint = Endpoint({"a": [CallFailed("rate-limit", "slow down", retry=True, after=0.01)] * 2})
    assert {0: "A"} == texts(list(bench.endpoint(endpoint).complete([ask("a")])))
    assert ["a", "a", "a"] == endpoint.sent
    assert bench.meter.waited >= 0.02  # what was waited for is no latency


def test_a_failure_that_stays_is_one_requests_own_and_is_not_cached(bench: Bench) -> None:
    endpoint = Endpoint({"a": [CallFailed("refused", "no")]})
    model = bench.endpoint(endpoint)
    answers = list(model.complete([ask("a", "1"), ask("b", "2")]))
    assert {0: "refused", 1: "B"} == texts(answers)
    [failed] = [a.completion for a in answers if isinstance(a.completion, Failed)]
    assert "1" == failed.query_id
    assert {0: "A"} == texts(list(model.complete([ask("a", "1")])))


def test_a_malformed_answer_is_tried_once_more_and_no_more(bench: Bench) -> None:
    endpoint = Endpoint({"a": [CallFailed("malformed", "half of it", retry=True, after=0.0, billed=True)] * 5})
    assert {0: "malformed"} == texts(list(bench.endpoint(endpoint).complete([ask("a")])))
    assert ["a", "a"] == endpoint.sent


def test_a_refusal_that_is_billed_is_booked(bench: Bench) -> None:
    billed = Usage(model="model", input_tokens=500_000)
    endpoint = Endpoint({"a": [CallFailed("refused", "no", usage=billed)]})
    list(bench.endpoint(endpoint).complete([ask("a", "1")]))
    assert [("1", billed)] == [(e.query_id, e.usage) for e in costed(bench.folder / "ledger.jsonl")]
    assert 0.5 == pytest.approx(bench.calls.budget.spent)


def test_an_endpoint_that_never_answered_stops_the_strategy_instead_of_failing_row_by_row(bench: Bench) -> None:
    down = [CallFailed("connection", "there cannot be reached")]
    with pytest.raises(ModelError, match="there cannot be reached"):
        list(bench.endpoint(Endpoint({"a": down})).complete([ask("a"), ask("b")]))


def test_one_broken_connection_among_answers_is_one_rows_failure(bench: Bench) -> None:
    model = bench.endpoint(Endpoint({"b": [CallFailed("connection", "reset")]}))
    list(model.complete([ask("a")]))
    assert {0: "connection", 1: "C"} == texts(list(model.complete([ask("b"), ask("c")])))


@pytest.mark.parametrize(
    "error",
    [
        CallFailed("server", "bad gateway", retry=True, after=0.0),
        CallFailed("not-json", "a portal's page", retry=True, after=0.0, billed=True),
    ],
)
def test_an_endpoint_that_goes_silent_stops_the_strategy_after_five_requests(
    bench: Bench, error: CallFailed
) -> None:
    model = bench.endpoint(Endpoint({f"q{number}": [error] * 6 for number in range(8)}))
    list(model.complete([ask("a")]))
    for number in range(4):
        [failed] = [a.completion for a in model.complete([ask(f"q{number}")])]
        assert isinstance(failed, Failed)
        assert failed.passing
    with pytest.raises(
        ModelError, match=r"model: 5 requests in a row got no answer, the last: .*--resume goes on"
    ):
        list(model.complete([ask("q4")]))


def test_an_answer_or_a_refusal_between_failures_shows_that_somebody_is_there(bench: Bench) -> None:
    down = [CallFailed("server", "boom", retry=True, after=0.0)] * 6
    refused = [CallFailed("bad-request", "no")]
    model = bench.endpoint(Endpoint({f"q{n}": refused if n == 8 else list(down) for n in range(13) if n != 4}))
    kinds = [texts(list(model.complete([ask(f"q{number}")])))[0] for number in range(13)]
    assert [*["server"] * 4, "Q4", *["server"] * 3, "bad-request", *["server"] * 4] == kinds


def test_a_wrong_key_stops_the_strategy_at_once(bench: Bench) -> None:
    endpoint = Endpoint({"a": [CallFailed("auth", "wrong key", fatal=True)]})
    with pytest.raises(ModelError, match="wrong key"):
        list(bench.endpoint(endpoint).complete([ask("a")]))
    assert ["a"] == endpoint.sent


def test_no_more_requests_are_under_way_than_allowed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, jobs=3)
    endpoint = Endpoint()
    list(bench.endpoint(endpoint).complete([ask(str(i)) for i in range(20)]))
    assert 3 == endpoint.most_under_way
    bench.close()


def test_concurrent_calls_cannot_overshoot_the_cap(tmp_path: Path) -> None:
    # Each call reserves 1 $ from above and uses a hundred-thousandth of it.
    bench = Bench(tmp_path, limit=2.5, jobs=10)
    endpoint = Endpoint()
    assert 10 == len(list(bench.endpoint(endpoint).complete([ask(str(i)) for i in range(10)])))
    assert 2 == endpoint.most_under_way
    assert 1e-4 == pytest.approx(bench.calls.budget.spent)
    bench.close()


def test_a_call_that_could_pass_the_cap_alone_is_not_sent(tmp_path: Path) -> None:
    bench = Bench(tmp_path, limit=0.9)
    endpoint = Endpoint()
    with pytest.raises(BudgetError, match="past the limit"):
        list(bench.endpoint(endpoint).complete([ask("a")]))
    assert [] == endpoint.sent
    bench.close()


def test_a_call_that_broke_off_stays_booked_at_its_upper_bound(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    endpoint = Endpoint({"a": [CallFailed("timeout", "too slow", billed=True)]})
    assert {0: "timeout"} == texts(list(bench.endpoint(endpoint).complete([ask("a")])))
    assert 1.0 == pytest.approx(bench.calls.budget.spent)
    bench.close()


def test_what_was_paid_before_a_kill_is_not_paid_again(tmp_path: Path) -> None:
    endpoint = Endpoint()
    before = Bench(tmp_path)
    stream = before.endpoint(endpoint).complete([ask(str(i), str(i)) for i in range(6)])
    for _ in range(3):
        next(stream)
    stream.close()  # type: ignore[attr-defined]
    before.close()
    sent = set(endpoint.sent)
    after = Bench(tmp_path)
    list(after.endpoint(endpoint).complete([ask(str(i), str(i)) for i in range(6)]))
    # Those that were under way when it stopped may be sent again, those that had come back may not.
    assert len(endpoint.sent) <= 6 + len(sent) - 3
    assert 6 == len(costed(tmp_path / "ledger.jsonl"))
    after.close()


class Engine:
    """A local model that remembers what it was asked in one call."""

    identity = "local"
    window = 100

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def tokens(self, request: Request) -> int:
        return 1

    def complete(self, requests: Sequence[Request]) -> Iterator[Answered]:
        self.batches.append([r.messages[-1].content for r in requests])
        for index in reversed(range(len(requests))):
            usage = Usage(model="local", device_seconds=0.1)
            yield Answered(index=index, completion=Completion(text="ok", usage=usage, seconds=0.1))


def test_a_local_engine_gets_the_misses_of_a_call_as_one_list(bench: Bench) -> None:
    engine = Engine()
    model = MeteredEngine(engine, bench.calls, bench, repeat=0)
    list(model.complete([ask("b")]))
    list(model.complete([ask("a"), ask("b"), ask("c")]))
    assert [["b"], ["a", "c"]] == engine.batches


def test_while_latency_is_measured_a_local_cache_sleeps(bench: Bench) -> None:
    engine = Engine()
    model = MeteredEngine(engine, bench.calls, bench, repeat=0)
    list(model.complete([ask("a")]))
    bench.meter.phase = "sample"
    list(model.complete([ask("a")]))
    assert [["a"], ["a"]] == engine.batches
