"""An ONNX file at work: texts to numbers, without torch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from harness import ModelError
from harness_transformers.batches import by_length
from harness_transformers.onnx.building import INSTALL_ONNX, Numbers, OnnxFile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer


class Session:
    """Runs one file on the CPU.

    Args:
        file: The encoder.
        numbers: With int8 each text runs by itself: activations are scaled by the batch, and what a text gets must
            not depend on the texts beside it.
        batch: Texts that run together otherwise.

    Raises:
        ModelError: ONNX Runtime is not installed.
    """

    def __init__(self, file: OnnxFile, numbers: Numbers, batch: int = 32) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise ModelError(f"runtime: onnx needs onnxruntime ({error}): {INSTALL_ONNX}") from error
        self.file = file
        self._batch = 1 if numbers == "int8" else batch
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = _threads()
        self._session: Any = onnxruntime.InferenceSession(
            str(file.path), options, providers=["CPUExecutionProvider"]
        )

    @cached_property
    def tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self.file.tokenizer))

    def tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, uncut."""
        return [len(encoded.ids) for encoded in self.tokenizer.encode_batch(list(texts))]

    def run(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(texts, width); what is beyond the window is cut off."""
        import numpy as np

        found = np.zeros((len(texts), self.file.width), np.float32)
        ids = [self._cut(encoded.ids) for encoded in self.tokenizer.encode_batch(list(texts))]
        for rows in by_length([len(each) for each in ids], 1 << 14, self._batch):
            width = len(ids[rows[0]])  # the longest stands first
            given = np.zeros((len(rows), width), np.int64)
            mask = np.zeros((len(rows), width), np.int64)
            for i, row in enumerate(rows):
                given[i, : len(ids[row])] = ids[row]
                mask[i, : len(ids[row])] = 1
            found[rows] = self._session.run(None, {"input_ids": given, "attention_mask": mask})[0]
        return found

    def _cut(self, ids: list[int]) -> list[int]:
        """Keeps what closes a text, as the tokenizer itself does when it cuts."""
        window = self.file.window
        return ids if len(ids) <= window else [*ids[: window - 1], ids[-1]]


def _threads() -> int:
    """As many as torch would take, so that the two are timed alike."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    if told.isdigit() and int(told):
        return int(told)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
