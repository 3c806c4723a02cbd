"""The model as transformers alone runs it: the measure of right answers, and a peer.

plain = Plain.load(folder, "float32")
plain.logprobs(request)          # {"positive": -1.83, "negative": -2.91}, one forward pass a choice
plain.choose(requests)           # batches of 16, padded on the left, in their order
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from harness import Request
from harness_transformers.quiet import quiet

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

BATCH = 16
END = "<|im_end|>"  # what this model says when its answer is over


class Said(NamedTuple):
    """What a batched run gave: seconds, and the answer to each request."""

    seconds: float
    answers: list[str]


@dataclass(frozen=True)
class Plain:
    """A causal model and its tokenizer, loaded by transformers from a folder."""

    module: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase

    @classmethod
    def load(cls, folder: Path, dtype: torch.dtype, device: torch.device) -> Plain:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        with quiet():
            module = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).to(device).eval()
            return cls(module, AutoTokenizer.from_pretrained(folder, padding_side="left"))

    def prompt(self, request: Request) -> str:
        """The prompt as text, up to where the answer begins."""
        turns = [message.model_dump() for message in request.messages]
        text: str = self.tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
        return text

    def ids(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def end(self, request: Request) -> str:
        """What choices are scored with: their end where one begins another, else nothing."""
        return END if any(b.startswith(a) for a, b in pairwise(sorted(request.choices))) else ""

    def logprobs(self, request: Request) -> dict[str, float]:
        """Natural-log likelihood of each choice: one text, one choice, no cache, no batch.

        To their end, where one of them begins another.
        """
        import torch

        prompt = self.prompt(request)
        before = len(self.ids(prompt))
        end = self.end(request)
        found = {}
        for choice in request.choices:
            ids = torch.tensor([self.ids(prompt + choice + end)], device=self.module.device)
            answer = ids[0, before:]
            with torch.inference_mode():
                logits = self.module(input_ids=ids, use_cache=False, logits_to_keep=len(answer) + 1).logits[0]
            rows = logits[:-1].float().log_softmax(-1)
            found[choice] = float(rows.gather(1, answer[:, None]).sum())
        return found

    def choose(self, requests: Sequence[Request]) -> Said:
        """The likeliest choice of one token each, by the logits behind each prompt alone."""
        import torch

        began = time.perf_counter()
        chosen: list[str] = []
        for start in range(0, len(requests), BATCH):
            some = requests[start : start + BATCH]
            firsts = [self.ids("\n" + choice)[1:] for choice in some[0].choices]
            with torch.inference_mode():
                logits = self.module(**self._batch(some), use_cache=False, logits_to_keep=1).logits[:, -1]
            best = logits[:, [first[0] for first in firsts]].argmax(-1).tolist()
            chosen += [some[0].choices[i] for i in best]
        return Said(time.perf_counter() - began, chosen)

    def generate(self, requests: Sequence[Request]) -> Said:
        """The likeliest answer, token by token, by transformers' own `generate`."""
        import torch

        began = time.perf_counter()
        said: list[str] = []
        for start in range(0, len(requests), BATCH):
            some = requests[start : start + BATCH]
            batch = self._batch(some)
            with torch.inference_mode():
                ids = self.module.generate(
                    **batch,
                    do_sample=False,
                    max_new_tokens=max(request.max_tokens for request in some),
                    eos_token_id=self.tokenizer.convert_tokens_to_ids(END),
                    pad_token_id=self.tokenizer.pad_token_id,
                )
            answers = ids[:, batch["input_ids"].shape[1] :]
            said += self.tokenizer.batch_decode(answers, skip_special_tokens=True)
        return Said(time.perf_counter() - began, said)

    def _batch(self, requests: Sequence[Request]) -> dict[str, torch.Tensor]:
        prompts = [self.prompt(request) for request in requests]
        batch = self.tokenizer(prompts, add_special_tokens=False, padding=True, return_tensors="pt")
        device = self.module.device
        return {"input_ids": batch["input_ids"].to(device), "attention_mask": batch["attention_mask"].to(device)}
