"""Trials through the public kit: what a strategy may rely on, and what it cannot break."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import Field

from harness import (
    Answered,
    Brief,
    Completion,
    Context,
    EmbedderName,
    Example,
    Failed,
    Fitted,
    Model,
    Opened,
    Prediction,
    Query,
    Record,
    Request,
    Strategy,
    StrategyName,
    Usage,
)
from harness.errors import BudgetError
from harness.journal import read
from harness.records import Outcome, Probed
from harness.selection import Selected
from harness.testing import HashEmbedder, ScriptedModel, Tried, check_strategy, tiny_task, try_strategy
from tests.asking import AskIt

PASSING = Failed(query_id="q", kind="server", error="bad gateway", passing=True)
AT = datetime(2026, 11, 22, tzinfo=UTC)
MODEL = {"m": ScriptedModel(replies={"great": "positive", "lovely": "positive"}, otherwise="negative")}


class Says(Strategy):
    """Answers every query with `answer`, and misbehaves as asked."""

    answer: str = "positive"
    fault: str = ""

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        yield _Says(self.answer, self.fault)


class _Says:
    def __init__(self, answer: str, fault: str) -> None:
        self.says, self.fault = answer, fault

    def answer(self, queries: Sequence[Query]) -> Iterator[Prediction | Failed]:
        for number, query in enumerate(queries):
            if self.fault == "forgets" and number == 1:
                continue
            if self.fault == "passing" and number == 2:
                yield Failed(query_id=query.id, kind="server", error="bad gateway", passing=True)
                raise RuntimeError("half way")
            strange = self.fault == "strange" and query.id == min(e.query.id for e in tiny_task().test)
            yield Prediction(query_id=query.id, answers=("banana" if strange else self.says,))
            if self.fault == "twice":
                yield Prediction(query_id=query.id, answers=("negative",))
            if self.fault == "stranger":
                yield Prediction(query_id="nobody", answers=("negative",))
            if self.fault == "raises" and number == 2:
                raise RuntimeError("half way")
            if self.fault == "wrong type" and number == 2:
                yield "positive"  # type: ignore[misc]


def said(tried: Tried, kind: type[Prediction] | type[Failed]) -> int:
    return sum(isinstance(outcome, kind) for outcome in tried.outcomes.values())


def test_a_strategy_that_asks_a_model_keeps_the_contract(tmp_path: Path) -> None:
    check_strategy(AskIt(model="m"), folder=tmp_path, models=MODEL)


def test_the_record_holds_the_prompt_as_sent(tmp_path: Path) -> None:
    tried = try_strategy(AskIt(model="m"), folder=tmp_path, models=MODEL)
    query = tiny_task().test[0].query
    [exchange] = tried.exchanges[query.id]
    assert f"Is this review positive or negative?\nAnswer with one of: positive, negative.\n\n{query.text}" == (
        exchange.messages[-1].content
    )


def test_a_query_left_out_is_a_failure_and_is_said(tmp_path: Path) -> None:
    tried = try_strategy(Says(fault="forgets"), folder=tmp_path)
    assert [("unanswered", 1)] == [(o.kind, 1) for o in tried.outcomes.values() if isinstance(o, Failed)]
    assert "it left unanswered (1 query, such as" in " ".join(tried.warnings)


def test_of_two_answers_the_first_counts_and_it_is_said(tmp_path: Path) -> None:
    tried = try_strategy(Says(fault="twice"), folder=tmp_path)
    assert {("positive",)} == {o.answers for o in tried.outcomes.values() if isinstance(o, Prediction)}
    assert "more than once" in tried.warnings[0]


def test_an_answer_to_a_query_that_nobody_asked_is_left_out_and_said(tmp_path: Path) -> None:
    tried = try_strategy(Says(fault="stranger"), folder=tmp_path)
    assert "nobody" not in tried.outcomes
    assert "it answered what nobody asked (15 queries" in tried.warnings[0]


def test_an_answer_that_is_no_label_is_a_failure_not_a_wrong_answer(tmp_path: Path) -> None:
    tried = try_strategy(Says(fault="strange"), folder=tmp_path)
    assert ["not-a-label"] == [o.kind for o in tried.outcomes.values() if isinstance(o, Failed)]
    assert len(tiny_task().test) - 1 == said(tried, Prediction)


def test_a_trial_without_a_single_answer_fails_and_is_asked_again_when_taken_up(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no test row of 15 got an answer; not-a-label: 'banana' is none of"):
        try_strategy(Says(answer="banana"), folder=tmp_path)
    tried = try_strategy(Says(), folder=tmp_path)
    assert 15 == said(tried, Prediction)
    assert 2 == len(list(tmp_path.glob("trials/tiny/tried/0-0/outcomes*.jsonl")))


@pytest.mark.parametrize(
    ("fault", "message"),
    [("raises", "RuntimeError: half way"), ("wrong type", "it must yield a harness.Prediction")],
)
def test_a_strategy_that_raises_fails_alone_and_keeps_what_was_answered(
    tmp_path: Path, fault: str, message: str
) -> None:
    with pytest.raises(AssertionError, match=message):
        try_strategy(Says(fault=fault), folder=tmp_path, latency_sample=0)
    outcomes = (tmp_path / "trials" / "tiny" / "tried" / "0-0" / "outcomes.jsonl").read_text().splitlines()
    assert 3 == len(outcomes)


def test_a_row_whose_failure_may_pass_is_asked_again_when_its_trial_is_taken_up(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="RuntimeError: half way"):
        try_strategy(Says(fault="passing"), folder=tmp_path, latency_sample=0)
    tried = try_strategy(Says(), folder=tmp_path, latency_sample=0)
    assert (15, 0) == (said(tried, Prediction), said(tried, Failed))
    [aside] = tmp_path.glob("trials/tiny/tried/0-0/outcomes.failed-1.jsonl")
    assert 1 == len(aside.read_text().splitlines())


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("validation.jsonl", Outcome(query_id="q", result=PASSING, phase="validation", at=AT)),
        ("probes.jsonl", Probed(probe="p", variant="v", query_id="q", text="x", result=PASSING, at=AT)),
    ],
)
def test_validation_rows_and_probes_whose_failure_may_pass_are_asked_again_too(
    tmp_path: Path, file: str, line: Outcome | Probed
) -> None:
    with pytest.raises(AssertionError, match="RuntimeError: half way"):
        try_strategy(Says(fault="raises"), folder=tmp_path, latency_sample=0)
    path = tmp_path / "trials" / "tiny" / "tried" / "0-0" / file
    failed = line.result.model_copy(update={"passing": False})
    other = line.model_copy(update={"query_id": "r", "result": failed})
    path.write_text(f"{line.model_dump_json()}\n{other.model_dump_json()}\n")
    try_strategy(Says(), folder=tmp_path, latency_sample=0)
    assert [other] == list(read(path, type(other)))
    assert [line] == list(read(path.with_name(f"{path.stem}.failed-1.jsonl"), type(line)))


class Total(Record):
    total: int


class Counts(Strategy):
    """Does three steps, and dies before the one that it is told."""

    dies_before: int = 9
    diary: str = ""

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        total = 0
        for number in range(3):
            if number == self.dies_before:
                raise KeyboardInterrupt

            def work(number: int = number, total: int = total) -> Total:
                with Path(self.diary).open("a") as diary:
                    diary.write(f"{number}\n")
                with context.spend(Usage(model="this", device_seconds=9.0)) as spending:
                    spending.actual(Usage(model="this", device_seconds=1.0))
                return Total(total=total + number)

            total = context.step(f"step {number}", Total, work).total
        yield _Says("positive", "")


def test_finished_steps_are_taken_up_and_paid_once(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    with pytest.raises(KeyboardInterrupt):
        try_strategy(Counts(dies_before=2, diary=str(diary)), folder=tmp_path / "run")
    tried = try_strategy(Counts(diary=str(diary)), folder=tmp_path / "run")
    assert ["0", "1", "2"] == diary.read_text().split()
    assert {"step 0": {"total": 0}, "step 1": {"total": 1}, "step 2": {"total": 3}} == tried.steps
    assert [1.0] * 3 == [e.usage.device_seconds for e in tried.paid if "spend" in e.name]
    assert 2 == tried.header.attempts


def test_spending_that_is_not_settled_is_booked_at_its_upper_bound(tmp_path: Path) -> None:
    class Silent(Counts):
        @contextmanager
        def prepare(
            self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
        ) -> Iterator[Fitted]:
            with context.spend(Usage(model="this", device_seconds=9.0)):
                pass
            yield _Says("positive", "")

    tried = try_strategy(Silent(), folder=tmp_path)
    assert [9.0] == [e.usage.device_seconds for e in tried.ledger if "spend" in e.name]


class Chosen(Strategy):
    """Draws from the context, by name."""

    names: tuple[str, ...] = ("a", "b")

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        drawn = {name: context.rng(name).random() for name in self.names}
        context.step("drawn", Drawn, lambda: Drawn(drawn=drawn))
        yield _Says("positive", "")


class Drawn(Record):
    drawn: dict[str, float] = Field({})


def test_random_draws_depend_on_seed_and_name_and_never_on_call_order(tmp_path: Path) -> None:
    def drawn(folder: str, names: tuple[str, ...], seed: int = 0) -> object:
        return try_strategy(Chosen(names=names), folder=tmp_path / folder, seed=seed).steps["drawn"]

    first, turned, other = drawn("1", ("a", "b")), drawn("2", ("b", "a")), drawn("3", ("a", "b"), seed=1)
    assert first == turned
    assert first != other


def test_the_best_candidate_on_validation_answers_and_all_stay_in_the_record(tmp_path: Path) -> None:
    tried = try_strategy(
        Selected(candidates=("constant", "asks")),
        strategies={"constant": Says(answer="negative"), "asks": AskIt(model="m")},
        models=MODEL,
        folder=tmp_path,
    )
    chosen = tried.steps["chosen"]
    assert isinstance(chosen, dict)
    assert "asks" == chosen["name"]
    assert ["constant", "asks"] == [c["name"] for c in chosen["among"]]
    assert all(o.answers for o in tried.outcomes.values() if isinstance(o, Prediction))
    # What the candidates were asked on validation is this strategy's own cost of preparing.
    validation = {e.query.id for e in tiny_task().validation}
    assert validation == {e.query_id for e in tried.ledger if e.phase == "prepare" and e.query_id}


class Cascade(Strategy):
    """Uses another strategy as it is."""

    first: StrategyName = "embeds"

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        with context.fitted(self.first) as fitted:
            yield fitted


class Embeds(Strategy):
    embedder: EmbedderName = "e"

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        context.embedder(self.embedder).embed([e.query.text for e in train])
        yield _Says("positive", "")


def test_what_an_inner_strategy_prepared_is_charged_to_both_and_paid_once(tmp_path: Path) -> None:
    inner = {"embeds": Embeds()}
    models = {"e": HashEmbedder()}
    tried = try_strategy(Cascade(), strategies=inner, models=models, folder=tmp_path)
    embedded = [e for e in tried.ledger if "/embed/" in e.name]
    assert len(tiny_task().train) == len(embedded)
    assert not any(e.paid for e in embedded)
    again = try_strategy(Cascade(), strategies=inner, models=models, folder=tmp_path)
    assert len(embedded) == len([e for e in again.ledger if "/embed/" in e.name])


def test_texts_beyond_the_embedders_window_are_counted_and_said(tmp_path: Path) -> None:
    tried = try_strategy(Embeds(), models={"e": HashEmbedder(window=3)}, folder=tmp_path)
    assert "30 texts are longer than e's window of 3 tokens" in tried.warnings[0]


def test_embeddings_known_from_before_are_costed_as_first_observed_and_not_paid(tmp_path: Path) -> None:
    models = {"e": HashEmbedder()}
    first = try_strategy(Embeds(), models=models, folder=tmp_path)
    (tmp_path / "trials").rename(tmp_path / "elsewhere")  # the cache stays
    second = try_strategy(Embeds(), models=models, folder=tmp_path)
    seconds = [sum(e.usage.device_seconds for e in t.ledger if "/embed/" in e.name) for t in (first, second)]
    assert seconds[0] == pytest.approx(seconds[1])
    assert not any(e.paid for e in second.ledger if "/embed/" in e.name)


def test_the_sample_is_timed_and_the_rest_is_not(tmp_path: Path) -> None:
    import json

    try_strategy(AskIt(model="m"), models=MODEL, folder=tmp_path, latency_sample=5)
    lines = (tmp_path / "trials" / "tiny" / "tried" / "0-0" / "outcomes.jsonl").read_text().splitlines()
    phases = [(o["phase"], "seconds" in o) for o in map(json.loads, lines)]
    assert [("sample", True)] * 5 + [("bulk", False)] * (len(lines) - 5) == phases


class Batched(Model):
    """A model that computes for a while, then gives all answers at once."""

    roles = frozenset({"chat"})

    @contextmanager
    def open(self) -> Iterator[Opened]:
        yield Opened(chat=_Batched())


class _Batched:
    identity = "batched"
    window = 1000

    def tokens(self, request: Request) -> int:
        return 1

    def complete(self, requests: Sequence[Request]) -> Iterator[Answered]:
        time.sleep(1.0)
        for index in range(len(requests)):
            usage = Usage(model="batched", device_seconds=1.0 / len(requests))
            completion = Completion(text="positive", usage=usage, seconds=usage.device_seconds)
            yield Answered(index=index, completion=completion)


def test_seconds_of_a_phase_sum_to_its_wall_time(tmp_path: Path) -> None:
    began = time.perf_counter()
    tried = try_strategy(AskIt(model="m"), models={"m": Batched()}, folder=tmp_path, latency_sample=0)
    wall = time.perf_counter() - began
    booked = [e.usage.device_seconds for e in tried.ledger if e.phase == "bulk"]
    assert 1.0 < sum(booked) < wall


def test_a_cap_stops_the_trial_with_a_budget_error(tmp_path: Path) -> None:
    class Costly(Strategy):
        @contextmanager
        def prepare(
            self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
        ) -> Iterator[Fitted]:
            with context.spend(Usage(model="gpt-4o", training_tokens=10)):
                pass
            yield _Says("positive", "")

    with pytest.raises(BudgetError, match="price of 'gpt-4o' is not known"):
        try_strategy(Costly(), folder=tmp_path, cost_limit=0.01)


def test_the_kit_catches_a_strategy_that_draws_without_the_context(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"draw from context\.rng"):
        check_strategy(Rolls(), folder=tmp_path)


class Rolls(Strategy):
    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        yield _Rolls()


class _Rolls:
    def answer(self, queries: Sequence[Query]) -> Iterator[Prediction | Failed]:
        import random

        for query in queries:
            yield Prediction(query_id=query.id, answers=(random.choice(["positive", "negative"]),))


def test_the_kit_catches_a_strategy_that_pays_twice_for_its_training(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"paid again for .*use context\.step"):
        check_strategy(PaysTwice(), folder=tmp_path)


class PaysTwice(Strategy):
    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        with context.spend(Usage(model="rented", device_seconds=1.0)):
            pass
        yield _Says("positive", "")
