"""The strategy `lora`: small trained matrices beside a frozen model.

LoRA: Low-Rank Adaptation of Large Language Models (Hu et al., 2022). A language model learns to say the answer
in the very conversation that it is asked with; an encoder gets a classification head.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from harness import Brief, Context, Example, Fitted, Prompted, Strategy, TrainableName
from harness.errors import DataError, StoreError
from harness.exportable import ExportTarget
from harness.exportable.prompted import export_prompted, refuse_what_differs
from harness.exportable.texts import export_long
from harness_lora import checkpoint
from harness_lora.causal import Causal
from harness_lora.choosing import By, best, should_stop
from harness_lora.encoder import Encoder
from harness_lora.head import Head
from harness_lora.long_texts import say_shortened
from harness_lora.records import Best, Epoch, Rows
from harness_lora.schedule import Schedule
from harness_lora.shortening import fitting
from harness_lora.training import Job, train_epoch

ModuleName = Annotated[str, StringConstraints(min_length=1)]


class LoRA(Strategy):
    """Train low-rank adapters of a local model on the labelled rows; the best epoch on validation answers."""

    model: TrainableName = Field(description="The model to tune: a causal model or an encoder.")
    rank: int = Field(8, ge=1, le=512, description="Width of the matrices that are trained.")
    alpha: float = Field(16.0, gt=0, description="Their weight: what they give is multiplied by alpha / rank.")
    dropout: float = Field(
        0.0, ge=0, lt=1, description="Dropout before them: the share of what they read that is left out."
    )
    target_modules: Literal["all-linear"] | tuple[ModuleName, ...] = Field(
        "all-linear", description="Which layers get them: all linear ones but the head, or those of these names."
    )
    learning_rate: float = Field(5e-4, gt=0, le=1, description="At its highest.")
    schedule: Schedule = Field("linear", description="How the learning rate falls after the warm-up.")
    warmup_ratio: float = Field(0.1, ge=0, le=1, description="Share of all steps over which it rises.")
    batch_size: int = Field(8, ge=1, description="Rows that go through the model together.")
    gradient_accumulation: int = Field(1, ge=1, description="Batches to one step of the optimiser.")
    epochs: int = Field(2, ge=1, le=1000, description="Passes over the training rows, at most.")
    weight_decay: float = Field(0.0, ge=0, description="Of AdamW, on the matrices.")
    max_grad_norm: float | None = Field(1.0, gt=0, description="Longer gradients are cut to it; none for never.")
    patience: int | None = Field(
        None, ge=1, description="Stop after so many epochs without a better one; none to train them all."
    )
    select: Literal["auto", "metric", "loss"] = Field(
        "auto",
        description="What the best epoch goes by on validation; auto is the metric for one label, else the loss.",
    )
    loss: Literal["auto", "answer", "assistant"] = Field(
        "auto",
        description="What is learnt of a dialogue: the answer alone, or the assistant's earlier turns too; auto "
        "is assistant where the answer is the next turn (kind text), else answer. Never what the user says.",
    )
    validation_rows: int | None = Field(
        None, ge=1, description="Measure epochs on so many validation rows, drawn by seed; none for all."
    )
    max_length: int = Field(
        1024,
        ge=8,
        description="Training rows with more tokens, answer included, are left out, or shortened where the task "
        "says `long`; either is said.",
    )

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        head = self._head(brief, context)
        if self.validation_rows is not None and self.validation_rows < len(validation):
            validation = context.rng("validation").sample(validation, self.validation_rows)
        rows = context.step("rows", Rows, lambda: self._rows(head, train, validation))
        _say(rows, len(train), len(validation), context)
        say_shortened(rows.shortened, len(train), rows.limit, head.how, context)
        by = self._by(brief, rows)
        job = Job(self, head, train, validation, rows, context)
        epochs: list[Epoch] = []
        while len(epochs) < self.epochs and not should_stop(epochs, by, self.patience):
            epochs.append(self._epoch(job, epochs, by))
            checkpoint.tidy(context.folder, last=len(epochs), best=best(epochs, by).epoch)
        context.step("best", Best, lambda: self._keep(context, epochs, by))
        checkpoint.keep_only_best(context.folder, len(epochs))
        adapter = context.folder / "best"
        if not adapter.is_dir():
            raise StoreError(
                f"the adapter in {str(adapter)!r} is gone though training is done: start a new run, or put it back"
            )
        yield head.fitted(adapter)

    def export(self, brief: Brief, fitted: Fitted, target: ExportTarget) -> None:
        refuse_what_differs(fitted)
        adapter = target.kept / "best"
        if isinstance(fitted, Prompted):
            export_prompted(target, self.model, fitted, tuned=adapter)
        else:
            target.code("strategy.py", Path(__file__).parent / "templates" / "classified.py")
            export_long(brief, target)
            target.model("classifier", self.model, adapter)

    def _head(self, brief: Brief, context: Context) -> Head:
        trainable = context.trainable(self.model)
        if "causal" in trainable.heads:
            earlier = self.loss == "assistant" or (self.loss == "auto" and brief.kind == "text")
            return Causal(self.model, trainable, brief, context, earlier=earlier)
        return Encoder(self.model, trainable, brief, context)

    def _by(self, brief: Brief, rows: Rows) -> By:
        if not rows.validation_rows:
            return "last"
        if self.select != "auto":
            return self.select
        return "metric" if brief.kind == "label" else "loss"

    def _rows(self, head: Head, train: Sequence[Example], validation: Sequence[Example]) -> Rows:
        limit = min(self.max_length, head.window)
        with head.lease() as weights:
            rows = fitting(head, weights.tokenizer, train, limit)
            if not rows:
                raise DataError(
                    f"all {len(train)} training rows are longer than {limit} tokens: raise max_length, which is "
                    f"{self.max_length!r}, or take a model with a longer window than {head.window}"
                )
            held_out = len(validation)
            if not head.tells_loss:
                held_out = round(sum(r.weight for r in fitting(head, weights.tokenizer, validation, limit)))
            question = weights.tokenizer.decode(list(rows[0].prompt))
            answer = rows[0].answer if not head.labels else ()
            return Rows(
                rows=len(rows),
                shortened=round(sum(row.weight for row in rows if row.cut)),
                left_out=len(train) - round(sum(row.weight for row in rows)),
                validation_rows=held_out,
                limit=limit,
                longest=max(row.tokens for row in rows),
                tokens=sum(row.tokens for row in rows),
                answer_tokens=sum(row.learnt for row in rows),
                cut=sum(row.turns_cut > 0 for row in rows),
                question=question,
                answer=weights.tokenizer.decode(list(answer)) if answer else head.labels[rows[0].answer[0]],
            )

    def _epoch(self, job: Job, before: Sequence[Epoch], by: By) -> Epoch:
        number = len(before) + 1
        folder = checkpoint.epoch_folder(job.context.folder, number)

        def run() -> Epoch:
            seconds_before = before[-1].seconds if before else None
            trained = checkpoint.read_trained(folder) or train_epoch(job, number, seconds_before)
            loss, metric = trained.validation_loss, None
            if job.validation and (job.head.closed or by == "metric"):
                found = job.head.evaluate(folder / "adapter", job.validation)
                metric = job.context.score(found.answers, job.validation)
                loss = loss if found.loss is None else found.loss
            update = {"validation_loss": loss, "validation_metric": metric}
            return Epoch(epoch=number, **{**trained.model_dump(), **update})

        return job.context.step(f"epoch-{number}", Epoch, run)

    def _keep(self, context: Context, epochs: Sequence[Epoch], by: By) -> Best:
        chosen = best(epochs, by)
        checkpoint.keep_best(context.folder, chosen.epoch)
        return Best(
            epoch=chosen.epoch,
            by=by,
            validation_loss=chosen.validation_loss,
            validation_metric=chosen.validation_metric,
            epochs=len(epochs),
            stopped_early=len(epochs) < self.epochs,
        )


def _say(rows: Rows, train: int, validation: int, context: Context) -> None:
    if rows.left_out:
        context.warn(
            f"{rows.left_out} of {train} training rows are longer than {rows.limit} tokens and were left out"
        )
    if rows.cut:
        context.warn(f"the oldest turns of {rows.cut} training rows were left out to fit {rows.limit} tokens")
    if rows.validation_rows < validation:
        context.warn(
            f"{validation - rows.validation_rows} of {validation} validation rows are longer than "
            f"{rows.limit} tokens and were left out of the validation loss"
        )
    if not rows.validation_rows:
        context.warn("no validation rows: the last epoch answers, however well the ones before it did")
