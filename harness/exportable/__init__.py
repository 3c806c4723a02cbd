"""What a strategy and a model implement so that `harness export` can write them down: plain files, no harness.

    class Keywords(Strategy):
        def export(self, brief, fitted, target):
            target.json("keywords.json", fitted.words)
            target.code("strategy.py", Path(__file__).with_name("standalone.py"))
            target.require("numpy")

What it writes is a small program in modules, each of which Python loads by name from the export's folder:

    answer.py      the harness's own: reads rows, calls strategy.py, writes answers
    strategy.py    load(folder) gives an object with answer(queries) -> list of dicts; a strategy writes it
    chat.py        load(folder) gives complete(request) and tokens(messages); a chat model writes it
    embedder.py    load(folder) gives embed(texts), (texts, width) of unit length; an embedder writes it
    classifier.py  load(folder) gives classify(texts), a list of {label: probability}; a tuned encoder writes it

What is done with long texts and earlier turns goes by a model's `window` in tokens, and by its own counts of
them: what these load has the attribute `window` then, an embedder also `tokens(texts)`, one number for each, and
a classifier `tokens(text)`. Tasks without `long` and `columns.history` ask for none of these.

A query is ``{"text": …, "history": [{"role": …, "content": …}]}``, an answer
``{"answers": […], "probabilities": {…} or None}`` or ``{"failure": "too-long: …"}``. Paths of files use forward
slashes and stay inside the folder.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from pydantic import JsonValue

if TYPE_CHECKING:
    from harness.records import Brief
    from harness.strategy import Fitted

Part = Literal["chat", "embedder", "classifier"]
Onnx = Literal["fp32", "int8"]


class ExportTarget(Protocol):
    """The folder that an export goes to; the harness implements it."""

    @property
    def brief(self) -> Brief:
        """The task that it answers."""
        ...

    @property
    def kept(self) -> Path:
        """The trial's folder, as `context.folder` was in prepare."""
        ...

    @property
    def with_weights(self) -> bool:
        """Whether the weights of models are copied too, instead of named."""
        ...

    @property
    def merge(self) -> bool:
        """Whether adapters are merged into full weights."""
        ...

    @property
    def onnx(self) -> Onnx | None:
        """Whether encoders are written as ONNX, and in which numbers; None for as the suite has them."""
        ...

    def file(self, name: str) -> Path:
        """Where a file of that name goes; its folders are there."""
        ...

    def json(self, name: str, value: JsonValue) -> None:
        """Writes a JSON file."""
        ...

    def lines(self, name: str, values: list[JsonValue]) -> None:
        """Writes a JSONL file."""
        ...

    def code(self, name: str, source: Path) -> None:
        """Copies a Python module that needs no harness."""
        ...

    def require(self, *distributions: str) -> None:
        """Names packages that the code needs; requirements.txt pins them as they are installed here."""
        ...

    def note(self, text: str) -> None:
        """Something that the README must say, such as the licence of weights; a line of Markdown."""
        ...

    def model(self, part: Part, name: str, tuned: Path | None = None) -> None:
        """Exports the suite's model of that name as one of the modules above.

        Args:
            part: As what.
            name: The model's in the suite.
            tuned: The folder of what was tuned from it.

        Raises:
            SuiteError: It cannot be exported.
        """
        ...


@runtime_checkable
class Exportable(Protocol):
    """A strategy that can be exported."""

    def export(self, brief: Brief, fitted: Fitted, target: ExportTarget) -> None:
        """Writes `strategy.py` and all that it needs.

        Args:
            brief: The task.
            fitted: What this strategy's prepare gave.
            target: Where to.

        Raises:
            SuiteError: With these parameters it cannot be; says why.
        """
        ...


@runtime_checkable
class ExportableModel(Protocol):
    """A model that can be exported."""

    def export(self, part: Part, tuned: Path | None, target: ExportTarget) -> None:
        """Writes the module `part` and all that it needs.

        Args:
            part: As what the strategy needs it.
            tuned: The folder of what was tuned from it; None for the model as it is.
            target: Where to.

        Raises:
            SuiteError: It cannot be exported so; says why.
        """
        ...
