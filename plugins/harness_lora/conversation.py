r"""A request and its answer as token ids: what the model is asked in training is what it will be asked later.

    prompt   <|im_start|>user\n … <|im_end|>\n<|im_start|>assistant\n
    answer   positive<|im_end|>

Rules that answering keeps too: the template's own generation prompt without thinking aloud, the answer cut into
tokens where it stands, and the token that ends a turn as its last. Without a template turns are lines, and an
empty line ends an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from harness import Message, ModelError
from harness_lora.earlier import places, said
from harness_lora.rows import Row

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_PLAIN_END = "\n\n"
_MARK = "ANSWER"
_TAIL = 8  # characters before an answer that its first token may depend on


class Conversation:
    """Renders for one tokenizer."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._tokenizer = tokenizer
        self._plain = not tokenizer.chat_template

    def row(self, messages: Sequence[Message], answer: str, *, earlier: bool = False) -> Row:
        """A training row; with `earlier` the assistant's turns among the messages are learnt too."""
        text = self._text(messages)
        prompt = self._ids(text, special=self._plain)
        if self._plain and prompt[-1:] == [self._tokenizer.eos_token_id]:
            prompt = prompt[:-1]
        before, whole = self._ids(text[-_TAIL:]), self._ids(text[-_TAIL:] + answer)
        joined = whole[: len(before)] == before
        ids = [*(whole[len(before) :] if joined else self._ids(answer)), *self._end]
        return Row(
            tuple(prompt), tuple(ids), len(prompt) + len(ids), self._earlier(messages, text) if earlier else ()
        )

    def _earlier(self, messages: Sequence[Message], text: str) -> tuple[int, ...]:
        end = _PLAIN_END if self._plain else self._tokenizer.decode(self._end)
        spans = list(said(messages, text, lambda some, ask: self._text(some, ask=ask), end))
        return places(self._tokenizer, text, spans, special=self._plain) if spans else ()

    @cached_property
    def _end(self) -> list[int]:
        if self._plain:
            return self._ids(_PLAIN_END)
        turns = [Message(role="user", content="?"), Message(role="assistant", content=_MARK)]
        try:
            after = self._text(turns, ask=False).rpartition(_MARK)[2]
        except ModelError:
            after = ""
        first = self._ids(after)[:1]
        eos = self._tokenizer.eos_token_id
        return first or ([] if eos is None else [int(eos)])

    def _text(self, messages: Sequence[Message], *, ask: bool = True) -> str:
        if self._plain:
            return "".join(m.content + ("\n" if m.role == "user" else _PLAIN_END) for m in messages)
        from jinja2 import TemplateError

        turns = [message.model_dump() for message in messages]
        ways = [turns]
        if [message.role for message in messages[:2]] == ["system", "user"]:
            # Some templates know no system message: it then opens the first user turn.
            opening = {"role": "user", "content": f"{messages[0].content}\n\n{messages[1].content}"}
            ways.append([opening, *turns[2:]])
        refused: Exception | None = None
        for way in ways:
            try:
                text: str = self._tokenizer.apply_chat_template(
                    way, add_generation_prompt=ask, tokenize=False, enable_thinking=False
                )
                return text
            except (TemplateError, TypeError, ValueError) as error:
                refused = refused or error
        raise ModelError(f"the model's chat template refuses the conversation: {refused}") from refused

    def _ids(self, text: str, *, special: bool = False) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=special, verbose=False)["input_ids"])
