"""From messages to token ids, and from a choice to the tokens that would answer with it.

    prompt    <|im_start|>user↵ … <|im_end|>↵<|im_start|>assistant↵
    choice    positive                 and <|im_end|> behind it, where another choice begins with it

A model without a chat template is shown plain text: turns on lines of their own, and an empty line ends an
answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from harness import Message

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

PLAIN_END = "\n\n"
_MARK = "ANSWER"
_KEPT = 4096  # sets of choices as tokens; some questions have choices of their own


class CannotRender(Exception):
    """The model's template refuses this conversation."""


@dataclass(frozen=True)
class Rendered:
    """A prompt that ends where the answer begins.

    Attributes:
        ids: Its tokens.
        tail: Its last characters, which the answer's first token may depend on.
    """

    ids: list[int]
    tail: str


class Renderer:
    """Renders for one tokenizer.

    Args:
        tokenizer: The model's; its chat template, where it has one, is the only one used.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.tokenizer = tokenizer
        self.plain = not tokenizer.chat_template
        self._answers: dict[tuple[str, tuple[str, ...]], tuple[tuple[int, ...], ...]] = {}

    def prompt(self, messages: Sequence[Message]) -> Rendered:
        """The prompt up to where the answer begins.

        Raises:
            CannotRender: Where the template refuses the conversation.
        """
        text = self._plain_text(messages) if self.plain else self._template(messages)
        ids = self.tokenizer(text, add_special_tokens=self.plain, verbose=False)["input_ids"]
        if self.plain and ids and ids[-1] == self.tokenizer.eos_token_id:
            ids = ids[:-1]
        return Rendered(list(ids), text[-1:] if self.plain else text[-8:])

    def answers(self, tail: str, choices: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
        """Tokens of each choice, as the tokenizer cuts it right behind the prompt.

        Where one choice begins another, all have their end with them: without it the longer could never be the
        likelier one. Where none does, what comes behind a choice decides nothing, and is not computed.
        """
        key = (tail, choices)
        if key not in self._answers:
            if len(self._answers) >= _KEPT:
                self._answers.clear()
            bare = [tuple(self._behind(tail, choice)) for choice in choices]
            ordered = sorted(bare)
            end = tuple(self.end) if any(b[: len(a)] == a for a, b in pairwise(ordered)) else ()
            self._answers[key] = tuple(tokens + end for tokens in bare)
        return self._answers[key]

    def _behind(self, tail: str, choice: str) -> list[int]:
        before, whole = self.bare(tail), self.bare(tail + choice)
        return whole[len(before) :] if whole[: len(before)] == before else self.bare(choice)

    @cached_property
    def end(self) -> list[int]:
        """What the model says when its answer is over."""
        if self.plain:
            return self.bare(PLAIN_END)
        turn = [Message(role="user", content="?"), Message(role="assistant", content=_MARK)]
        try:
            after = self._template(turn, ask=False).rpartition(_MARK)[2]
        except CannotRender:
            after = ""
        first = self.bare(after)[:1]
        if not first and self.tokenizer.eos_token_id is not None:
            first = [int(self.tokenizer.eos_token_id)]
        return first

    def text(self, ids: Sequence[int]) -> str:
        """What was answered, without special tokens."""
        text: str = self.tokenizer.decode(list(ids), skip_special_tokens=True)
        return text.partition(PLAIN_END)[0] if self.plain else text

    def bare(self, text: str) -> list[int]:
        """Tokens of a text, without any around it."""
        return list(self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def _template(self, messages: Sequence[Message], *, ask: bool = True) -> str:
        from jinja2 import TemplateError

        turns = [message.model_dump() for message in messages]
        try:
            return self._apply(turns, ask)
        except (TemplateError, TypeError, ValueError) as error:
            # Some templates know no system message: it then opens the first user turn.
            if len(turns) > 1 and turns[0]["role"] == "system" and turns[1]["role"] == "user":
                opening = {"role": "user", "content": f"{turns[0]['content']}\n\n{turns[1]['content']}"}
                try:
                    return self._apply([opening, *turns[2:]], ask)
                except (TemplateError, TypeError, ValueError):
                    pass
            raise CannotRender(f"the model's chat template refuses the conversation: {error}") from error

    def _apply(self, turns: list[dict[str, str]], ask: bool) -> str:
        # Models that may think aloud first are asked for the answer alone; other templates ignore it.
        text: str = self.tokenizer.apply_chat_template(
            turns, add_generation_prompt=ask, tokenize=False, enable_thinking=False
        )
        return text

    @staticmethod
    def _plain_text(messages: Sequence[Message]) -> str:
        return "".join(m.content + ("\n" if m.role == "user" else PLAIN_END) for m in messages)
