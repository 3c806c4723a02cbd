"""Cheaper steps give peft's own numbers, and stay away from layers that they are not right for."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from random import Random

import pytest
import torch

from harness_lora import adapter, passes
from harness_lora.memory import Room
from harness_lora.passes import Scored
from harness_lora.quick import quicken
from harness_lora.rows import Row
from harness_lora.strategy import LoRA

SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 300}
WIDE = {**SMALL, "intermediate_size": 64, "num_key_value_heads": 2, "max_position_embeddings": 512}
NEOX = {**SMALL, "intermediate_size": 64, "max_position_embeddings": 512}
# Norms that scale by 1 + weight, norms within attention, biases, one matmul for query, key and value.
CONFIGS = {"llama": WIDE, "qwen2": WIDE, "qwen3": {**WIDE, "head_dim": 8}, "gemma": WIDE, "gpt_neox": NEOX}


def adapted(kind: str, dropout: float = 0.0, **config: int) -> torch.nn.Module:
    from transformers import AutoConfig, AutoModelForCausalLM

    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **config))
        for parameter in module.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
        model = adapter.fresh(module, LoRA(model="m", rank=4, dropout=dropout), "CAUSAL_LM")
        for name, parameter in model.named_parameters():
            if "lora_B" in name:  # otherwise A has no gradient
                torch.nn.init.normal_(parameter, std=0.1)
    return model


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    rng = Random(0)

    def tokens(count: int) -> tuple[int, ...]:
        return tuple(rng.randrange(300) for _ in range(count))

    head = tokens(20)
    lengths = (3, 9, 5, 11)
    return [Row((*head, *tokens(n), 7, 8), tokens(2), 20 + n + 4) for n in lengths]


def learnt(
    model: torch.nn.Module, run: Callable[[torch.nn.Module, Sequence[Row]], Scored], rows: Sequence[Row]
) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss, and the gradients of all that is trained."""
    model.zero_grad()
    scored = run(model, rows)
    loss = torch.nn.functional.cross_entropy(scored.logits, scored.targets)
    loss.backward()  # type: ignore[no-untyped-call]
    gradients = [p.grad.float().flatten() for p in model.parameters() if p.grad is not None]
    return loss.detach(), torch.cat(gradients)


def own_steps(model: torch.nn.Module, name: str) -> int:
    """Modules of that kind whose steps were taken over."""
    return sum("forward" in vars(module) and name in type(module).__name__ for module in model.modules())


@pytest.mark.parametrize("kind", sorted(CONFIGS))
def test_loss_and_gradients_are_those_of_peft_on_padded_rows(kind: str, rows: list[Row]) -> None:
    plain = adapted(kind, **CONFIGS[kind])
    quick = copy.deepcopy(plain)
    quicken(quick)
    assert own_steps(quick, "Linear") == sum("lora.layer" in type(m).__module__ for m in plain.modules())
    assert passes.agree(quick, rows)
    loss, gradients = learnt(plain, passes.padded, rows)
    assert 0 < gradients.norm()
    for run in (passes.padded, passes.packed):
        found, found_gradients = learnt(quick, run, rows)
        torch.testing.assert_close(loss, found, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(gradients, found_gradients, rtol=1e-3, atol=1e-5)


def test_a_norm_of_another_kind_keeps_its_own_step() -> None:
    llama, gemma = adapted("llama", **WIDE), adapted("gemma", **WIDE)
    quicken(llama)
    quicken(gemma)  # multiplies by 1 + weight
    assert 5 == own_steps(llama, "RMSNorm")
    assert 0 == own_steps(gemma, "RMSNorm")


def test_layers_of_another_kind_and_dropout_within_attention_are_left_to_peft(rows: list[Row]) -> None:
    model = adapted("gpt2", n_embd=32, n_layer=2, n_head=4, n_positions=512, vocab_size=300, eos_token_id=0)
    quicken(model)
    assert 0 == own_steps(model, "Linear")
    assert not passes.agree(model.train(), rows)
    assert model.training


def test_no_gradient_is_computed_for_what_lies_before_the_first_adapter(rows: list[Row]) -> None:
    model = adapted("llama", **WIDE)
    quicken(model)
    inputs: list[bool] = []
    first = model.get_submodule("base_model.model.model.layers.0.input_layernorm")
    first.register_forward_hook(lambda _module, _given, out: inputs.append(out.requires_grad))
    learnt(model, passes.packed, rows)
    assert [False] == inputs


def test_in_bfloat16_adapters_stay_float32_and_gradients_are_near(rows: list[Row]) -> None:
    wide = adapted("llama", **WIDE)
    half = copy.deepcopy(wide)
    for parameter in half.parameters():
        if not parameter.requires_grad:
            parameter.data = parameter.data.bfloat16()
    for model in (wide, half):
        quicken(model)
    loss, gradients = learnt(wide, passes.packed, rows)
    found, found_gradients = learnt(half, passes.packed, rows)
    assert {torch.float32} == {p.dtype for p in half.parameters() if p.requires_grad}
    assert loss.item() == pytest.approx(found.item(), rel=0.1)
    assert torch.nn.functional.cosine_similarity(gradients, found_gradients, dim=0) > 0.9


def test_dropout_masks_drop_their_share_and_are_new_after_each_step(rows: list[Row]) -> None:
    model = adapted("llama", dropout=0.25, **WIDE).train()
    masks = quicken(model)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        like = torch.empty(200, 100)
        mask = masks.mask(like, 0.25)
        assert [0.0, 1 / 0.75] == pytest.approx(sorted(set(mask.flatten().tolist())))
        assert 0.25 == pytest.approx(float((mask == 0).float().mean()), abs=0.02)
        before = masks.mask(like, 0.25)
        masks.renew()
        assert not torch.equal(before, masks.mask(like, 0.25))
        with_mask = learnt(model, passes.packed, rows)[0]
    model.eval()
    assert with_mask.item() != pytest.approx(learnt(model, passes.packed, rows)[0].item(), abs=1e-4)


def test_dropout_is_the_same_when_activations_are_computed_again(rows: list[Row]) -> None:
    model = adapted("llama", dropout=0.25, **WIDE).train()
    masks = quicken(model)
    found = []
    for again in (False, True):
        if again:
            assert "computed again" in Room(model).shrink(rows[:1])
        with torch.random.fork_rng():
            torch.manual_seed(2)
            masks.renew()
            found.append(learnt(model, passes.packed, rows)[1])
    torch.testing.assert_close(found[0], found[1], rtol=1e-5, atol=1e-7)
