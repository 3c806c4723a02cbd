"""Our own forward pass for models built as Llama is (Touvron et al., 2023): Llama, SmolLM2, Mistral, Qwen 2 and 3.

It reads the module's own parameters and copies none. What it does otherwise than the module: no padding, attention
by the layout, element-wise work in place, and in the last layer only what is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness_transformers.engine.kernels import Kernels
from harness_transformers.engine.layout import Layout

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_BUILT_SO = {"LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM"}


class Decoder:
    """A module's weights under our forward pass.

    Args:
        module: A model that `fits`.
        kernels: Computes attention.
    """

    def __init__(self, module: PreTrainedModel, kernels: Kernels) -> None:
        self.kernels = kernels
        self.dtype = module.dtype
        self._module = module
        self._body: Any = module.model
        self._width = int(module.model.layers[0].self_attn.head_dim)

    @staticmethod
    def fits(module: PreTrainedModel) -> bool:
        """Whether the module is built so, of plain layers without adapters or quantized weights."""
        import torch

        owners = [each for each in module.modules() if any(True for _ in each.parameters(recurse=False))]
        return type(module).__name__ in _BUILT_SO and all(
            type(each) in (torch.nn.Linear, torch.nn.Embedding) or type(each).__name__.endswith("RMSNorm")
            for each in owners
        )

    def run(
        self, ids: torch.Tensor, positions: torch.Tensor, layout: Layout, wanted: torch.Tensor
    ) -> torch.Tensor:
        x: torch.Tensor = self._body.embed_tokens(ids)
        cos, sin = self._body.rotary_emb(x, positions[None])
        half = cos.shape[-1] // 2
        cos, sin = cos[0, :, None, :half], sin[0, :, None, :half]
        last = len(self._body.layers) - 1
        for number, layer in enumerate(self._body.layers):
            attention = layer.self_attn
            normed = _norm(layer.input_layernorm, x)
            q = attention.q_proj(normed).view(len(ids), -1, self._width)
            k = attention.k_proj(normed).view(len(ids), -1, self._width)
            v = attention.v_proj(normed).view(len(ids), -1, self._width)
            if hasattr(attention, "q_norm"):
                q, k = _norm(attention.q_norm, q), _norm(attention.k_norm, k)
            _rotate(q, cos, sin)
            _rotate(k, cos, sin)
            seen = layout.attend(number, q, k, v, attention.scaling).flatten(1)
            if number == last:
                x, seen = x[wanted], seen[wanted]
                if not len(x):
                    return x
            x = _plus(x, attention.o_proj, seen)
            normed = _norm(layer.post_attention_layernorm, x)
            gate = layer.mlp.gate_proj(normed)
            inner = _gated(layer.mlp.act_fn, gate).mul_(layer.mlp.up_proj(normed))
            x = _plus(x, layer.mlp.down_proj, inner)
        return _norm(self._body.norm, x)

    def logits(self, found: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self._module.lm_head(found)
        return logits.float()


def _norm(norm: Any, x: torch.Tensor) -> torch.Tensor:
    import torch

    return torch.nn.functional.rms_norm(x, norm.weight.shape, norm.weight, norm.variance_epsilon)


def _rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> None:
    """Rotary positions (Su et al., 2021) in place: the halves of each head are a plane's two axes."""
    half = x.shape[-1] // 2
    one, two = x[..., :half], x[..., half:]
    turned = one * sin
    one.mul_(cos).addcmul_(two, sin, value=-1)
    two.mul_(cos).add_(turned)


def _plus(x: torch.Tensor, linear: torch.nn.Linear, inner: torch.Tensor) -> torch.Tensor:
    """Adds linear(inner) to x in place."""
    x.addmm_(inner, linear.weight.t())
    return x if linear.bias is None else x.add_(linear.bias)


def _gated(act: Any, gate: torch.Tensor) -> torch.Tensor:
    import torch

    if isinstance(act, torch.nn.SiLU) or type(act).__name__ == "SiLUActivation":
        return torch.nn.functional.silu(gate, inplace=True)
    activated: torch.Tensor = act(gate)
    return activated
