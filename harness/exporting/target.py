"""The folder that an export fills."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue

from harness import journal
from harness.errors import SuiteError, suggest
from harness.exportable import ExportableModel, Onnx, Part
from harness.models import Model
from harness.records import Brief


class Target:
    """Implements `harness.exportable.ExportTarget`.

    Args:
        folder: Where files go.
        brief: The task.
        kept: The trial's own folder.
        models: The suite's, by name.
        with_weights: Whether weights are copied.
        merge: Whether adapters are merged.
        onnx: Whether encoders are written as ONNX.
    """

    def __init__(
        self,
        folder: Path,
        brief: Brief,
        kept: Path,
        models: Mapping[str, Model],
        *,
        with_weights: bool = False,
        merge: bool = False,
        onnx: Onnx | None = None,
    ) -> None:
        self.folder = folder
        self.brief = brief
        self.kept = kept
        self.with_weights = with_weights
        self.merge = merge
        self.onnx = onnx
        self.notes: dict[str, None] = {}
        self.used: dict[str, Model] = {}
        self._models = models
        self._required: dict[str, None] = {}

    def file(self, name: str) -> Path:
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise SuiteError(f"an export may write into its own folder alone, not to {name!r}")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def json(self, name: str, value: JsonValue) -> None:
        text = json.dumps(value, ensure_ascii=False, indent=1)
        journal.replace(self.file(name), text + "\n", shared=True)

    def lines(self, name: str, values: list[JsonValue]) -> None:
        text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in values)
        journal.replace(self.file(name), text, shared=True)

    def code(self, name: str, source: Path) -> None:
        shutil.copyfile(source, self.file(name))

    def require(self, *distributions: str) -> None:
        self._required |= dict.fromkeys(distributions)

    def note(self, text: str) -> None:
        self.notes[text] = None

    def model(self, part: Part, name: str, tuned: Path | None = None) -> None:
        model = self._models.get(name)
        if model is None:
            raise SuiteError(f"no model {name!r} in the suite; {suggest(name, self._models)}")
        if not isinstance(model, ExportableModel):
            able = [n for n, m in self._models.items() if isinstance(m, ExportableModel)]
            raise SuiteError(
                f"model {name!r} ({type(model).__name__}) has no export; of this suite's models these have:"
                f" {', '.join(able) or 'none'}"
            )
        self.used[name] = model
        model.export(part, tuned, self)

    def requirements(self) -> str:
        """requirements.txt: what the code needs, as it is installed here."""
        return "".join(f"{name}{_pin(name)}\n" for name in sorted(self._required))


def _pin(name: str) -> str:
    try:
        # What follows a plus names a build (`+cpu`), which no index has.
        return "==" + importlib.metadata.version(name).partition("+")[0]
    except importlib.metadata.PackageNotFoundError:
        return ""
