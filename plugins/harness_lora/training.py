"""One epoch: a lease, a pass over the rows, a folder on disk. Every epoch is taken up as a resume would."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from harness import Context, Example, Usage
from harness.errors import HarnessError
from harness_lora import adapter as adapters
from harness_lora import checkpoint
from harness_lora.head import Head, Scorer
from harness_lora.records import Rows, Trained
from harness_lora.rows import Row, batches, split
from harness_lora.schedule import factor
from harness_lora.shortening import fitting

if TYPE_CHECKING:
    import torch

    from harness_lora.strategy import LoRA

# What goes through the model at once, in tokens; a batch of longer rows goes in parts. Attention over a pack
# grows with its square, which a processor feels sooner.
_TOKENS_AT_ONCE = {"cpu": 1024, "accelerator": 8192}
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
        score = job.head.scorer(model, rows)
        with job.context.spend(_upper(job, model, seconds_before)) as spending:
            try:
                order = batches(rows, job.params.batch_size, job.context.rng("order", str(epoch)))
                trained = _Pass(job, epoch, model, optimizer, score).over(order)
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


class _Pass:
    """A pass over all rows, and its sums."""

    def __init__(
        self, job: Job, epoch: int, model: torch.nn.Module, optimizer: torch.optim.Optimizer, score: Scorer
    ) -> None:
        self._job = job
        self._epoch = epoch
        self._model = model
        self._optimizer = optimizer
        self._score = score
        self._parameters = [p for p in model.parameters() if p.requires_grad]
        self._nll, self._answers, self._right, self._norm, self._rate = 0.0, 0.0, 0, 0.0, 0.0

    def over(self, order: Sequence[Sequence[Row]]) -> Trained:
        params, steps = self._job.params, self._job.steps
        self._model.train()
        for step in range(steps):
            first = step * params.gradient_accumulation
            self._step(order[first : first + params.gradient_accumulation], (self._epoch - 1) * steps + step)
            done = (self._epoch - 1) * steps + step + 1
            what = f"training, epoch {self._epoch} of {params.epochs}"
            self._job.context.progress(done, steps * params.epochs, what)
        rows = sum(map(len, order))
        return Trained(
            train_loss=self._nll / self._answers,
            train_accuracy=self._right / rows,
            gradient_norm=self._norm,
            learning_rate=self._rate,
            steps=steps,
            tokens=self._job.rows.tokens,
            seconds=0.0,
        )

    def _step(self, group: Sequence[Sequence[Row]], step: int) -> None:
        import torch

        params = self._job.params
        answers = sum(row.learnt * row.weight for batch in group for row in batch)
        for batch in group:
            for part in split(batch, _at_once(self._model)):
                given = _judge(self._score, part)
                # The mean over the step's answer tokens, however they were dealt out to parts.
                (given.nll / answers).backward()  # type: ignore[no-untyped-call]
                self._nll += float(given.nll.detach())
                self._right += given.right
        self._answers += answers
        norm = float(torch.nn.utils.clip_grad_norm_(self._parameters, params.max_grad_norm or math.inf))
        if not math.isfinite(norm):
            raise HarnessError(
                f"training diverged in epoch {self._epoch}: the loss is no longer a number; try a learning_rate "
                f"below {params.learning_rate!r}"
            )
        self._norm = max(self._norm, norm)
        scale = factor(step, self._job.steps * params.epochs, params.warmup_ratio, params.schedule)
        self._rate = params.learning_rate * scale
        for part_of in self._optimizer.param_groups:
            part_of["lr"] = self._rate
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)


class _Judged(NamedTuple):
    nll: torch.Tensor  # weighted sum over the answer tokens, in nats
    right: int  # rows whose answer was the likeliest, token by token


def _judge(score: Scorer, rows: Sequence[Row]) -> _Judged:
    import torch

    scored = score(rows)
    if all(row.weight == 1 for row in rows):
        nll = torch.nn.functional.cross_entropy(scored.logits, scored.targets, reduction="sum")
    else:
        weights = torch.tensor([row.weight for row in rows], device=scored.logits.device)
        each = torch.nn.functional.cross_entropy(scored.logits, scored.targets, reduction="none")
        nll = (each * weights[scored.rows]).sum()
    wrong = scored.rows[scored.logits.argmax(-1) != scored.targets]
    return _Judged(nll, len(rows) - len(set(wrong.tolist())))


def mean_loss(model: torch.nn.Module, score: Scorer, rows: Sequence[Row]) -> float | None:
    import torch

    nll = 0.0
    with torch.no_grad():
        for part in split(sorted(rows, key=lambda row: row.tokens), _at_once(model)):
            nll += float(_judge(score, part).nll)
    answers = sum(row.learnt * row.weight for row in rows)
    return nll / answers if answers else None


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
    return torch.optim.AdamW(groups, lr=job.params.learning_rate)


@contextmanager
def _seeded(job: Job, epoch: int, module: torch.nn.Module) -> Iterator[None]:
    """Torch's generator, for new weights and dropout, set by the trial's seed and put back afterwards."""
    import torch

    device = next(module.parameters()).device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(job.context.rng("torch", str(epoch)).getrandbits(63))
        yield


def _sort(model: torch.nn.Module) -> str:
    return "cpu" if next(model.parameters()).device.type == "cpu" else "accelerator"


def _at_once(model: torch.nn.Module) -> int:
    return _TOKENS_AT_ONCE[_sort(model)]


def _upper(job: Job, model: torch.nn.Module, seconds_before: float | None) -> Usage:
    if seconds_before is not None:
        return _usage(job, 3 * seconds_before + 60)
    flops = 6 * sum(p.numel() for p in model.parameters()) * job.rows.tokens
    return _usage(job, flops / _SLOWEST_FLOPS[_sort(model)] + 60)


def _usage(job: Job, seconds: float) -> Usage:
    return Usage(model=job.params.model, training_tokens=job.rows.tokens, device_seconds=seconds)
