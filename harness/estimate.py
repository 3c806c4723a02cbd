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

# Of ASCII, a match a token: to count takes a third of the time of weighing each match.
_ASCII = re.compile(r"[A-Za-z]{1,3}| {2,}|[^A-Za-z \u0080-\U0010ffff]")
_OTHER = re.compile(r"[^\x00-\x7f]+")
_TOKENS_A_BYTE = 0.75


def estimated_tokens(text: str) -> int:
    """Tokens of a text, without what marks a turn."""
    tokens = len(_ASCII.findall(text))
    for other in () if text.isascii() else _OTHER.findall(text):
        tokens += -int(-len(other.encode("utf-8", errors="replace")) * _TOKENS_A_BYTE // 1)
    return tokens
