"""Small random models of other architectures: positions, masks and windows are not all taken alike."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import ChatModel, Completion, Failed, Message, ModelError, Opened, Request
from harness_transformers.engine.chat import LocalChat, Served
from harness_transformers.loading import Loaded
from harness_transformers.model import TransformersModel

if TYPE_CHECKING:
    from transformers import PreTrainedModel

pytestmark = pytest.mark.models
Ask = Callable[[ChatModel, Sequence[Request]], list[Completion]]
Forward = Callable[["PreTrainedModel", Sequence[int], Sequence[int]], float]

SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 49152}
WIDE = {**SMALL, "intermediate_size": 64, "num_key_value_heads": 2, "max_position_embeddings": 512}
CONFIGS: dict[str, Mapping[str, float]] = {
    "gpt2": {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 512, "vocab_size": 49152},
    "qwen2": WIDE,
    "mistral": {**WIDE, "sliding_window": 24},  # shorter than some of the prompts
    "gemma2": {**WIDE, "head_dim": 8, "sliding_window": 24, "final_logit_softcapping": 5.0},
    "bloom": {"hidden_size": 32, "n_layer": 2, "n_head": 4, "vocab_size": 49152},  # positions by ALiBi
}


def saved(kind: str, bare: Loaded, folder: Path) -> Path:
    """A random model with the packaged tokenizer, without its chat template."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(0)
    config = AutoConfig.for_model(kind, **CONFIGS[kind])
    module = AutoModelForCausalLM.from_config(config)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, std=0.3)  # sharp enough for positions to matter
    module.save_pretrained(folder)
    bare.tokenizer.save_pretrained(folder)
    (folder / "chat_template.jinja").unlink()
    return folder


@pytest.fixture(params=sorted(CONFIGS))
def other(request: pytest.FixtureRequest, bare: Loaded, tmp_path: Path) -> Iterator[Opened]:
    place = saved(request.param, bare, tmp_path)
    with TransformersModel(weights=str(place), dtype="float32", device="cpu").open() as opened:
        yield opened


def test_likelihoods_and_answers_are_those_of_a_plain_forward_pass(
    other: Opened, bare: Loaded, ask: Ask, forward: Forward
) -> None:
    import torch

    assert other.chat is not None
    assert other.trainable is not None
    texts = ["what a day", "what a day it was, and how long", "what a day " + "and so on " * 12]
    messages = [Message(role="user", content=text) for text in texts]
    choices = ("yes", "yes of course", "no")
    closed = [Request(messages=(message,), choices=choices) for message in messages]
    opened = [Request(messages=(message,), max_tokens=3) for message in messages]
    with other.trainable.lease("causal") as weights:
        found = ask(other.chat, [*closed, *opened])
        for text, scored, said in zip(texts, found[:3], found[3:], strict=True):
            prompt = bare.tokenizer(text + "\n")["input_ids"]
            answers = {c: bare.tokenizer(c + "\n\n")["input_ids"] for c in choices}
            right = {c: forward(weights.module, prompt, answer) for c, answer in answers.items()}
            assert right == pytest.approx(scored.logprobs, abs=1e-3)
            ids = list(prompt)
            for _ in range(said.usage.output_tokens):
                with torch.inference_mode():
                    ids.append(int(weights.module(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
            assert bare.tokenizer.decode(ids[len(prompt) :], skip_special_tokens=True) == said.text


def test_a_batch_that_does_not_fit_in_memory_is_halved(bare: Loaded, tmp_path: Path, ask: Ask) -> None:
    import torch
    from transformers import Qwen2ForCausalLM

    class Cramped(Qwen2ForCausalLM):  # type: ignore[misc]
        def forward(self, input_ids: torch.Tensor, **kwargs: object) -> object:
            if input_ids.numel() > 60:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return super().forward(input_ids, **kwargs)

    place = saved("qwen2", bare, tmp_path)
    bare_tokenizer = copy.copy(bare.tokenizer)
    bare_tokenizer.chat_template = None
    served = Served("cramped", "this", 512, 2048)
    roomy = LocalChat(Qwen2ForCausalLM.from_pretrained(place).eval(), bare_tokenizer, served)
    cramped = LocalChat(Cramped.from_pretrained(place).eval(), bare_tokenizer, served)
    texts = ["one two three " * n for n in (1, 2, 3, 4, 50)]
    requests = [Request(messages=(Message(role="user", content=t),), choices=("yes", "no")) for t in texts]

    found = {a.index: a.completion for a in cramped.complete(requests)}

    failed = found.pop(4)
    assert isinstance(failed, Failed)
    assert "out-of-memory" == failed.kind
    for i, right in enumerate(ask(roomy, requests)[:4]):
        answer = found[i]
        assert isinstance(answer, Completion)
        assert right.logprobs == pytest.approx(answer.logprobs, abs=1e-4)


def test_a_template_that_knows_no_system_message_gets_it_in_the_first_user_turn(
    bare: Loaded, tmp_path: Path, ask: Ask
) -> None:
    place = saved("qwen2", bare, tmp_path)
    (place / "chat_template.jinja").write_text(
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
        "[{{ m.role }}] {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}[assistant] {% endif %}"
    )
    system, user = Message(role="system", content="Be kind."), Message(role="user", content="hello")
    folded = Message(role="user", content="Be kind.\n\nhello")
    with TransformersModel(weights=str(place), dtype="float32", device="cpu").open() as opened:
        assert opened.chat is not None
        requests = [Request(messages=m, choices=("yes", "no")) for m in ((system, user), (folded,))]
        first, second = ask(opened.chat, requests)
        failures = list(opened.chat.complete([Request(messages=(user, system), choices=("yes", "no"))]))

    assert first.logprobs == pytest.approx(second.logprobs, abs=1e-5)
    assert "template" == getattr(failures[0].completion, "kind", None)


def test_weights_that_are_no_model_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "broken.gguf").write_bytes(b"not a model")
    (tmp_path / "pickled").mkdir()
    (tmp_path / "pickled" / "config.json").write_text('{"model_type": "llama"}')
    (tmp_path / "pickled" / "pytest_model.bin").write_bytes(b"")
    (tmp_path / "empty").mkdir()

    for name, says in (
        ("broken.gguf", "cannot be loaded"),
        ("pickled", r"holds no \*\.safetensors"),
        ("empty", r"holds no config\.json"),
    ):
        with pytest.raises(ModelError, match=says), TransformersModel(weights=str(tmp_path / name)).open():
            pass
