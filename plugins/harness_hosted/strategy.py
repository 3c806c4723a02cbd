"""Tunes a model on its provider's machines."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from harness import Brief, ChatName, Context, Example, Fitted, ModelError, Strategy


class HostedFineTune(Strategy):
    """Uploads training rows, has the provider tune a model on them, and asks the tuned model."""

    model: ChatName

    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> AbstractContextManager[Fitted]:
        raise ModelError("hosted-finetune is not built yet")
