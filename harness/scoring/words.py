"""What two texts are compared by once case, punctuation and articles are set aside.

    >>> normalised("The  Eiffel Tower!")
    'eiffel tower'
    >>> words("Ein Café, 東京")
    ['ein', 'café', '東', '京']
    >>> last_number("24 - 6 = 18, so $1,018.50.")
    1018.5

Nothing here knows of targets or scores.
"""

from __future__ import annotations

import math
import re
import string
import unicodedata
from collections import Counter

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_WORD = re.compile(r"[a-z0-9]+")
# Written without spaces between words, so each character stands as a word of its own.
_CJK = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_NUMBER = re.compile(
    r"(?:(?<![\w)])(?P<sign>[-\u2212+]))?"  # in `10-5` it is no sign
    r"[$\u20ac\xa3\xa5]?(?<![A-Za-z0-9_])"  # in `H2O` it is no number
    r"(?P<digits>(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?P<power>[eE][-+]?\d+)?"
)


def normalised(text: str) -> str:
    """Lower case, without punctuation, the articles a, an, the, and needless white space.

    Source: Rajpurkar et al., 2016, "SQuAD: 100,000+ questions for machine comprehension of text". Beyond it,
    Unicode's compatible forms and punctuation are made one too, and a text of nothing else (the answer
    `A` of a quiz) keeps what it has.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isascii():
        bare = folded.translate(_NO_PUNCTUATION)
    else:
        bare = "".join(c for c in folded if not _is_punctuation(c))
    return " ".join(_ARTICLES.sub(" ", bare).split()) or " ".join(folded.split())


def words(text: str) -> list[str]:
    """Lower-case words of letters and digits, in any script; those of CJK one character each.

    For ASCII the same as rouge_score's default without stemming, which drops all other letters.
    """
    lower = text.lower()
    if lower.isascii():
        return _WORD.findall(lower)
    # Category M: vowel signs and accents, which belong to the letter before them
    kept = "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in lower)
    return _CJK.sub(r" \1 ", kept).split()


def token_f1(target: str, answer: str) -> float:
    """F1 of the words that two texts share, as often as both have them; SQuAD's.

    Source: Rajpurkar et al., 2016. Where one text has no words, 1 if the other has none either.
    """
    wanted, given = (_CJK.sub(r" \1 ", normalised(text)).split() for text in (target, answer))
    if not wanted or not given:
        return float(wanted == given)
    shared = (Counter(wanted) & Counter(given)).total()
    return 2 * shared / (len(wanted) + len(given))


def last_number(text: str) -> float | None:
    """The last number in a text, or None: what a worked answer ends with.

    A comma may group thousands and a point begins decimals; a currency's sign may precede it. Per cent and
    units are passed over.
    """
    numbers = list(_NUMBER.finditer(text))
    if not numbers:
        return None
    found = numbers[-1]
    value = float(found["digits"].replace(",", "") + (found["power"] or ""))
    if math.isinf(value):
        return None
    return -value if found["sign"] in ("-", "\u2212") else value


def _is_punctuation(character: str) -> bool:
    return character in string.punctuation or unicodedata.category(character)[0] == "P"
