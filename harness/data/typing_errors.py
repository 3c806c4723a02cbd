"""Typing errors as people make them, by a random generator alone. Pure.

the staff was friendly and helpful
the satff was friendly and helpfull      two letters turned round, one struck twice
"""

from __future__ import annotations

import re
from random import Random

SHORTEST = 3  # letters; a shorter word with an error in it is often another word
_WORD = re.compile(r"\S+")
_LETTERS = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"://|^www\.|@|\w\.\w", re.IGNORECASE)


def is_kept(word: str) -> bool:
    """Whether a run between white space is a name or an address, in which each character counts.

    >>> [word for word in "see https://x.org or ask @sam #now, ok?".split() if is_kept(word)]
    ['https://x.org', '@sam', '#now,']
    """
    return word.lstrip("(\"'").startswith(("@", "#")) or _ADDRESS.search(word) is not None


def typos(text: str, random: Random) -> str:
    """A text with one or two typing errors, each in a word of its own.

    An error turns two neighbouring letters round, leaves one out or strikes one twice; a word's first letter
    stays. Words with a digit, addresses, @names and #tags are left alone, as are words of less than three
    letters. A text without any other word comes back as it is.
    """
    places = [
        (word.start() + letters.start(), word.start() + letters.end())
        for word in _WORD.finditer(text)
        if not is_kept(word.group()) and not any(c.isdigit() for c in word.group())
        for letters in _LETTERS.finditer(word.group())
        if letters.end() - letters.start() >= SHORTEST
    ]
    chosen = random.sample(places, min(len(places), random.randint(1, 2)))
    for start, end in sorted(chosen, reverse=True):
        text = text[:start] + _mistyped(text[start:end], random) + text[end:]
    return text


def _mistyped(word: str, random: Random) -> str:
    turnable = [i for i in range(1, len(word) - 1) if word[i] != word[i + 1]]
    edit = random.choice(["turn", "drop", "double"] if turnable else ["drop", "double"])
    i = random.choice(turnable) if edit == "turn" else random.randrange(1, len(word))
    if edit == "turn":
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    return word[:i] + word[i + 1 :] if edit == "drop" else word[: i + 1] + word[i:]
