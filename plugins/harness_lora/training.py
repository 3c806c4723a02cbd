"""One epoch: a lease, a pass over the rows, a folder on disk. Every epoch is taken up as a resume would."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness import Context, Example, Usage
from harness_lora import adapter as adapters
from harness_lora import checkpoint
from harness_lora.head import Head
from harness_lora.memory import Room, sort_of
from harness_lora.quick import quicken
from harness_lora.records import Rows, Trained
from harness_lora.rows import Row, batches
from harness_lora.shortening import fitting
from harness_lora.steps import Stepper, mean_loss

if TYPE_CHECKING:
    import torch

    from harness_lora.strategy import LoRA

# The slowest that a device is taken to be when money is set aside for an epoch that nothing is known of.
_SLOWEST_FLOPS = {"cpu": 2e10, "accelerator": 1e13}


@dataclass(frozen=True)
class Job:
    """What all epochs of a trial share.

    Attributes:
        params: The strategy's parameters.
        head: The model.
        train: Rows to learn from.
        validation: Rows that each epoch is measured on.
        rows: What is known of them.
        context: The trial's.
    """

    params: LoRA
    head: Head
    train: Sequence[Example]
    validation: Sequence[Example]
    rows: Rows
    context: Context

    @property
    def steps(self) -> int:
        """Steps of the optimiser in an epoch."""
        return math.ceil(self.rows.rows / (self.params.batch_size * self.params.gradient_accumulation))


def train_epoch(job: Job, epoch: int, seconds_before: float | None) -> Trained:
    """Trains one epoch from where the last one left off and writes it to its folder.

    Args:
        job: What to train.
        epoch: Which, counted from 1.
        seconds_before: What the epoch before it took; None for the first.

    Raises:
        HarnessError: Where the loss is no longer a number.
    """
    folder = job.context.folder
    with job.head.lease() as weights, _seeded(job, epoch, weights.module):
        began = time.perf_counter()
        rows = fitting(job.head, weights.tokenizer, job.train, job.rows.limit)
        model = _model(job, epoch, weights.module)
        optimizer = _optimizer(job, model)
        if epoch > 1:
            checkpoint.load_optimizer(checkpoint.epoch_folder(folder, epoch - 1), model, optimizer)
        masks = quicken(model)
        score = job.head.scorer(model, rows)
        with job.context.spend(_upper(job, model, seconds_before)) as spending:
            try:
                order = batches(rows, job.params.batch_size, job.context.rng("order", str(epoch)))
                model.train()
                stepper = Stepper(job.params, model, optimizer, score, masks, Room(model), job.context.warn)
                trained = _over(job, epoch, stepper, order)
                model.eval()
                if not job.head.tells_loss:
                    held_out = fitting(job.head, weights.tokenizer, job.validation, job.rows.limit)
                    # Whatever is learnt, an epoch is judged by the answers that it will be asked for.
                    held_out = [replace(row, earlier=()) for row in held_out]
                    trained = trained.model_copy(update={"validation_loss": mean_loss(model, score, held_out)})
                trained = trained.model_copy(update={"seconds": time.perf_counter() - began})
                target = checkpoint.epoch_folder(folder, epoch)
                checkpoint.save(target, model, optimizer, trained, job.head)
            finally:
                spending.actual(_usage(job, time.perf_counter() - began))
    return trained


def _over(job: Job, epoch: int, stepper: Stepper, order: Sequence[Sequence[Row]]) -> Trained:
    steps = job.steps * job.params.epochs
    what = f"training, epoch {epoch} of {job.params.epochs}"
    learnt = stepper.over(
        order, (epoch - 1) * job.steps, steps, lambda done: job.context.progress(done, steps, what)
    )
    return Trained(
        train_loss=learnt.loss,
        train_accuracy=learnt.right / sum(map(len, order)),
        gradient_norm=learnt.norm,
        learning_rate=learnt.rate,
        steps=job.steps,
        tokens=job.rows.tokens,
        seconds=0.0,
    )


def _model(job: Job, epoch: int, module: torch.nn.Module) -> torch.nn.Module:
    if epoch == 1:
        return job.head.fresh(module, job.params)
    return adapters.resumed(module, checkpoint.epoch_folder(job.context.folder, epoch - 1) / "adapter")


def _optimizer(job: Job, model: torch.nn.Module) -> torch.optim.Optimizer:
    """AdamW (Loshchilov and Hutter, 2019) on what is trained; biases are not decayed."""
    import torch

    trained = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.dim() > 1], "weight_decay": job.params.weight_decay},
        {"params": [p for p in trained if p.dim() <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    fused = all(parameter.device.type in ("cpu", "cuda") for parameter in trained)
    return torch.optim.AdamW(groups, lr=job.params.learning_rate, fused=fused)


@contextmanager
def _seeded(job: Job, epoch: int, module: torch.nn.Module) -> Iterator[None]:
    """Torch's generator, for new weights and dropout, set by the trial's seed and put back afterwards."""
    import torch

    device = next(module.parameters()).device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(job.context.rng("torch", str(epoch)).getrandbits(63))
        yield


def _upper(job: Job, model: torch.nn.Module, seconds_before: float | None) -> Usage:
    if seconds_before is not None:
        return _usage(job, 3 * seconds_before + 60)
    flops = 6 * sum(p.numel() for p in model.parameters()) * job.rows.tokens
    return _usage(job, flops / _SLOWEST_FLOPS[sort_of(model)] + 60)


def _usage(job: Job, seconds: float) -> Usage:
    return Usage(model=job.params.model, training_tokens=job.rows.tokens, device_seconds=seconds)
