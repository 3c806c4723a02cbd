from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from harness import Message
from harness_lora import passes
from harness_lora.causal import Causal
from harness_lora.conversation import Conversation
from harness_lora.rows import Row

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


@pytest.fixture
def rows(tokenizer: PreTrainedTokenizerFast) -> list[Row]:
    said = [("lovely room, great view", "good"), ("rude", "bad"), ("the bed was broken", "rather bad")]
    head = "Is this review good or bad? Answer with one of: good, bad.\n\n"
    render = Conversation(tokenizer).row
    return [render([Message(role="user", content=head + text)], answer) for text, answer in said]


@pytest.fixture
def llama(tiny_causal: Path) -> torch.nn.Module:
    from transformers import AutoModelForCausalLM

    module: torch.nn.Module = AutoModelForCausalLM.from_pretrained(tiny_causal)
    return module


def test_loss_falls_on_answer_tokens_alone(
    llama: torch.nn.Module, rows: list[Row], tokenizer: PreTrainedTokenizerFast
) -> None:
    scored = passes.padded(llama, rows)
    assert "good<|im_end|>bad<|im_end|>rather bad<|im_end|>" == tokenizer.decode(scored.targets)
    assert [0] * 5 + [1] * 4 + [2] * 11 == scored.rows.tolist()
    assert (20, len(tokenizer)) == tuple(scored.logits.shape)


def test_logits_are_those_of_each_row_by_itself(llama: torch.nn.Module, rows: list[Row]) -> None:
    alone = []
    for row in rows:
        ids = torch.tensor([row.prompt + row.answer])
        with torch.no_grad():
            alone.append(llama(input_ids=ids).logits[0, len(row.prompt) - 1 : -1])
    with torch.no_grad():
        torch.testing.assert_close(torch.cat(alone), passes.padded(llama, rows).logits, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(torch.cat(alone), passes.packed(llama, rows).logits, rtol=1e-4, atol=1e-4)


def test_a_pack_gives_the_gradients_of_padded_rows(llama: torch.nn.Module, rows: list[Row]) -> None:
    gradients = []
    for run in (passes.padded, passes.packed):
        llama.zero_grad()
        scored = run(llama, rows)
        torch.nn.functional.cross_entropy(scored.logits, scored.targets).backward()  # type: ignore[no-untyped-call]
        gradients.append(torch.cat([p.grad.flatten() for p in llama.parameters() if p.grad is not None]))
    assert 0 < gradients[0].norm()
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-3, atol=1e-5)


def test_rows_share_the_instructions_so_that_a_pack_pays(rows: list[Row]) -> None:
    assert passes.pays(rows)
    assert not passes.pays(rows[:1])


def test_attention_may_be_packed_and_a_state_space_may_not(llama: torch.nn.Module, rows: list[Row]) -> None:
    from transformers import MambaConfig, MambaForCausalLM

    mamba = MambaForCausalLM(MambaConfig(vocab_size=300, hidden_size=32, state_size=4, num_hidden_layers=2))
    assert passes.agree(llama, rows)
    assert not passes.agree(mamba, rows)


def test_rows_beyond_a_sliding_window_are_not_packed(rows: list[Row]) -> None:
    from transformers import MistralConfig, MistralForCausalLM

    small = {"vocab_size": 300, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2, "max_position_embeddings": 512}
    model = MistralForCausalLM(MistralConfig(sliding_window=16, **small, **heads)).eval()
    score = Causal.scorer(object.__new__(Causal), model, rows)
    with torch.no_grad():
        torch.testing.assert_close(passes.padded(model, rows).logits, score(rows).logits, rtol=0, atol=0)
        with pytest.raises(ValueError, match="window"):
            passes.packed(model, rows)
