"""The likelihood of an answer in training is the one that the engine which answers gives it.

Both render conversations by themselves; this is what holds them to the same tokens.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from harness import Brief, Completion, Message, Opened, Query, Wording
from harness.prompts import request
from harness_lora import passes
from harness_lora.conversation import Conversation
from harness_transformers.model import TransformersModel

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

BRIEF = Brief(
    name="t",
    instructions="Is it good or bad?",
    kind="label",
    labels={"good": "", "good enough": "", "bad": ""},
)
NO_SYSTEM = (
    "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "<|im_start|>{{ m['content'] }}<|im_end|>{% endfor %}"
)


def assert_same(model: Opened) -> None:
    assert model.chat is not None
    assert model.trainable is not None
    wording = Wording(system="Be brief.")
    asked = [request(BRIEF, Query(id=t, text=t), wording=wording) for t in ("lovely", "the view was rude")]
    turns = (Message(role="assistant", content="How was it?"), Message(role="user", content="Well."))
    asked.append(request(BRIEF, Query(id="d", text="rude", history=turns), wording=wording))
    with model.trainable.lease("causal") as weights:
        render = Conversation(weights.tokenizer).row
        for answered in model.chat.complete(asked):
            assert isinstance(answered.completion, Completion)
            assert answered.completion.logprobs is not None
            assert answered.completion.choice_tokens is not None
            rows = [render(asked[answered.index].messages, label) for label in BRIEF.labels]
            with torch.no_grad():
                scored = passes.padded(weights.module, rows)
            nll = torch.nn.functional.cross_entropy(scored.logits, scored.targets, reduction="none")
            sums = torch.zeros(len(rows), device=nll.device).index_add(0, scored.rows, nll).tolist()
            assert dict(zip(BRIEF.labels, sums, strict=True)) == pytest.approx(
                {label: -value for label, value in answered.completion.logprobs.items()}, rel=1e-3
            )
            assert [answered.completion.choice_tokens[label] for label in BRIEF.labels] == [
                len(row.answer) for row in rows
            ]


@pytest.mark.parametrize("template", ["own", None, NO_SYSTEM])
def test_a_tiny_model_is_trained_on_what_it_is_asked(
    template: str | None,
    tiny_causal: Path,
    make_tokenizer: Callable[[str | None], PreTrainedTokenizerFast],
    tmp_path: Path,
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_causal, folder)
    if template != "own":
        (folder / "chat_template.jinja").unlink()
        make_tokenizer(template).save_pretrained(folder)
    with TransformersModel(weights=str(folder), dtype="float32").open() as model:
        assert_same(model)


@pytest.mark.models
def test_smollm2_is_trained_on_what_it_is_asked(smollm2: Opened) -> None:
    assert_same(smollm2)
