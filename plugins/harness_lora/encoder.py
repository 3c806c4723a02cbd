"""An encoder with a classification head, which is trained whole beside the adapters."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness import Brief, Classifier, Context, Example, Failed, Prediction, Query, Trainable, Weights
from harness.errors import SuiteError
from harness.long import Count, Cut, Piece, cut_of, surely_fits
from harness.pooling import mean_shares
from harness.trimming import CUT
from harness.turns import all_turns
from harness_lora import adapter as adapters
from harness_lora.head import Evaluation, Scorer
from harness_lora.long_texts import DONE, counting, texts_in_parts
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
    closed = True

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

    @property
    def how(self) -> Cut | None:
        return cut_of(self.brief.long)

    def rows(
        self, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example], limit: int | None
    ) -> list[Row]:
        texts = [all_turns(example.query) for example in examples]
        parts: Sequence[Sequence[Piece]] = [(Piece(text, 1),) for text in texts]
        if limit is not None:
            parts = texts_in_parts(texts, self.how, limit, counting(tokenizer))
        flat = [part.text for own in parts for part in own]
        found = iter(tokenizer(flat, verbose=False)["input_ids"] if flat else [])
        rows = []
        for own, text, example in zip(parts, texts, examples, strict=True):
            label, cut = self.labels.index(example.targets[0]), own[0].text != text
            for _ in own:
                ids = next(found)
                rows.append(Row(tuple(ids), (label,), len(ids), weight=1 / len(own), cut=cut))
        return rows

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
        target_of = {example.query.id: example.targets[0] for example in examples}
        answers = list(self.fitted(adapter).answer([example.query for example in examples]))
        told = [answer for answer in answers if isinstance(answer, Prediction)]
        surprise = sum(
            -math.log(max((answer.probabilities or {}).get(target_of[answer.query_id], 0.0), 1e-30))
            for answer in told
        )
        return Evaluation(answers, surprise / len(told) if told else None)

    def fitted(self, adapter: Path) -> Classified:
        return Classified(self, self.trainable.classifier(adapter))


@dataclass
class Classified:
    """Answers with the likeliest label; what is done with a text beyond the window, the task says."""

    encoder: Encoder
    classifier: Classifier
    _count: Count | None = None
    _long: set[str] = field(default_factory=set)
    _warned: set[str] = field(default_factory=set)

    def answer(self, queries: Sequence[Query]) -> Iterator[Prediction | Failed]:
        texts = {query.id: all_turns(query) for query in queries}
        self._find_long([*texts.values(), *(query.text for query in queries if query.history)])
        self._warn(texts.values())
        long = self.encoder.brief.long
        asked = []
        for query in queries:
            if long == "fail" and texts[query.id] in self._long:
                why = f"its text is longer than {self.encoder.name}'s window of {self.encoder.window} tokens"
                yield Failed(query_id=query.id, kind="too-long", error=f"{why} (`long: fail`)")
            else:
                asked.append(query)
        parts = {query.id: self._parts(texts[query.id]) for query in asked}
        found = iter(self.classifier.classify([p.text for query in asked for p in parts[query.id]]))
        for query in asked:
            own = parts[query.id]
            told = mean_shares([next(found) for _ in own], own)
            notes = self._notes(query, texts[query.id], len(own))
            label = max(told, key=lambda each: told[each])
            yield Prediction(query_id=query.id, answers=(label,), probabilities=told, notes=notes)

    def _parts(self, text: str) -> Sequence[Piece]:
        how = self.encoder.how
        if text not in self._long or how is None or self._count is None:
            return (Piece(text, 1),)
        return texts_in_parts([text], how, self.encoder.window, self._count)[0]

    def _notes(self, query: Query, text: str, parts: int) -> dict[str, str]:
        if text not in self._long:
            return {}
        how = self.encoder.how
        if how is None:
            cut = CUT if query.history and query.text not in self._long else {"truncated": "text"}
            return {**cut, "long": "head"}
        return {"long": how, "chunks": str(parts)} if how == "chunks" else {"long": how}

    def _find_long(self, texts: Sequence[str]) -> None:
        window = self.encoder.window
        suspects = [text for text in texts if not surely_fits(text, window) and text not in self._long]
        if not suspects:
            return
        if self._count is None:
            with self.encoder.lease() as weights:
                self._count = counting(weights.tokenizer)
        self._long |= {text for text in suspects if self._count(text) > window}

    def _warn(self, texts: Collection[str]) -> None:
        if found := self._long & set(texts):
            self._warned |= found
            window = f"{self.encoder.name}'s window of {self.encoder.window} tokens"
            done = DONE[self.encoder.brief.long]
            self.encoder.context.warn(f"{len(self._warned)} texts are longer than {window}: {done}")
