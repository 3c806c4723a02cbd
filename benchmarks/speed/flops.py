"""How much arithmetic a call must do, and how much this machine does in a second.

needed(plain, requests)                 2.5e12, for 300 zero-shot questions to SmolLM2-135M
matmul(torch.float32, device)           1.7e11 a second

Counted is what cannot be left out: two operations for each weight of a linear layer and each token (Kaplan et
al. 2020, without the embedding), attention's two products over the tokens that each token sees, and the output
layer where it is read. Tokens are what all prompts begin with, once; the rest of each prompt; and of each choice
all but the last, which is only read, each once where choices begin alike. Padding and norms count for nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmarks.speed.plain import Plain
from harness import Request

if TYPE_CHECKING:
    import torch

_SIDE = 4096


def needed(plain: Plain, requests: Sequence[Request]) -> float:
    """Operations for the log-likelihoods of all choices of all requests."""
    import torch

    config = plain.module.config
    inner = [m for name, m in plain.module.named_modules() if isinstance(m, torch.nn.Linear) and name != "lm_head"]
    weights = sum(module.weight.numel() for module in inner)
    read = config.vocab_size * config.hidden_size
    width = config.num_hidden_layers * config.num_attention_heads * config.head_dim
    prompts = [plain.ids(plain.prompt(request)) for request in requests]
    head = _shared(prompts)
    tokens, seen, reads = head, head * (head + 1) / 2, 0.0
    for request, prompt in zip(requests, prompts, strict=True):
        depths = _depths(plain, request)
        rest = range(head + 1, len(prompt) + 1)
        tokens += len(rest) + len(depths)
        seen += sum(rest) + sum(len(prompt) + depth for depth in depths)
        reads += 1 + len(depths)
    return float(2 * weights * tokens + 4 * width * seen + 2 * read * reads)


def shared(plain: Plain, requests: Sequence[Request]) -> int:
    """Tokens that all prompts begin with."""
    return _shared([plain.ids(plain.prompt(request)) for request in requests])


def _shared(prompts: Sequence[list[int]]) -> int:
    # Whatever lies between the smallest and the largest in dictionary order shares what those two share.
    pairs = zip(min(prompts), max(prompts), strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(map(len, prompts)))


def _depths(plain: Plain, request: Request) -> list[int]:
    """Of each token of the choices that something is read behind, which it is of its choice, from 1."""
    heads = set()
    for choice in request.choices:
        ids = plain.ids("\n" + choice + plain.end(request))[1:]
        heads |= {tuple(ids[:n]) for n in range(1, len(ids))}
    return [len(ids) for ids in heads]


def matmul(dtype: torch.dtype, device: torch.device, seconds: float = 3.0) -> float:
    """Operations a second of square matrix products of 4,096 rows, the best of those in so many seconds."""
    import torch

    a, b = (torch.randn(_SIDE, _SIDE, device=device, dtype=dtype) for _ in range(2))
    best, until = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < until:
        began = time.perf_counter()
        a @ b
        if device.type == "cuda":
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - began)
    return 2.0 * _SIDE**3 / best
