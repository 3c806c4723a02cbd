"""A tuned encoder, answered from its folder: texts to the probability of each label."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness import ModelError
from harness_transformers import store
from harness_transformers.adapter import is_adapter, with_adapter
from harness_transformers.base import Origin
from harness_transformers.batches import by_length
from harness_transformers.engine.chat import Served
from harness_transformers.loading import Loaded, load_encoder

if TYPE_CHECKING:
    import torch


@dataclass
class TunedClassifier:
    """Classifies texts; those beyond the window are cut at it.

    Attributes:
        identity: The base's, and the hash of the tuned folder.
        labels: In the order of the logits.
        loaded: The tuned module and its tokenizer.
        window: The longest text in tokens.
        batch_tokens: The most tokens of a batch, padding included.
    """

    identity: str
    labels: tuple[str, ...]
    loaded: Loaded
    window: int
    batch_tokens: int

    @classmethod
    def load(cls, origin: Origin, folder: Path, served: Served) -> TunedClassifier:
        """From a folder with an adapter or with full weights, and `labels.json`.

        Raises:
            ModelError: Where the folder does not hold them.
        """
        labels = labels_of(folder)
        if is_adapter(folder):
            base = load_encoder(origin.place, origin.dtype, origin.device, labels)
            loaded = Loaded(with_adapter(lambda: base.module, folder), base.tokenizer)
        else:
            loaded = load_encoder(folder, origin.dtype, origin.device, labels)
        identity = f"{served.identity}+{store.weights_sha256(folder)[:16]}"
        return cls(identity, labels, loaded, served.window, served.batch_tokens)

    def classify(self, texts: Sequence[str]) -> Iterator[Mapping[str, float]]:
        import torch

        tokens = self.loaded.tokenizer(list(texts), truncation=True, max_length=self.window)["input_ids"]
        pad = self.loaded.tokenizer.pad_token_id or 0
        found: dict[int, Mapping[str, float]] = {}
        for batch in by_length([len(t) for t in tokens], self.batch_tokens):
            width = len(tokens[batch[0]])  # the longest stands first
            device = self.loaded.module.device
            ids = torch.tensor([tokens[i] + [pad] * (width - len(tokens[i])) for i in batch], device=device)
            mask = torch.tensor(
                [[1] * len(tokens[i]) + [0] * (width - len(tokens[i])) for i in batch], device=device
            )
            with torch.inference_mode():
                logits: torch.Tensor = self.loaded.module(input_ids=ids, attention_mask=mask).logits
            for i, row in zip(batch, logits.double().softmax(-1).tolist(), strict=True):
                found[i] = dict(zip(self.labels, row, strict=True))
        return iter([found[i] for i in range(len(texts))])


def labels_of(folder: Path) -> tuple[str, ...]:
    """The labels of a tuned folder, in the order of the logits.

    Raises:
        ModelError: It has no readable list of them.
    """
    file = folder / "labels.json"
    try:
        labels = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"the tuned folder {str(folder)!r} has no readable labels.json: {error}") from error
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise ModelError(f"{str(file)!r} is not a JSON list of labels")
    return tuple(labels)
