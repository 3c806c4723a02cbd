"""Our engine asked and timed, and its answers held to a plain forward pass.

ask(requests)                       # Asked(seconds=2.1, completions=[…]), with nothing kept from another call
check(requests, asked, here, 6)     # "log-probabilities within 3e-05 of a plain forward pass on 6 texts, …"
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.speed import questions
from benchmarks.speed.plain import Plain
from harness import Completion, Request
from harness_transformers.device import pick_device, pick_dtype
from harness_transformers.loading import Loaded
from harness_transformers.model import TransformersModel

if TYPE_CHECKING:
    import torch

WITHIN = 1e-3  # nats, in float32


class Asked(NamedTuple):
    """Completions in the order of their requests, and the seconds of the whole call."""

    seconds: float
    completions: list[Completion]

    @property
    def texts(self) -> list[str]:
        return [completion.text for completion in self.completions]


@dataclass(frozen=True)
class Here:
    """Where and as what the benchmarks compute: the weights' folder, and what `auto` picks on this machine."""

    folder: Path
    device: torch.device
    dtype: torch.dtype

    @property
    def number_format(self) -> str:
        return str(self.dtype).removeprefix("torch.")


@contextmanager
def loaded() -> Iterator[Here]:
    """Holds the weights in memory, so that no later `ask` reads them from disk."""
    device = pick_device("auto")
    with TransformersModel(weights=questions.WEIGHTS).open() as opened:
        assert opened.trainable is not None
        with opened.trainable.lease("causal") as weights:
            assert isinstance(weights, Loaded)
            folder = Path(weights.module.name_or_path)
        yield Here(folder, device, pick_dtype("auto", device))


def ask(requests: Sequence[Request]) -> Asked:
    """Times one call of a freshly opened model, warmed up with other questions.

    Timed is all from the requests to their answers: rendering, tokenizing, the shared head, every batch.

    Raises:
        SystemExit: Where a request failed.
    """
    with TransformersModel(weights=questions.WEIGHTS).open() as opened:
        chat = opened.chat
        assert chat is not None
        list(chat.complete(questions.others(requests)))
        began = time.perf_counter()
        answered = list(chat.complete(requests))
        seconds = time.perf_counter() - began
    completions: list[Completion] = []
    for each in sorted(answered, key=lambda answer: answer.index):
        if not isinstance(each.completion, Completion):
            sys.exit(f"request {each.index} failed: {each.completion.error}")
        completions.append(each.completion)
    return Asked(seconds, completions)


def check(requests: Sequence[Request], asked: Asked, here: Here, sample: int) -> str:
    """Compares log-probabilities with those of one plain forward pass a choice, in float32.

    In float32 they must agree to `WITHIN`. In a coarser format their distance from float32 may be at most twice
    that of the same plain forward pass in that format: the noise that it has anyway.

    Args:
        requests: What was asked.
        asked: What came back.
        here: Where, and as what.
        sample: How many texts to compare, spread evenly.

    Raises:
        SystemExit: Where they differ by more, or rank the choices otherwise.
    """
    import torch

    plain = Plain.load(here.folder, torch.float32, here.device)
    rounded = None if here.dtype == torch.float32 else Plain.load(here.folder, here.dtype, here.device)
    at = [len(requests) * i // sample for i in range(sample)]
    far = noise = 0.0
    for i in at:
        right, ours = plain.logprobs(requests[i]), asked.completions[i].logprobs or {}
        far = max(far, *(abs(right[choice] - ours[choice]) for choice in right))
        if rounded is not None:
            coarse = rounded.logprobs(requests[i])
            noise = max(noise, *(abs(right[choice] - coarse[choice]) for choice in right))
        elif _misranked(right, ours):
            sys.exit(f"text {i}: ours ranks the choices otherwise than a plain forward pass")
    bound = 2 * noise if rounded is not None else WITHIN
    if far > bound:
        sys.exit(f"log-probabilities differ from a plain forward pass by {far:.2g}, which is over {bound:.2g}")
    told = "same ranking" if rounded is None else f"whose own noise in this format is {noise:.2g}"
    return (
        f"log-probabilities within {far:.1g} of a plain forward pass on {sample} text{'s' * (sample > 1)}, {told}"
    )


def _misranked(right: Mapping[str, float], ours: Mapping[str, float]) -> bool:
    """Whether two choices stand the other way round, though they lie further apart than the tolerance."""
    order = sorted(right, key=lambda choice: -ours[choice])
    return any(right[low] > right[high] + 2 * WITHIN for high, low in pairwise(order))
