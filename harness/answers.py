r"""What a model's text says: which label, which labels, which JSON object. Pure.

"Positive."                              -> positive
"It is a refund status question."        -> refund status      (not `refund`, which stands inside it)
'Sure: ["billing", "refund"]'            -> billing, refund
"```json\n{...}\n```"                    -> {...}
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # an export takes this file along, without the harness
    from harness.records import Brief


def normalised(text: str) -> str:
    """A text as it is compared: Unicode form, case and white space do not count.

    >>> normalised("Great  Flight!") == normalised("great flight!")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def find_label(text: str, labels: Sequence[str]) -> str | None:
    """The one label that a text names: the text itself, else the only one that stands in it as a word.

    Where one label stands inside another (`refund` in `refund status`), the longer one wins.
    """
    found = named(text, {label: label for label in labels})
    return found.pop() if len(found) == 1 else None


def named(text: str, names: Mapping[str, str]) -> set[str]:
    """The labels that a text names; of a text that is itself a name, that label alone.

    Args:
        text: What was answered.
        names: Each name, such as an alias, to the label that it stands for.
    """
    if text in names:
        return {names[text]}
    exact = {label for name, label in names.items() if _plain(name) == _plain(text)}
    return exact or {names[name] for name in _standing(text, list(names))}


def find_labels(text: str, labels: Sequence[str]) -> list[str] | None:
    """The labels that a text names, as a JSON list or as words; None where it names none and says so nowhere."""
    return find_all_named(text, {label: label for label in labels})


def find_all_named(text: str, names: Mapping[str, str]) -> list[str] | None:
    """As `find_labels`, where a label may have several names; each label once.

    Args:
        text: What was answered.
        names: Each name to the label that it stands for.
    """
    match = re.search(r"\[.*?\]", text, flags=re.DOTALL)
    if match:
        try:
            listed = json.loads(match.group())
        except ValueError:
            listed = None
        if isinstance(listed, list):
            known = {_plain(name): label for name, label in names.items()}
            those = [known[_plain(str(item))] for item in listed if _plain(str(item)) in known]
            return list(dict.fromkeys(those)) if those or not listed else None
    if _plain(text) in ("none", "no label", "nothing"):
        return []
    return list(dict.fromkeys(names[name] for name in _standing(text, list(names)))) or None


def alias_names(brief: Brief) -> dict[str, str]:
    """Each alias to its label."""
    return {alias: label for label, names in brief.aliases.items() for alias in names}


def own_names(brief: Brief) -> dict[str, str]:
    """Each label and each alias to the label."""
    return alias_names(brief) | {label: label for label in brief.labels}


def may_go_on(text: str, names: Sequence[str]) -> bool:
    """Whether a text that was cut short ends in a name that begins a longer one: which was meant is not known.

    >>> may_go_on("card payment fail", ["card payment", "card payment failed"])
    True
    """
    said = normalised(text)
    known = [normalised(name) for name in names]
    for longer in known:
        begun = [len(name) for name in known if longer.startswith(name + " ")]
        if begun and any(said.endswith(longer[:size]) for size in range(min(begun), len(longer))):
            return True
    return False


def find_object(text: str) -> str | None:
    """The first JSON object in a text, as JSON in one line; None where there is none.

    Of an object that breaks off at the text's end nothing is taken: what stands inside it is no answer.
    """
    decoder = json.JSONDecoder(parse_constant=_no_number)
    for start in (match.start() for match in re.finditer(r"\{", text)):
        try:
            found, _ = decoder.raw_decode(text, start)
            line = json.dumps(found, ensure_ascii=False, allow_nan=False)
        except json.JSONDecodeError as error:
            rest = text[error.pos :].strip()
            if error.msg.startswith("Unterminated") or any(word.startswith(rest) for word in _LITERALS):
                return None
            continue
        except ValueError:  # NaN, Infinity, or a number too long to be read
            continue
        except RecursionError:
            return None
        # Half a surrogate pair could not be written to disk.
        return line if _encodes(line) else json.dumps(found)
    return None


_LITERALS = ("true", "false", "null")  # any of them begins with the empty rest


def whole_object(texts: Sequence[str]) -> str:
    """One JSON object of those that several texts hold: the answer to a text that was asked in parts.

    Of each field the first value that is not null or blank counts, in objects inside too; lists are joined.

    >>> whole_object(['{"name": "", "tags": ["a"]}', '{"name": "Ann", "tags": ["a", "b"]}'])
    '{"name": "Ann", "tags": ["a", "b"]}'
    """
    whole: dict[str, object] = {}
    for text in texts:
        whole = _filled(whole, json.loads(find_object(text) or "{}"))
    return json.dumps(whole, ensure_ascii=False)


def _filled(known: Mapping[str, object], more: Mapping[str, object]) -> dict[str, object]:
    whole = dict(known)
    for name, value in more.items():
        has = whole.get(name)
        if has is None or (isinstance(has, str) and not has.strip()):
            whole[name] = value if value is not None else has
        elif isinstance(has, list) and isinstance(value, list):
            whole[name] = [*has, *(item for item in value if item not in has)]
        elif isinstance(has, dict) and isinstance(value, dict):
            whole[name] = _filled(has, value)
    return whole


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number that JSON has")


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _standing(text: str, labels: Sequence[str]) -> list[str]:
    """Names that stand in the text as whole words, longest first claim on their place."""
    left = " ".join(unicodedata.normalize("NFKC", text).split())
    found: set[str] = set()
    for label in sorted(labels, key=len, reverse=True):
        # A letter counts only in its own case: `a` is an article, `A` an answer.
        flags = re.IGNORECASE if len(label) > 1 else re.NOFLAG
        words = " ".join(unicodedata.normalize("NFKC", label).split())
        left, count = re.subn(rf"(?<!\w){re.escape(words)}(?!\w)", "\0", left, flags=flags)
        if count:
            found.add(label)
    return [label for label in labels if label in found]


def _plain(text: str) -> str:
    return normalised(text).strip(" .,;:!?\"'`*()")
