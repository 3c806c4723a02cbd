"""`prompt`: the task's instructions and the text, nothing else (zero-shot).

- {name: zero-shot, use: prompt, with: {model: small}}
- {name: curt, use: prompt, with: {model: small, wording: {answer_format: "One word: {labels}"}}}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pydantic import Field

from harness import Brief, ChatName, Context, Example, Fitted, Prompted, Strategy, Wording
from harness.calibration import Calibrating, calibrated
from harness.candidates import Room, Shortlisting, shortlist_for
from harness.exportable import ExportTarget
from harness.exportable.prompted import export_prompted, refuse_what_differs
from harness.shortlist import with_candidates


class Prompt(Shortlisting, Calibrating, Strategy):
    """Ask the model with the task's instructions and no examples."""

    model: ChatName = Field(description="The chat model that is asked.")
    wording: Wording = Field(
        Wording(), description="What differs from the plain prompt: the task's instructions and the text."
    )

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        self.wording.check(brief)
        model = context.chat_model(self.model)

        def room() -> Room:
            seen = [example.query for example in (*train, *validation)]
            return Room(model, model.window - brief.max_output_tokens, self.wording, seen)

        shortlist = shortlist_for(self, brief, train, validation, context, room)
        prompted = with_candidates(Prompted(model, brief, self.wording), shortlist)
        yield calibrated(prompted, validation, context, self)

    def export(self, brief: Brief, fitted: Fitted, target: ExportTarget) -> None:
        refuse_what_differs(fitted)
        assert isinstance(fitted, Prompted)
        export_prompted(target, self.model, fitted)
