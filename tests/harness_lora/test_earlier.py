from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
import torch

from harness import Brief, Example, Message, Opened, Query
from harness.testing import try_strategy
from harness_lora import passes
from harness_lora.causal import Causal
from harness_lora.conversation import Conversation
from harness_lora.rows import Row, shared_prefix
from harness_lora.shortening import fitting
from harness_lora.strategy import LoRA
from harness_transformers.model import TransformersModel

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

TURNS = [
    Message(role="system", content="You are an assistant."),
    Message(role="user", content="are you the assistant"),
    Message(role="assistant", content="assistant"),
    Message(role="user", content="my café card 😀"),
    Message(role="assistant", content="Lost? 😀\nShall I block it?"),
    Message(role="user", content="yes"),
]
SAID = "assistant<|im_end|>Lost? 😀\nShall I block it?<|im_end|>"


def learnt(tokenizer: PreTrainedTokenizerBase, row: Row) -> str:
    text: str = tokenizer.decode([row.prompt[place] for place in row.earlier])
    return text


def test_only_what_the_assistant_says_is_learnt(tokenizer: PreTrainedTokenizerFast) -> None:
    row = Conversation(tokenizer).row(TURNS, "Done.", earlier=True)
    assert SAID == learnt(tokenizer, row)
    assert "Done.<|im_end|>" == tokenizer.decode(list(row.answer))
    assert len(row.earlier) + len(row.answer) == row.learnt
    assert () == Conversation(tokenizer).row(TURNS, "Done.").earlier


def test_without_a_template_it_is_so_too(make_tokenizer: Callable[[str | None], PreTrainedTokenizerFast]) -> None:
    plain = make_tokenizer(None)
    row = Conversation(plain).row(TURNS, "Done.", earlier=True)
    assert SAID.replace("<|im_end|>", "\n\n") == learnt(plain, row)


def test_a_turn_that_the_template_writes_in_other_words_is_not_learnt(
    make_tokenizer: Callable[[str | None], PreTrainedTokenizerFast],
) -> None:
    shouting = make_tokenizer("{% for m in messages %}[{{ m['content'] | upper }}]{% endfor %}")
    assert () == Conversation(shouting).row(TURNS, "Done.", earlier=True).earlier


@pytest.mark.models
def test_smollm2_learns_what_the_assistant_says_and_nothing_else(smollm2: Opened) -> None:
    assert smollm2.trainable is not None
    with smollm2.trainable.lease("causal") as weights:
        row = Conversation(weights.tokenizer).row(TURNS, "Done.", earlier=True)
        assert SAID == learnt(weights.tokenizer, row)


def test_packed_and_padded_batches_put_the_loss_on_the_same_tokens(
    tiny_causal: Path, tokenizer: PreTrainedTokenizerFast
) -> None:
    from transformers import LlamaForCausalLM

    render = Conversation(tokenizer).row
    rows = [
        render(TURNS, "Done.", earlier=True),
        render([*TURNS[:5], Message(role="user", content="no thanks")], "As you like.", earlier=True),
        render(TURNS[:2], "Yes."),
    ]
    module = LlamaForCausalLM.from_pretrained(tiny_causal).eval()
    with torch.no_grad():
        one, other = passes.padded(module, rows), passes.packed(module, rows)
    assert sum(row.learnt for row in rows) == len(one.targets)
    assert one.targets.tolist() == other.targets.tolist()
    assert one.rows.tolist() == other.rows.tolist()
    assert torch.allclose(one.logits, other.logits, atol=1e-4)
    assert shared_prefix(rows[:2]) < rows[0].earlier[0]


def test_rows_that_are_too_long_lose_their_oldest_turns(tokenizer: PreTrainedTokenizerFast) -> None:
    brief = Brief(name="t", instructions="Answer.", kind="text")
    query = Query(id="q", text="yes", history=tuple(TURNS[:5]))
    head = Causal("m", None, brief, None, earlier=True)  # type: ignore[arg-type]
    examples = [Example(query=query, targets=("Done.",))]
    (whole,) = fitting(head, tokenizer, examples, 10_000)
    (short,) = fitting(head, tokenizer, examples, whole.tokens - 1)
    assert (0, True) == (whole.turns_cut, short.turns_cut > 0)
    assert "You are an assistant." in tokenizer.decode(list(short.prompt))
    assert "are you the assistant" not in tokenizer.decode(list(short.prompt))
    assert [] == fitting(head, tokenizer, examples, 20)


def test_a_trial_learns_earlier_turns_of_free_text_unless_told_otherwise(
    tiny_causal: Path, tmp_path: Path
) -> None:
    brief = Brief(name="t", instructions="Answer.", kind="text", max_output_tokens=2)
    turns = tuple(TURNS[:5])
    rows = [Example(query=Query(id=f"r{i}", text=f"yes {i}", history=turns), targets=("Done.",)) for i in range(4)]
    learnt = {}
    for loss in ("auto", "answer"):
        seen = try_strategy(
            LoRA.model_validate({"model": "m", "epochs": 1, "rank": 2, "loss": loss}),
            folder=tmp_path / loss,
            brief=brief,
            train=rows,
            validation=rows[:1],
            queries=[rows[0].query],
            models={"m": TransformersModel(weights=str(tiny_causal), dtype="float32")},
        )
        learnt[loss] = seen.steps["rows"]["answer_tokens"]  # type: ignore[index]
    assert learnt["auto"] > learnt["answer"] > 0
