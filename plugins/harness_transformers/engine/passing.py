"""One pass of a body over rows: their tokens laid out, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness_transformers.engine.body import Body
from harness_transformers.engine.layout import Layout, Row, laid_out
from harness_transformers.engine.states import States

if TYPE_CHECKING:
    import torch


class Passed(NamedTuple):
    """What a pass gave.

    Attributes:
        found: What the body's `logits` takes, (wanted, …): for each row in order its prompt's last token, then
            the nodes of its trie.
        layout: With the keys and values, where they were kept.
    """

    found: torch.Tensor
    layout: Layout


def run(body: Body, rows: Sequence[Row], device: torch.device, *, ask: bool = True, keep: bool = False) -> Passed:
    """Passes rows through a body.

    Args:
        body: The model.
        rows: Those of one head stand together, and among them those of one length and trie.
        device: Where the model is.
        ask: Whether logits will be asked for.
        keep: Whether keys and values are kept.
    """
    import torch

    ids: list[int] = []
    positions: list[int] = []
    wanted: list[int] = []
    for row in rows:
        past, own = len(row.head.ids), len(row.ids)
        if ask:
            wanted += range(len(ids) + own - 1, len(ids) + row.length)
        ids += [*row.ids, *row.trie.tokens]
        positions += range(past, past + own)
        positions += (past + own - 1 + depth for depth in row.trie.depths)
    layout = laid_out(rows, body.kernels, device, body.dtype)
    layout.keep = keep
    tokens, places, asked = (
        torch.tensor(each, dtype=torch.long, device=device) for each in (ids, positions, wanted)
    )
    found = body.run(tokens, places, layout, asked)
    return Passed(found, layout)


def extend(body: Body, known: States, ids: Sequence[int], device: torch.device) -> States:
    """States of `ids`, which begin with those that are known."""
    row = Row(ids[len(known.ids) :], known)
    return grown(known, ids, run(body, [row], device, ask=False, keep=True).layout.kept)


def grown(known: States, ids: Sequence[int], behind: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> States:
    """States with those of further tokens behind them, each (tokens, key heads, width); more are cut."""
    import torch

    count = len(ids) - len(known.ids)
    new = [[each[:count].transpose(0, 1)[None] for each in layer] for layer in behind]
    if known.ids:
        keys = tuple(torch.cat([old, k], 2) for old, (k, _) in zip(known.keys, new, strict=True))
        values = tuple(torch.cat([old, v], 2) for old, (_, v) in zip(known.values, new, strict=True))
    else:
        keys, values = tuple(k.contiguous() for k, _ in new), tuple(v.contiguous() for _, v in new)
    return States(tuple(ids), keys, values)
