"""A strategy that asks a model as it is, so that tests see what stands between the two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from harness import Brief, ChatName, Context, Example, Fitted, Prompted, Strategy


class AskIt(Strategy):
    """Asks the model as it is."""

    model: ChatName = "endpoint"

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        yield Prompted(context.chat_model(self.model), brief)
