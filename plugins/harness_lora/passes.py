"""A batch through the model, with logits only where a loss is.

Rows of a task share their beginning: the system message, the instructions, the labels. `packed` lays a batch
out as one sequence, the shared beginning once and behind it what each row has for itself, under a mask by
which a row sees the beginning and itself:

              begin  row1  row2          positions   0 1 2 | 3 4 | 3 4 5
      begin     ◣
      row1      ■      ◣                 no padding, and for short texts half the tokens
      row2      ■            ◣

To a transformer this is the same sum in another order. A model whose layers are not all attention would mix
the rows, so `packed` is used only after `agree` has compared it with `padded` on that very model.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness_lora.rows import Row, shared_prefix

if TYPE_CHECKING:
    import torch

# Relative difference of logits that rounding explains; a row that sees another's tokens is off by far more.
_ROUNDING = {4: 1e-3, 2: 3e-2}  # by bytes of the weights' number format


class Scored(NamedTuple):
    """What a model gives for the answers of a batch.

    Attributes:
        logits: (answer tokens, vocabulary) or (rows, labels), float32.
        targets: What should have come, (answer tokens,) or (rows,).
        rows: Which row of the batch each belongs to, of the same shape as `targets`.
    """

    logits: torch.Tensor
    targets: torch.Tensor
    rows: torch.Tensor


def pays(rows: Sequence[Row]) -> bool:
    """Whether the shared beginning is long enough to outweigh attention over the whole pack."""
    return 4 * (len(rows) - 1) * shared_prefix(rows) >= sum(row.tokens for row in rows)


def padded(model: torch.nn.Module, rows: Sequence[Row]) -> Scored:
    """One sequence a row, padded on the right: what follows a token never reaches it in a causal model."""
    import torch

    device = next(model.parameters()).device
    width = max(row.tokens for row in rows) - 1  # the last answer token is only ever predicted
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    mask = torch.zeros(len(rows), width, dtype=torch.long)
    targets = torch.full((len(rows), width), -1, dtype=torch.long)
    for i, row in enumerate(rows):
        sequence = row.prompt + row.answer
        ids[i, : len(sequence) - 1] = torch.tensor(sequence[:-1])
        mask[i, : len(sequence) - 1] = 1
        targets[i, len(row.prompt) - 1 : len(sequence) - 1] = torch.tensor(row.answer)
        for place in row.earlier:
            targets[i, place - 1] = row.prompt[place]
    keep = (targets >= 0).any(dim=0).nonzero()[:, 0]
    logits = _logits(model, keep.to(device), input_ids=ids.to(device), attention_mask=mask.to(device))
    kept = targets[:, keep]
    real = kept >= 0
    owners = torch.arange(len(rows))[:, None].expand_as(kept)
    return Scored(logits[real.to(device)].float(), kept[real].to(device), owners[real].to(device))


def packed(model: torch.nn.Module, rows: Sequence[Row]) -> Scored:
    """All rows in one sequence behind the beginning that they share.

    Raises:
        ValueError: For a model whose attention is of a kind that takes no pack.
    """
    import torch

    from harness_lora.quick import attention

    if not attention.prepare(model):
        raise ValueError("the model does not attend by transformers' SDPA")
    parameter = next(model.parameters())
    shared = shared_prefix(rows)
    ids = list(rows[0].prompt[:shared])
    owners, positions = [-1] * shared, list(range(shared))
    keep: list[int] = []
    for i, row in enumerate(rows):
        own = (row.prompt + row.answer)[shared:-1]
        keep += (len(ids) + place - 1 - shared for place in row.earlier)
        ids += own
        owners += [i] * len(own)
        positions += range(shared, shared + len(own))
        keep += range(len(ids) - len(row.answer), len(ids))
    lengths = [row.tokens - 1 - shared for row in rows]
    logits = _logits(
        model,
        torch.tensor(keep, device=parameter.device),
        input_ids=torch.tensor([ids], device=parameter.device),
        position_ids=torch.tensor([positions], device=parameter.device),
        pack=attention.Pack(shared, lengths, parameter.device, parameter.dtype),
    )
    learnt = [token for row in rows for token in (*(row.prompt[i] for i in row.earlier), *row.answer)]
    targets = torch.tensor(learnt, device=parameter.device)
    return Scored(
        logits[0].float(), targets, torch.tensor([owners[place] for place in keep], device=parameter.device)
    )


def agree(model: torch.nn.Module, rows: Sequence[Row]) -> bool:
    """Whether `packed` gives this model's logits for these rows, as `padded` does."""
    import torch

    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            one = padded(model, rows).logits
            other = packed(model, rows).logits
            model.train()
            packed(model, rows)  # refuses what there is only in training, such as dropout within attention
    except (IndexError, NotImplementedError, RuntimeError, TypeError, ValueError):
        return False  # an architecture that takes no packs or no positions
    finally:
        model.train(training)
    size = next(model.parameters()).element_size()
    spread = (one - one.mean(dim=-1, keepdim=True)).norm()
    return bool((one - other).norm() <= _ROUNDING.get(size, 0.0) * spread)


def _logits(model: torch.nn.Module, keep: torch.Tensor, **inputs: object) -> torch.Tensor:
    """Logits (batch, kept, vocabulary): a vocabulary is large and few positions have a loss."""
    base = getattr(model, "get_base_model", lambda: model)()
    if "logits_to_keep" in inspect.signature(base.forward).parameters:
        logits: torch.Tensor = model(**inputs, logits_to_keep=keep, use_cache=False).logits
        return logits
    everywhere: torch.Tensor = model(**inputs, use_cache=False).logits
    return everywhere[:, keep]
