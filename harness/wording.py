r"""How a question is put, and which words stand for the labels in its answer.

Wording()                                                  the plain prompt
Wording(query="Text: {text}\nAnswer:")                     the text between two words
Wording(label_words={"positive": "good"})                  `good` is asked for, and read as `positive`
Wording(scale=10)                                          a number from 1 to 10 instead of a label
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, field_validator, model_validator

from harness.answers import normalised
from harness.errors import SuiteError, suggest
from harness.records import Brief, Record


class Wording(Record):
    """How a question is put. Every field has the plain default, so that a variation names what it varies."""

    system: str | None = Field(None, description="System message; without it the model's own default stands.")
    instructions: str | None = Field(None, min_length=1, description="Instead of the task's own instructions.")
    answer_format: str | None = Field(
        None,
        description="The sentence that names the allowed answers, `{labels}` standing for them and `{list}` "
        "for them one a line; empty for none.",
    )
    query: str = Field("{text}", description="What stands round a text, `{text}` standing for it.")
    label_words: Mapping[str, str] = Field({}, description="Label to the word that is asked for in its stead.")
    scale: int | None = Field(
        None,
        ge=2,
        le=100,
        description="Ask for a number from 1 to this instead; the labels, in the suite's order, share it equally.",
    )

    @field_validator("query")
    @classmethod
    def _has_the_text(cls, value: str) -> str:
        if "{text}" not in value:
            raise ValueError(f"query {value!r} leaves the text out; put {{text}} where it belongs")
        return value

    @model_validator(mode="after")
    def _one_way_to_answer(self) -> Wording:
        if self.scale and self.label_words:
            raise ValueError("scale and label_words each replace the labels; give one of them")
        return self

    def word(self, label: str, brief: Brief) -> str:
        """What is asked for in a label's stead: this wording's word, else the task's, else the label itself."""
        return self.label_words.get(label, brief.label_words.get(label, label))

    def words(self, brief: Brief) -> dict[str, str]:
        """What the model may say, in order, and the label that each stands for.

        On a scale of `m` for `n` labels, number `i` stands for label `(i - 1) * n // m`, counted from 0.
        """
        labels = list(brief.labels)
        if self.scale and brief.kind == "label" and labels:
            return {str(i + 1): labels[i * len(labels) // self.scale] for i in range(self.scale)}
        return {self.word(label, brief): label for label in labels}

    def check(self, brief: Brief) -> None:
        """Refuses what this task cannot be asked with.

        Raises:
            SuiteError: For words of unknown labels, one word for two labels, or a scale that does not fit.
        """
        for label in self.label_words:
            if label not in brief.labels:
                raise SuiteError(f"label_words: no label {label!r}; {suggest(label, brief.labels)}")
        if len({normalised(self.word(label, brief)) for label in brief.labels}) < len(brief.labels):
            raise SuiteError(f"label_words {dict(self.label_words)!r}: two labels have the same word")
        if self.scale and (brief.kind != "label" or len(brief.labels) > self.scale):
            raise SuiteError(
                f"scale {self.scale!r} needs a task of kind 'label' with at most as many labels; "
                f"this one is of kind {brief.kind!r} with {len(brief.labels)} labels"
            )
