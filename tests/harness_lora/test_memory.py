"""When memory runs out a batch goes in smaller parts, then with checkpointing; what is learnt is the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch

from harness.errors import HarnessError
from harness_lora import passes
from harness_lora.memory import Room
from harness_lora.passes import Scored
from harness_lora.quick.dropout import Masks
from harness_lora.rows import Row
from harness_lora.steps import Learnt, Stepper
from harness_lora.strategy import LoRA

ROWS = [Row((1, 2, 3, first, 5), (6, 7), 7) for first in range(10, 18)]


def tiny() -> torch.nn.Module:
    from transformers import LlamaConfig, LlamaForCausalLM

    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model: torch.nn.Module = LlamaForCausalLM(
            LlamaConfig(vocab_size=32, bos_token_id=None, eos_token_id=None, **sizes)
        )
    return model


def stepped(model: torch.nn.Module, most: int, *, checkpoints: bool = False) -> tuple[Learnt, list[str]]:
    """Steps over two batches on a device that has room for so many rows, or for none without checkpointing."""
    warnings: list[str] = []

    def score(rows: Sequence[Row]) -> Scored:
        body: Any = model.get_submodule("model")
        scored = passes.padded(model, rows)
        kept = checkpoints and not any(getattr(layer, "gradient_checkpointing", False) for layer in body.layers)
        if len(rows) > most or kept:
            # Part of a gradient is there when it breaks off.
            scored.logits[:1].sum().backward(retain_graph=True)  # type: ignore[no-untyped-call]
            raise torch.OutOfMemoryError("CUDA out of memory")
        return scored

    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    model.train()
    stepper = Stepper(LoRA(model="m"), model, optimizer, score, Masks(), Room(model), warnings.append)
    return stepper.over([ROWS[:4], ROWS[4:]], 0, 2, lambda _: None), warnings


def test_smaller_parts_learn_what_a_whole_batch_learns() -> None:
    roomy, cramped = tiny(), tiny()
    right, silent = stepped(roomy, most=4)
    found, said = stepped(cramped, most=1)
    assert right.loss == pytest.approx(found.loss, rel=1e-5)
    assert right.right == found.right
    assert [] == silent
    assert [
        f"memory ran out in training: rows go through the model in parts of at most {n} tokens" for n in (14, 7)
    ] == said
    for one, other in zip(roomy.parameters(), cramped.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_a_row_that_does_not_fit_alone_is_computed_twice() -> None:
    roomy, cramped = tiny(), tiny()
    right, _ = stepped(roomy, most=4)
    found, said = stepped(cramped, most=1, checkpoints=True)
    assert right.loss == pytest.approx(found.loss, rel=1e-5)
    assert said[-1].startswith("memory ran out in training: activations are computed again")


def test_a_row_that_fits_in_no_way_says_what_to_do() -> None:
    with pytest.raises(HarnessError, match="a row of 7 tokens does not fit in memory: lower max_length"):
        stepped(tiny(), most=0)
