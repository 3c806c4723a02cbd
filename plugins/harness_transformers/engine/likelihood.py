"""Log-likelihoods of all choices of a closed question in one forward pass.

    one row   the  queue  <end>  <assistant>  refund  status
              `--- rest of the prompt -----'  `- the trie -'

The head that prompts share is attended to and not computed again; behind each prompt stands the trie of its
choices (tree attention as in SpecInfer, Miao et al., 2024). Logits are computed where they are read, some rows
at a time, since a vocabulary is large.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness_transformers.engine.body import Body
from harness_transformers.engine.layout import Row
from harness_transformers.engine.memory import logits_at_once
from harness_transformers.engine.passing import extend, run
from harness_transformers.engine.states import EMPTY, States
from harness_transformers.engine.trie import Trie

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


class Scored(NamedTuple):
    """What a pass gave.

    Attributes:
        logprobs: Natural-log likelihood of each choice, by row.
        kept: By layer, keys and values of all tokens, each (tokens, key heads, width); where they were asked for.
    """

    logprobs: list[list[float]]
    kept: list[tuple[torch.Tensor, torch.Tensor]]


def score(body: Body, rows: Sequence[Row], device: torch.device, *, keep: bool = False) -> Scored:
    """Scores the choices behind each prompt.

    Args:
        body: A model that `agrees`.
        rows: The prompts, each at least its last token, with the trie of its choices.
        device: Where the model is.
        keep: Whether keys and values are wanted; of a single row.
    """
    import torch

    heads = {id(row.head): n for n, row in reversed(list(enumerate(rows)))}
    tries = {id(row.trie): n for n, row in reversed(list(enumerate(rows)))}
    order = sorted(
        range(len(rows)), key=lambda i: (heads[id(rows[i].head)], rows[i].length, tries[id(rows[i].trie)])
    )
    ordered = [rows[i] for i in order]
    found, layout = run(body, ordered, device, keep=keep)
    columns, tokens, owners = [], [], []
    base = choices = 0
    for row in ordered:
        columns += [base + read.column for reads in row.trie.reads for read in reads]
        tokens += [read.token for reads in row.trie.reads for read in reads]
        owners += [choices + i for i, reads in enumerate(row.trie.reads) for _ in reads]
        base += 1 + len(row.trie.tokens)
        choices += len(row.trie.reads)
    read_at = torch.tensor(columns, device=device)
    values = _read(body, found, read_at, torch.tensor(tokens, device=device))
    sums = torch.zeros(choices, device=device).index_add_(0, torch.tensor(owners, device=device), values).tolist()
    scores: list[list[float]] = [[] for _ in rows]
    for i in order:
        count = len(rows[i].trie.reads)
        scores[i], sums = sums[:count], sums[count:]
    return Scored(scores, layout.kept)


def score_plainly(module: PreTrainedModel, prompt: Sequence[int], trie: Trie) -> list[float]:
    """The same for one prompt, choice by choice, without cache or tree: right for every causal model."""
    import torch

    scores = []
    for reads in trie.reads:
        answer = [read.token for read in reads]
        tokens = torch.tensor([[*prompt, *answer[:-1]]], device=module.device)
        logits = module(input_ids=tokens, use_cache=False, logits_to_keep=len(answer)).logits[0].float()
        scores.append(sum(float(row.log_softmax(-1)[t]) for row, t in zip(logits, answer, strict=True)))
    return scores


def agrees(body: Body, module: PreTrainedModel, ids: Sequence[int]) -> bool:
    """Whether `score` with this body gives what `score_plainly` does; tried, since architectures differ.

    Args:
        body: What is tried.
        module: The model.
        ids: At least 8 tokens to try it with.
    """
    trie = Trie.of([ids[4:6], [ids[4], *ids[6:8]], ids[5:6]])
    prompts = [[*ids[:6], *ids[:3]], [*ids[:6], ids[2]]]
    try:
        head = extend(body, EMPTY, ids[:5], module.device)
        found = score(body, [_behind(head, prompt, trie) for prompt in prompts], module.device).logprobs
    except (TypeError, ValueError, RuntimeError, AttributeError, IndexError, KeyError):
        return False
    loose = 1e-3 if module.dtype.itemsize == 4 else 3e-2
    for row, prompt in zip(found, prompts, strict=True):
        right = score_plainly(module, prompt, trie)
        if any(not abs(a - b) <= loose * (1 + abs(b)) for a, b in zip(row, right, strict=True)):
            return False
    return True


def _behind(head: States, prompt: Sequence[int], trie: Trie) -> Row:
    return Row(prompt[len(head.ids) :], head, trie)


def _read(body: Body, found: torch.Tensor, columns: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """Log-probabilities of tokens at columns of `found`, each (reads,)."""
    import torch

    values = torch.empty(len(columns), device=found.device)
    at_once = logits_at_once(found.device)
    for start in range(0, len(found), at_once):
        logits = body.logits(found[start : start + at_once])
        here = ((columns >= start) & (columns < start + at_once)).nonzero()[:, 0]
        at = columns[here] - start
        values[here] = logits[at, tokens[here]] - logits.logsumexp(-1)[at]
    return values
