"""An encoder with a classification head, which is trained whole beside the adapters."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness import Brief, Classifier, Context, Example, Prediction, Query, Trainable, Weights
from harness.errors import SuiteError
from harness.trimming import CUT
from harness.turns import all_turns
from harness_lora import adapter as adapters
from harness_lora.head import Evaluation, Scorer
from harness_lora.passes import Scored
from harness_lora.rows import Row

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

    from harness_lora.strategy import LoRA

_PEFT_SAVES = ("classifier", "score")  # heads that peft trains and saves of its own accord


@dataclass(frozen=True)
class Encoder:
    """An encoder.

    Attributes:
        name: The model's in the suite.
        trainable: The model.
        brief: The task, of kind `label`.
        context: The trial's.
    """

    name: str
    trainable: Trainable
    brief: Brief
    context: Context

    tells_loss = True

    def __post_init__(self) -> None:
        if self.brief.kind != "label":
            raise SuiteError(
                f"lora on the encoder {self.name!r} serves tasks of kind 'label', and {self.brief.name!r} is of "
                f"kind {self.brief.kind!r}; give it a chat model, or leave this task out with `tasks:`"
            )

    @property
    def identity(self) -> str:
        return self.trainable.identity

    @property
    def window(self) -> int:
        return self.trainable.window

    @property
    def labels(self) -> Sequence[str]:
        return tuple(self.brief.labels)

    def lease(self) -> AbstractContextManager[Weights]:
        return self.trainable.lease("labels", self.labels)

    def rows(self, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example]) -> list[Row]:
        texts = [all_turns(example.query) for example in examples]
        found = tokenizer(texts, verbose=False)["input_ids"] if texts else []
        return [
            Row(tuple(ids), (self.labels.index(example.targets[0]),), len(ids))
            for ids, example in zip(found, examples, strict=True)
        ]

    def fresh(self, module: torch.nn.Module, params: LoRA) -> torch.nn.Module:
        import torch

        backbone = getattr(module, "base_model_prefix", "")
        heads = [n for n, m in module.named_children() if n != backbone and any(True for _ in m.parameters())]
        spread = getattr(module.config, "initializer_range", 0.02)
        for name in heads:  # drawn anew, so that the trial's seed decides
            for layer in module.get_submodule(name).modules():
                if isinstance(layer, torch.nn.Linear):
                    torch.nn.init.normal_(layer.weight, std=spread)
                    torch.nn.init.zeros_(layer.bias) if layer.bias is not None else None
        return adapters.fresh(module, params, "SEQ_CLS", [n for n in heads if n not in _PEFT_SAVES])

    def scorer(self, model: torch.nn.Module, rows: Sequence[Row]) -> Scorer:
        import torch

        parameter = next(p for p in model.parameters() if not p.requires_grad)
        device, half = parameter.device, parameter.dtype != torch.float32

        def score(batch: Sequence[Row]) -> Scored:
            width = max(row.tokens for row in batch)
            ids = torch.zeros(len(batch), width, dtype=torch.long)
            mask = torch.zeros(len(batch), width, dtype=torch.long)
            for i, row in enumerate(batch):
                ids[i, : row.tokens] = torch.tensor(row.prompt)
                mask[i, : row.tokens] = 1
            with torch.autocast(device.type, parameter.dtype, enabled=half):
                logits = model(input_ids=ids.to(device), attention_mask=mask.to(device)).logits
            targets = torch.tensor([row.answer[0] for row in batch], device=device)
            return Scored(logits.float(), targets, torch.arange(len(batch), device=device))

        return score

    def evaluate(self, adapter: Path, examples: Sequence[Example]) -> Evaluation:
        answers = list(self.fitted(adapter).answer([example.query for example in examples]))
        surprise = 0.0
        for answer, example in zip(answers, examples, strict=True):
            told = answer.probabilities or {}
            surprise -= math.log(max(told.get(example.targets[0], 0.0), 1e-30))
        return Evaluation(answers, surprise / len(examples))

    def fitted(self, adapter: Path) -> Classified:
        return Classified(self, self.trainable.classifier(adapter))


@dataclass
class Classified:
    """Answers with the likeliest label; of a text beyond the window only the start is seen, which is said."""

    encoder: Encoder
    classifier: Classifier
    _tokenizer: PreTrainedTokenizerBase | None = None
    _cut: set[str] = field(default_factory=set)

    def answer(self, queries: Sequence[Query]) -> Iterator[Prediction]:
        texts = [all_turns(query) for query in queries]
        cut = self._longer(texts)
        alone = self._longer([query.text for query in queries if query.history])
        self._warn(cut)
        for query, text, found in zip(queries, texts, self.classifier.classify(texts), strict=True):
            label = max(found, key=lambda each: found[each])
            notes = {}
            if text in cut:
                notes = CUT if query.history and query.text not in alone else {"truncated": "text"}
            yield Prediction(query_id=query.id, answers=(label,), probabilities=found, notes=notes)

    def _longer(self, texts: Sequence[str]) -> set[str]:
        """Those that are longer than the window."""
        window = self.encoder.window
        suspects = [text for text in texts if len(text) > window - 2]  # a token has at least a character
        if not suspects:
            return set()
        if self._tokenizer is None:
            with self.encoder.lease() as weights:
                self._tokenizer = weights.tokenizer
        lengths = [len(ids) for ids in self._tokenizer(suspects, verbose=False)["input_ids"]]
        return {text for text, length in zip(suspects, lengths, strict=True) if length > window}

    def _warn(self, cut: set[str]) -> None:
        self._cut |= cut
        if cut:
            self.encoder.context.warn(
                f"{len(self._cut)} texts are longer than {self.encoder.name}'s window of {self.encoder.window} "
                "tokens: what is beyond it was not seen"
            )
