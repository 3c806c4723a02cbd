from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pytest

from harness import Message, Opened
from harness_lora.conversation import Conversation

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

ASKED = [Message(role="user", content="good or bad?\n\nlovely")]


def test_the_prompt_ends_where_the_answer_begins(tokenizer: PreTrainedTokenizerFast) -> None:
    row = Conversation(tokenizer).row(ASKED, "good")
    shown = "<|im_start|>user\ngood or bad?\n\nlovely<|im_end|>\n<|im_start|>assistant\n"
    assert shown == tokenizer.decode(list(row.prompt))
    assert "good<|im_end|>" == tokenizer.decode(list(row.answer))
    assert len(row.prompt) + len(row.answer) == row.tokens


def test_a_template_without_system_messages_gets_it_in_the_first_turn(
    make_tokenizer: Callable[[str | None], PreTrainedTokenizerFast],
) -> None:
    refuses = make_tokenizer(
        "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
        "[{{ m['content'] }}]{% endfor %}"
    )
    row = Conversation(refuses).row([Message(role="system", content="Be brief."), *ASKED], "good")
    assert "[Be brief.\n\ngood or bad?\n\nlovely]" == refuses.decode(list(row.prompt))
    assert "good]" == refuses.decode(list(row.answer))


def test_without_a_template_an_empty_line_ends_an_answer(
    make_tokenizer: Callable[[str | None], PreTrainedTokenizerFast],
) -> None:
    plain = make_tokenizer(None)
    turns: Sequence[Message] = [*ASKED, Message(role="assistant", content="good"), ASKED[0]]
    row = Conversation(plain).row(turns, "bad")
    assert "good or bad?\n\nlovely\ngood\n\ngood or bad?\n\nlovely\n" == plain.decode(list(row.prompt))
    assert "bad\n\n" == plain.decode(list(row.answer))


@pytest.mark.models
def test_smollm2_is_taught_its_answer_and_the_end_of_its_turn_alone(smollm2: Opened) -> None:
    assert smollm2.trainable is not None
    with smollm2.trainable.lease("causal") as weights:
        row = Conversation(weights.tokenizer).row(ASKED, "good")
        assert "good<|im_end|>" == weights.tokenizer.decode(list(row.answer))
        assert weights.tokenizer.decode(list(row.prompt)).endswith("lovely<|im_end|>\n<|im_start|>assistant\n")
