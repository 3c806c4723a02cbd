"""What is asked of a preparation."""

from __future__ import annotations

from harness.finetuning import Method
from harness.records import Kind, Record


class Asked(Record):
    """What the user says of a file; None is guessed, or not wanted.

    Attributes:
        text: Its text column, or a template over columns.
        target: The column of the answer.
        kind: What the answers are.
        labels: The only labels that count; a row with another one is found.
        instructions: The task, which stands before each text as a run would ask it; None for the text alone.
        system: A system message.
        method: How the provider is to tune; None for what the file's examples are for.
        prompt: Of DPO: the column of the prompt.
        chosen: Of DPO: the column of the better answer.
        rejected: Of DPO: the column of the worse one.
    """

    text: str | None = None
    target: str | None = None
    kind: Kind | None = None
    labels: tuple[str, ...] = ()
    instructions: str | None = None
    system: str | None = None
    method: Method | None = None
    prompt: str | None = None
    chosen: str | None = None
    rejected: str | None = None

    @property
    def pairs(self) -> bool:
        """Whether a table's rows are pairs for DPO."""
        return self.method == "dpo" or bool(self.prompt or self.chosen or self.rejected)

    @property
    def of_rows(self) -> bool:
        """Whether a file is to be read as rows with a text and an answer, whatever else is in it."""
        return bool(self.text or self.target or self.kind or self.labels)

    @property
    def of_columns(self) -> list[str]:
        """The options that say something of columns or of how rows are put: chat files have both in them."""
        named = ("text", "target", "kind", "labels", "instructions", "system", "prompt", "chosen", "rejected")
        return [f"--{name}" for name in named if getattr(self, name)]
