r"""Where the assistant's earlier turns stand in a prompt, as places of tokens that a loss can be on.

<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nhello<|im_end|>\n<|im_start|>user\n …
                                                       ^^^^^^^^^^^^^^^ these

What a template writes round a turn, the system's words and the user's are never among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness import Message, ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Render = Callable[
    [Sequence[Message], bool], str
]  # messages, and whether the assistant's turn is begun behind them


class Span(NamedTuple):
    """Characters of a text, from the first to behind the last."""

    start: int
    stop: int


def said(messages: Sequence[Message], text: str, render: Render, end: str) -> Iterator[Span]:
    """Where each assistant turn stands in the rendered conversation, with the end of the turn.

    A turn that the template writes in other words, or not where the turns before it end, is left out.

    Args:
        messages: The conversation.
        text: It rendered, as the model reads it.
        render: Renders a beginning of it.
        end: What the template writes behind an answer.
    """
    for number, message in enumerate(messages):
        content = message.content.strip()
        if message.role != "assistant" or not content:
            continue
        begun = _begun(messages[:number], text, render)
        start = -1 if begun is None else text.find(content, begun)
        if start >= 0:
            stop = start + len(content)
            yield Span(start, stop + len(end) if text.startswith(end, stop) else stop)


def _begun(before: Sequence[Message], text: str, render: Render) -> int | None:
    """Where the assistant's turn behind these messages begins; None where the text does not begin so."""
    for ask in (True, False):
        try:
            beginning = render(before, ask)
        except ModelError:
            continue
        if text.startswith(beginning):
            return len(beginning)
    return None


def places(
    tokenizer: PreTrainedTokenizerBase, text: str, spans: Sequence[Span], *, special: bool
) -> tuple[int, ...]:
    """Which tokens of a text lie within the spans; the first token of all is never learnt, since none precedes it.

    Args:
        tokenizer: Cuts the text.
        text: As the model reads it.
        spans: In the order of the text.
        special: Whether the tokenizer adds tokens round the text.

    Raises:
        ModelError: The tokenizer cannot say where its tokens stand.
    """
    try:
        given = tokenizer(text, add_special_tokens=special, return_offsets_mapping=True, verbose=False)
    except NotImplementedError as error:
        raise ModelError(
            "the model's tokenizer does not say where its tokens stand, so that the assistant's earlier turns "
            "cannot be learnt: set `loss: answer`"
        ) from error
    offsets = given["offset_mapping"]
    within = (
        any(span.start <= start < stop <= span.stop for span in spans) and place > 0
        for place, (start, stop) in enumerate(offsets)
    )
    return tuple(place for place, learnt in enumerate(within) if learnt)
