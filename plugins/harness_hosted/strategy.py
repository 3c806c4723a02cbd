"""`hosted-finetune`: a provider tunes the model on its own machines, and the tuned model is asked.

- {name: tuned, use: hosted-finetune, with: {model: mini, epochs: 3}}
- {name: preferred, use: hosted-finetune, with: {model: mini, method: dpo, pairs: preferences}}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Literal, cast

from pydantic import Field, model_validator

from harness import (
    Brief,
    Context,
    Example,
    FineTuning,
    Fitted,
    ModelError,
    Prompted,
    Ref,
    Strategy,
    TableName,
    Wording,
)
from harness.finetuning import Method
from harness.models import ChatModel
from harness_hosted.life import Life
from harness_hosted.lines import Lines, Order, preferences, supervised, write
from harness_hosted.records import TrainingFile


class HostedFineTune(Strategy):
    """Has a model's provider tune it on the training rows, and asks the tuned model."""

    model: Annotated[str, Ref("chat", tuned=True)] = Field(
        description="The model to tune, behind an endpoint whose provider tunes it."
    )
    method: Method = Field(
        "supervised", description="Tune on the right answers, or (dpo) on pairs of a better and a worse one."
    )
    pairs: TableName | None = Field(
        None, description="For dpo: a table with the columns prompt, chosen and rejected."
    )
    epochs: int | None = Field(None, ge=1, le=100, description="Passes over the rows; none for the provider's.")
    batch_size: int | None = Field(None, ge=1, description="Rows to a step; none for the provider's.")
    learning_rate: float | None = Field(
        None, gt=0, description="As the provider counts it (with OpenAI a multiplier); none for its own."
    )
    beta: float | None = Field(None, gt=0, description="For dpo: how near it stays to the base; none for its own.")
    validation: bool = Field(
        True, description="Give the provider the validation rows too: for its curve, never to train on."
    )
    wording: Wording = Field(
        Wording(), description="What differs from the plain prompt, in training and in asking alike."
    )
    suffix: str | None = Field(None, max_length=40, description="Part of the tuned model's name.")
    poll_seconds: float = Field(30.0, gt=0, le=3600, description="Between two looks at the job, at most.")
    deadline_hours: float | None = Field(None, gt=0, description="How long a job may take; none for ever.")
    at_deadline: Literal["leave", "cancel"] = Field(
        "leave", description="Then: leave it to go on, which a resume takes up, or cancel it."
    )
    delete: Literal["none", "files", "all"] = Field(
        "none",
        description="What is deleted with the provider once the run is whole: nothing, the files, or the tuned "
        "model too, which then answers nothing any more.",
    )

    @model_validator(mode="after")
    def _pairs_are_for_dpo(self) -> HostedFineTune:
        if (self.method == "dpo") != (self.pairs is not None):
            raise ValueError("method dpo needs `pairs`, the name of a table, and pairs are for method dpo alone")
        if self.beta is not None and self.method != "dpo":
            raise ValueError(f"beta {self.beta:g} is for method dpo alone: leave it out, or add `method: dpo`")
        return self

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        self.wording.check(brief)
        tuning = context.fine_tuning(self.model)
        if self.method not in tuning.rules.methods:
            raise ModelError(f"{tuning.rules.provider} does not tune by {self.method!r}")

        def write_file() -> TrainingFile:
            # As it will be asked: what is tuned counts a prompt otherwise than its base, and cuts it elsewhere.
            counting = cast(ChatModel, tuning.endpoint(tuning.name))
            asking = Prompted(counting, brief, self.wording)
            return write(self._lines(asking, train, validation, context), self._order(tuning, context))

        file = context.step("file", TrainingFile, write_file)
        _say(file, context)
        life = Life(self, tuning, context, file, write_file)
        name = life.tuned_name()
        yield Prompted(context.chat_model(self.model, tuned=name), brief, self.wording)
        life.clear_away()

    def _lines(
        self, asking: Prompted, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Lines:
        if self.pairs is not None:
            return Lines(preferences(asking, context.table(self.pairs)))
        return Lines(supervised(asking, train), supervised(asking, validation if self.validation else ()))

    def _order(self, tuning: FineTuning, context: Context) -> Order:
        return Order(context.folder, tuning.rules, tuning.name, self.epochs)


def _say(file: TrainingFile, context: Context) -> None:
    for said in file.left_out:
        context.warn(f"{said}: these training rows were left out")
    for said in file.doubts:
        context.warn(f"{said}: these training rows were kept")
    if file.epochs is None:
        context.warn("nobody says how many epochs the provider makes: ten were reserved; give `epochs`")
