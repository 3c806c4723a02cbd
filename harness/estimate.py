"""Tokens of a text whose tokenizer is not known, from above.

    word            a token for each 3 letters begun       positive -> 3
    digit, sign     a token each                           2026-11 -> 7
    other scripts   3 tokens for each 4 bytes of UTF-8     天气 -> 5
    space           none before a word, else one           it belongs to the word

Held against a small tokenizer of 49,152 entries (SmolLM2's) on 3,000 tweets it gives 1.4 times as many, and is
too low for 0.4 % of the texts alone and for none with what a prompt adds round them (a third of the bytes: 1.3
times, 7 % and 1 %). A larger vocabulary needs fewer. Long random strings (hashes, base64) need more than this.
"""

from __future__ import annotations

import re

_PIECES = re.compile(r"([A-Za-z]+)|([^\x00-\x7f]+)|( +)|.", re.DOTALL)
_LETTERS = 3  # to a token
_OTHER = 0.75  # tokens to a byte


def estimated_tokens(text: str) -> int:
    """Tokens of a text, without what marks a turn."""
    tokens = 0
    for piece in _PIECES.finditer(text):
        letters, other, spaces = piece.groups()
        if letters:
            tokens += -(-len(letters) // _LETTERS)
        elif other:
            tokens += -int(-len(other.encode("utf-8", errors="replace")) * _OTHER // 1)
        elif spaces:
            tokens += len(spaces) > 1
        else:
            tokens += 1
    return tokens
