"""A language model that is taught to say the answer: completion-only loss on the conversation it is asked with."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness import Brief, Context, Example, Fitted, Trainable, Weights, Wording
from harness.long import Cut, cut_of, pieces
from harness.long_prompts import Put
from harness.prompted import Prompted
from harness.prompts import answer_text, request
from harness_lora import adapter as adapters
from harness_lora import passes
from harness_lora.conversation import Conversation
from harness_lora.head import Evaluation, Scorer
from harness_lora.passes import Scored
from harness_lora.rows import Row

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

    from harness_lora.strategy import LoRA


@dataclass(frozen=True)
class Causal:
    """A causal model.

    Attributes:
        name: The model's in the suite.
        trainable: The model.
        brief: The task.
        context: The trial's.
        wording: How the question is put, in training as in answering.
        earlier: Whether the assistant's turns of the history are learnt too.
    """

    name: str
    trainable: Trainable
    brief: Brief
    context: Context
    wording: Wording = field(default_factory=Wording)
    earlier: bool = False

    labels = ()
    tells_loss = False

    @property
    def identity(self) -> str:
        return self.trainable.identity

    @property
    def window(self) -> int:
        return self.trainable.window

    @property
    def closed(self) -> bool:
        return self.brief.kind == "label"

    def lease(self) -> AbstractContextManager[Weights]:
        return self.trainable.lease("causal")

    @property
    def how(self) -> Cut | None:
        how = cut_of(self.brief.long)
        return "head" if how == "chunks" else how  # a chunk without what decides would teach to guess

    def rows(
        self, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example], limit: int | None
    ) -> list[Row]:
        render = Conversation(tokenizer).row
        found = []
        for example in examples:
            asked = request(self.brief, example.query, wording=self.wording)
            answer = answer_text(self.brief, example.targets, self.wording)
            row = render(asked.messages, answer, earlier=self.earlier)
            if limit is not None and row.tokens > limit and self.how is not None:
                put = Put(example.query, asked, example.query.text)

                def rendered(text: str, put: Put = put, answer: str = answer) -> Row:
                    return render(put.holding(text).messages, answer, earlier=self.earlier)

                kept = pieces(put.text, self.how, limit, lambda text, made=rendered: made(text).tokens)  # type: ignore[misc]
                row = replace(rendered(kept[0].text), cut=True) if kept else row
            found.append(row)
        return found

    def fresh(self, module: torch.nn.Module, params: LoRA) -> torch.nn.Module:
        return adapters.fresh(module, params, "CAUSAL_LM")

    def scorer(self, model: torch.nn.Module, rows: Sequence[Row]) -> Scorer:
        shortest = sorted(rows, key=lambda row: row.tokens)[:2]
        may_pack = _full_attention(model, rows) and passes.agree(model, shortest)

        def score(batch: Sequence[Row]) -> Scored:
            pack = may_pack and passes.pays(batch)
            return passes.packed(model, batch) if pack else passes.padded(model, batch)

        return score

    def evaluate(self, adapter: Path, examples: Sequence[Example]) -> Evaluation:
        model = self.context.chat_model(self.name, tuned=str(adapter))
        prompted = Prompted(model, self.brief, self.wording)
        asked = prompted.complete([example.query for example in examples])
        return Evaluation([prompted.read(query, completion) for query, completion in asked], None)

    def fitted(self, adapter: Path) -> Fitted:
        return Prompted(self.context.chat_model(self.name, tuned=str(adapter)), self.brief, self.wording)


def _full_attention(model: torch.nn.Module, rows: Sequence[Row]) -> bool:
    """Whether every token of these rows sees all before it, which a mask of one's own takes for granted."""
    config = getattr(model, "config", None)
    window = getattr(config, "sliding_window", None) or getattr(config, "attention_chunk_size", None)
    return window is None or max(row.tokens for row in rows) <= window
