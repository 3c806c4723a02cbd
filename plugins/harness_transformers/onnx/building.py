"""From a torch encoder to an ONNX file in the cache, and from that to one with weights of eight bits.

    ~/.cache/harness/weights/<sha256>-onnx-int8-1/model.onnx       57 MiB where float32 has 87
                                                 /tokenizer.json
                                                 /settings.json    {"window": 256, "width": 384}

Weights are quantised per channel when the file is made, activations while it runs (`quantize_dynamic` of ONNX
Runtime), which needs no data. What is not a matrix product (layer norms, softmax, embeddings) stays float32.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from harness import ModelError
from harness_transformers import store
from harness_transformers.quiet import quiet

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

Runtime = Literal["torch", "onnx", "onnx-int8"]
Numbers = Literal["fp32", "int8"]
INSTALL_ONNX = "pip install 'harness[onnx]'"
RUNTIME = (
    "What an encoder answers with: torch, onnx (ONNX Runtime in float32), or onnx-int8 (weights of eight bits: "
    "smaller, quicker on a CPU, not quite the same answers). It is tuned with torch whatever it answers with."
)
_LOOSE = 1e-3  # what rounding may change of a number
_LAYOUT = 1  # a change of what is written makes it anew


class Source(NamedTuple):
    """A torch module that takes (input_ids, attention_mask) and gives (texts, numbers), and what belongs to it."""

    module: torch.nn.Module
    tokenizer: PreTrainedTokenizerBase
    window: int


class OnnxFile(NamedTuple):
    """An encoder in ONNX.

    Attributes:
        path: The model.
        tokenizer: tokenizer.json.
        window: The longest text in tokens.
        width: Numbers that it gives for each text.
    """

    path: Path
    tokenizer: Path
    window: int
    width: int


def numbers_of(runtime: Runtime) -> Numbers | None:
    """The numbers of a runtime's weights; None for torch."""
    return {"torch": None, "onnx": "fp32", "onnx-int8": "int8"}[runtime]


def built(key: str, numbers: Numbers, source: Callable[[], Source]) -> OnnxFile:
    """The file of an encoder, made where it is not in the cache yet.

    Args:
        key: A hash of all that its answers depend on.
        numbers: Of its weights.
        source: Loads the encoder; only called where the file has to be made.

    Raises:
        ModelError: The libraries are missing, the encoder cannot be written as ONNX, or nor can the cache.
    """
    whole = store.built(f"{key}-onnx-fp32-{_LAYOUT}", lambda folder: _export(source(), folder))
    if whole is not None and numbers == "int8":
        whole = store.built(f"{key}-onnx-int8-{_LAYOUT}", lambda folder, of=whole: _quantise(of, folder))  # type: ignore[misc]
    if whole is None:
        raise ModelError(
            f"the ONNX file cannot be written below {str(store.root())!r}: set HARNESS_CACHE to a folder"
        )
    settings = json.loads((whole / "settings.json").read_text(encoding="utf-8"))
    return OnnxFile(whole / "model.onnx", whole / "tokenizer.json", settings["window"], settings["width"])


def _export(source: Source, folder: Path) -> None:
    import torch

    if not source.tokenizer.is_fast:
        raise ModelError(
            "runtime: onnx needs a tokenizer of the `tokenizers` library, which these weights have not"
        )
    # Two tensors: one that is passed twice becomes one input. Padding: without any the mask is left out.
    ids, mask = torch.randint(5, 100, (2, 8)), torch.ones(2, 8, dtype=torch.long)
    mask[1, 5:] = 0
    axes = {0: torch.export.Dim("texts", min=1, max=4096), 1: torch.export.Dim("tokens", min=2, max=source.window)}
    with _silent(), torch.no_grad():
        try:
            expected = source.module(ids, mask)
            torch.onnx.export(
                source.module,
                (ids, mask),
                folder / "model.onnx",
                input_names=["input_ids", "attention_mask"],
                output_names=["numbers"],
                dynamic_shapes=(axes, axes),
                dynamo=True,
                external_data=False,
                verbose=False,
            )
        except (ImportError, ModuleNotFoundError) as error:
            raise ModelError(f"writing ONNX needs more libraries ({error}): {INSTALL_ONNX}") from error
        except (RuntimeError, TypeError, ValueError) as error:
            raise ModelError(f"these weights cannot be written as ONNX: {str(error).splitlines()[0]}") from error
    _compare(folder / "model.onnx", ids, mask, expected)
    tokenizer = source.tokenizer.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"window": source.window, "width": expected.shape[-1]}
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")


def _compare(path: Path, ids: torch.Tensor, mask: torch.Tensor, expected: torch.Tensor) -> None:
    """Holds the file against torch: texts of other lengths than it was traced with, padded and not.

    Raises:
        ModelError: It gives other numbers.
    """
    import numpy as np

    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError(f"runtime: onnx needs onnxruntime ({error}): {INSTALL_ONNX}") from error
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0]
    short = session.run(None, {"input_ids": ids[1:, :5].numpy(), "attention_mask": mask[1:, :5].numpy()})[0]
    apart = max(np.abs(found - expected.numpy()).max(), np.abs(short - expected[1:].numpy()).max())
    if not apart < _LOOSE:
        raise ModelError(
            f"these weights, written as ONNX, give other numbers than by torch (by up to {apart:.2g})"
        )


def _quantise(whole: Path, folder: Path) -> None:
    import shutil

    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError as error:
        raise ModelError(f"runtime: onnx-int8 needs onnx and onnxruntime ({error}): {INSTALL_ONNX}") from error
    with _silent():
        # Seven bits of eight: on processors without VNNI sums of full products overflow.
        quantize_dynamic(
            whole / "model.onnx",
            folder / "model.onnx",
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gemm"],
        )
    for name in ("tokenizer.json", "settings.json"):
        shutil.copyfile(whole / name, folder / name)


@contextmanager
def _silent() -> Iterator[None]:
    """Advice of the exporters, which is none to the user."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with quiet(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
