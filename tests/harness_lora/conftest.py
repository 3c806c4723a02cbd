"""Tiny models with random weights and a byte-level tokenizer: real architectures that train in seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import pytest

from harness import ChatModel, Classifier, Model, Opened, Trainable, Weights
from harness.models import Role
from harness_transformers.model import TransformersModel

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

SMOLLM2 = TransformersModel(weights="smollm2-135m-instruct", dtype="float32")
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def byte_tokenizer(template: str | None = TEMPLATE) -> PreTrainedTokenizerFast:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({char: i for i, char in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|im_end|>")
    fast.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    fast.chat_template = template
    return fast


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    return byte_tokenizer()


@pytest.fixture(scope="session")
def tiny_causal(tmp_path_factory: pytest.TempPathFactory, tokenizer: PreTrainedTokenizerFast) -> Path:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        initializer_range=0.2,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = LlamaForCausalLM(config)
    folder = tmp_path_factory.mktemp("tiny-causal")
    module.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def make_tokenizer() -> Callable[[str | None], PreTrainedTokenizerFast]:
    return byte_tokenizer


@pytest.fixture(scope="session")
def smollm2() -> Iterator[Opened]:
    with SMOLLM2.open() as model:
        yield model


@dataclass
class Breaking:
    """Weights whose lease breaks off as a kill would, once they were lent so often."""

    inner: Trainable
    leases: int
    chats: int

    @property
    def identity(self) -> str:
        return self.inner.identity

    @property
    def heads(self) -> frozenset[Literal["causal", "labels"]]:
        return self.inner.heads

    @property
    def window(self) -> int:
        return self.inner.window

    def lease(
        self, head: Literal["causal", "labels"], labels: Sequence[str] = ()
    ) -> AbstractContextManager[Weights]:
        self.leases -= 1
        if self.leases < 0:
            raise KeyboardInterrupt
        return self.inner.lease(head, labels)

    def chat(self, folder: Path) -> ChatModel:
        self.chats -= 1
        if self.chats < 0:
            raise KeyboardInterrupt
        return self.inner.chat(folder)

    def classifier(self, folder: Path) -> Classifier:
        return self.inner.classifier(folder)


class BreakingModel(Model):
    roles: ClassVar[frozenset[Role]] = frozenset({"chat", "trainable"})

    weights: str
    leases: int = 100  # lent so often, then it breaks
    chats: int = 100  # asked for what was tuned so often, then it breaks

    @contextmanager
    def open(self) -> Iterator[Opened]:
        with TransformersModel(weights=self.weights, dtype="float32").open() as model:
            assert model.trainable is not None
            yield replace(model, trainable=Breaking(model.trainable, self.leases, self.chats))


@pytest.fixture(scope="session")
def breaking() -> Callable[..., Model]:
    """A local model that breaks off after so many leases or chats, as a kill would."""
    return lambda weights, **limits: BreakingModel(weights=weights, **limits)
