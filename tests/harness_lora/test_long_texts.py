"""What is trained on of rows that are too long, and how a classifier answers texts beyond its window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from harness import Brief, Context, Example, Failed, Prediction, Query, Trainable
from harness.records import Long
from harness.testing import try_strategy
from harness_lora.causal import Causal
from harness_lora.encoder import Classified, Encoder
from harness_lora.passes import Scored
from harness_lora.rows import Row
from harness_lora.steps import mean_loss
from harness_lora.strategy import LoRA
from harness_transformers.model import TransformersModel

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

WINDOW = 120  # bytes, which are this tokenizer's tokens
LATE = f"{'it went on and on. ' * 12}superb"
SHORT = "it was rude"


@dataclass
class Lent:
    """Weights without weights: a window and a tokenizer."""

    tokenizer: PreTrainedTokenizerFast
    window: int = WINDOW
    identity: str = "lent"
    said: list[str] = field(default_factory=list)

    @contextmanager
    def lease(self, head: str, labels: Sequence[str] = ()) -> Iterator[Lent]:
        yield self

    def warn(self, message: str) -> None:
        self.said.append(message)


@dataclass
class Reader:
    """A classifier that is sure where it reads `superb`, and leans the other way where it does not."""

    seen: list[str] = field(default_factory=list)

    def classify(self, texts: Sequence[str]) -> Iterator[Mapping[str, float]]:
        self.seen += texts
        for text in texts:
            share = 0.99 if "superb" in text else 0.4
            yield {"positive": share, "negative": 1 - share}


def brief(long: Long | None) -> Brief:
    labels = {"positive": "", "negative": ""}
    return Brief(name="t", instructions="How was it?", kind="label", labels=labels, long=long)


def encoder(tokenizer: PreTrainedTokenizerFast, long: Long | None) -> Encoder:
    lent = Lent(tokenizer)
    return Encoder("m", cast(Trainable, lent), brief(long), cast(Context, lent))


def example(text: str, label: str = "positive") -> Example:
    return Example(query=Query(id=text[-12:], text=text), targets=(label,))


@pytest.mark.parametrize(("long", "found"), [(None, 0.4), ("head", 0.4), ("middle", 0.99)])
def test_a_classifier_sees_what_the_task_says_of_a_long_text(
    long: Long | None, found: float, tokenizer: PreTrainedTokenizerFast
) -> None:
    reader, head = Reader(), encoder(tokenizer, long)
    late, short = Classified(head, reader).answer([Query(id="late", text=LATE), Query(id="short", text=SHORT)])
    assert isinstance(late, Prediction)
    assert isinstance(short, Prediction)
    assert {} == short.notes
    assert SHORT == reader.seen[1]
    assert late.notes["long"] == (long or "head")
    assert "1 texts are longer than m's window of 120 tokens" in cast(Lent, head.context).said[-1]
    if long is not None:  # without it the model itself cuts
        assert len(reader.seen[0].encode()) <= WINDOW
        assert found == (late.probabilities or {})["positive"]


def test_probabilities_of_chunks_are_averaged_by_their_tokens(tokenizer: PreTrainedTokenizerFast) -> None:
    reader = Reader()
    [late] = Classified(encoder(tokenizer, "chunks"), reader).answer([Query(id="late", text=LATE)])
    assert isinstance(late, Prediction)
    sizes = [len(text.encode()) for text in reader.seen]
    assert max(sizes) <= WINDOW
    shares = [0.99 if "superb" in text else 0.4 for text in reader.seen]
    mean = sum(size * share for size, share in zip(sizes, shares, strict=True)) / sum(sizes)
    assert pytest.approx(mean) == (late.probabilities or {})["positive"]
    assert {"long": "chunks", "chunks": str(len(sizes))} == late.notes


def test_fail_fails_a_long_text_and_answers_the_others(tokenizer: PreTrainedTokenizerFast) -> None:
    queries = [Query(id="late", text=LATE), Query(id="short", text=SHORT)]
    by_id = {r.query_id: r for r in Classified(encoder(tokenizer, "fail"), Reader()).answer(queries)}
    failed = by_id["late"]
    assert isinstance(failed, Failed)
    assert "too-long" == failed.kind
    assert isinstance(by_id["short"], Prediction)


def test_chunks_of_a_training_row_weigh_as_one_row(tokenizer: PreTrainedTokenizerFast) -> None:
    rows = encoder(tokenizer, "chunks").rows(tokenizer, [example(LATE), example(SHORT, "negative")], 64)
    *chunks, short = rows
    assert Row(short.prompt, (1,), len(SHORT)) == short
    assert len(chunks) > 2
    assert {(0,)} == {chunk.answer for chunk in chunks}
    assert {True} == {chunk.cut for chunk in chunks}
    assert pytest.approx(1.0) == sum(chunk.weight for chunk in chunks)
    assert max(chunk.tokens for chunk in chunks) <= 64


def test_training_rows_are_left_as_they_are_where_nothing_is_said(tokenizer: PreTrainedTokenizerFast) -> None:
    [row] = encoder(tokenizer, None).rows(tokenizer, [example(LATE)], 64)
    assert (len(LATE), 1.0, False) == (row.tokens, row.weight, row.cut)


def test_the_loss_is_weighted_by_row(tiny_causal: Path) -> None:
    import torch

    model = torch.nn.Linear(1, 1)
    logits = torch.tensor([[2.0, 0.0], [0.0, 3.0], [1.0, 0.0]])
    rows = [Row((1,), (0,), 1, weight=0.5, cut=True), Row((1,), (0,), 1, weight=0.5, cut=True), Row((1,), (0,), 1)]

    def score(batch: Sequence[Row]) -> Scored:
        return Scored(logits, torch.zeros(3, dtype=torch.long), torch.arange(3))

    each = torch.nn.functional.cross_entropy(logits, torch.zeros(3, dtype=torch.long), reduction="none").tolist()
    assert mean_loss(model, score, rows) == pytest.approx((0.5 * each[0] + 0.5 * each[1] + each[2]) / 2)


@pytest.mark.parametrize(("long", "last"), [("head", "went"), ("middle", "superb"), ("chunks", "went")])
def test_a_language_models_row_is_cut_in_its_text_alone(
    long: Long, last: str, tokenizer: PreTrainedTokenizerFast
) -> None:
    lent = Lent(tokenizer)
    causal = Causal("m", cast(Trainable, lent), brief(long), cast(Context, lent))
    [whole] = causal.rows(tokenizer, [example(LATE)], 2000)
    [row] = causal.rows(tokenizer, [example(LATE)], 260)
    question = tokenizer.decode(list(row.prompt))
    assert row.tokens <= 260 < whole.tokens
    assert row.cut
    assert whole.answer == row.answer
    assert "How was it?\nAnswer with one of: positive, negative." in question
    assert question.split("<|im_end|>")[0].rstrip(". ").endswith(last)


@pytest.mark.models
def test_an_encoder_trains_on_chunks_and_answers_by_them(tmp_path: Path) -> None:
    story = "On Monday we took the bus to the old mill. " * 60
    train = [
        Example(query=Query(id=f"{word}{i}", text=f"{i} {word}"), targets=(label,))
        for i in range(4)
        for word, label in (("superb", "positive"), ("awful", "negative"))
    ]
    result = try_strategy(
        LoRA(model="m", epochs=1),
        folder=tmp_path,
        brief=brief("chunks"),
        train=[*train, example(f"{story}superb")],
        validation=train[:2],
        queries=[Query(id="late", text=f"{story}awful")],
        models={"m": TransformersModel(weights="all-minilm-l6-v2", dtype="float32")},
    )
    rows = result.steps["rows"]
    assert isinstance(rows, dict)
    assert (10, 1, 0, 512) == (rows["rows"], rows["shortened"], rows["left_out"], rows["limit"])
    late = result.outcomes["late"]
    assert isinstance(late, Prediction)
    assert {"long": "chunks", "chunks": "2"} == late.notes
    assert "1 of 9 training rows are longer than 512 tokens: each was seen in chunks" in result.warnings
