"""The steps of an epoch: gradients of a batch's parts, clipped, and a step of the optimiser."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from harness.errors import HarnessError
from harness_lora.head import Scorer
from harness_lora.memory import Room, out_of_memory
from harness_lora.rows import Row, split
from harness_lora.schedule import factor

if TYPE_CHECKING:
    import torch

    from harness_lora.quick.dropout import Masks
    from harness_lora.strategy import LoRA


class Learnt(NamedTuple):
    """What a pass over all rows gave.

    Attributes:
        loss: Mean negative log-likelihood by answer token or, for a classifier, by row, in nats.
        right: Rows whose answer was the likeliest, token by token.
        norm: The gradient's largest, before it was clipped.
        rate: The learning rate of the last step.
    """

    loss: float
    right: int
    norm: float
    rate: float


@dataclass
class Stepper:
    """Steps of one epoch.

    Attributes:
        params: The strategy's.
        model: In training mode.
        optimizer: What it is trained with.
        score: Scores batches.
        masks: Where dropout masks come from.
        room: How much goes through the model at once.
        warn: Tells the user.
    """

    params: LoRA
    model: torch.nn.Module
    optimizer: torch.optim.Optimizer
    score: Scorer
    masks: Masks
    room: Room
    warn: Callable[[str], None]

    def over(
        self, order: Sequence[Sequence[Row]], first: int, steps: int, progress: Callable[[int], None]
    ) -> Learnt:
        """Goes over all batches.

        Args:
            order: Batches.
            first: The number of the first step, counted over all epochs from 0.
            steps: Steps of all epochs.
            progress: Told how many steps are done.

        Raises:
            HarnessError: Where the loss is no longer a number, or where a row does not fit in memory.
        """
        size = self.params.gradient_accumulation
        groups = [order[start : start + size] for start in range(0, len(order), size)]
        sums: list[_Judged] = []
        highest, rate = 0.0, 0.0
        for step, group in enumerate(groups, first):
            self.masks.renew()
            sums.append(self._gradients(group))
            highest = max(highest, self._clip(first // len(groups) + 1))
            rate = self.params.learning_rate * factor(step, steps, self.params.warmup_ratio, self.params.schedule)
            for part_of in self.optimizer.param_groups:
                part_of["lr"] = rate
            self.optimizer.step()
            self.optimizer.zero_grad(set_to_none=True)
            progress(step + 1)
        answers = sum(_answers(group) for group in groups)
        return Learnt(
            loss=sum(float(each.nll) for each in sums) / answers,
            right=sum(int(each.right) for each in sums),
            norm=highest,
            rate=rate,
        )

    def _gradients(self, group: Sequence[Sequence[Row]]) -> _Judged:
        """The gradient of the mean over the step's answer tokens, however they are dealt out to parts."""
        import torch

        state = torch.get_rng_state()
        while (found := self._attempted(group)) is None:
            # A step that broke off left part of its gradients.
            self.optimizer.zero_grad(set_to_none=True)
            torch.set_rng_state(state)
            told = self.room.shrink([row for batch in group for row in batch])
            self.warn(f"memory ran out in training: {told}")
        return found

    def _attempted(self, group: Sequence[Sequence[Row]]) -> _Judged | None:
        try:
            answers = _answers(group)
            parts = []
            for batch in group:
                for rows in split(batch, self.room.tokens):
                    given = judge(self.score, rows)
                    (given.nll / answers).backward()  # type: ignore[no-untyped-call]
                    parts.append(_Judged(given.nll.detach(), given.right))
            return _Judged(sum(part.nll for part in parts), sum(part.right for part in parts))  # type: ignore[arg-type]
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            return None

    def _clip(self, epoch: int) -> float:
        import torch

        trained = [p for part_of in self.optimizer.param_groups for p in part_of["params"]]
        norm = float(torch.nn.utils.clip_grad_norm_(trained, self.params.max_grad_norm or math.inf, foreach=True))
        if not math.isfinite(norm):
            raise HarnessError(
                f"training diverged in epoch {epoch}: the loss is no longer a number; try a learning_rate "
                f"below {self.params.learning_rate!r}"
            )
        return norm


class _Judged(NamedTuple):
    nll: torch.Tensor  # weighted sum over the answer tokens, in nats
    right: torch.Tensor  # rows whose answer was the likeliest, token by token


def judge(score: Scorer, rows: Sequence[Row]) -> _Judged:
    """The loss of rows and how many are right; neither is waited for."""
    import torch

    scored = score(rows)
    if all(row.weight == 1 for row in rows):
        nll = torch.nn.functional.cross_entropy(scored.logits, scored.targets, reduction="sum")
    else:
        weights = torch.tensor([row.weight for row in rows], device=scored.logits.device)
        each = torch.nn.functional.cross_entropy(scored.logits, scored.targets, reduction="none")
        nll = (each * weights[scored.rows]).sum()
    missed = (scored.logits.argmax(-1) != scored.targets).long()
    wrong = torch.zeros(len(rows), dtype=torch.long, device=missed.device).index_add_(0, scored.rows, missed)
    return _Judged(nll, (wrong == 0).sum())


def mean_loss(model: torch.nn.Module, score: Scorer, rows: Sequence[Row]) -> float | None:
    """Mean loss of rows by answer token; None where there are none."""
    import torch

    room, nll = Room(model), 0.0
    with torch.no_grad():
        for part in split(sorted(rows, key=lambda row: row.tokens), room.tokens):
            nll += float(judge(score, part).nll)
    answers = _answers([rows])
    return nll / answers if answers else None


def _answers(batches: Sequence[Sequence[Row]]) -> float:
    return sum(row.learnt * row.weight for batch in batches for row in batch)
