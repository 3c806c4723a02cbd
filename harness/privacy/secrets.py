"""Keys that must be seen nowhere: registered when they are read; what is written or shown is looked through.

keep("sk-ab/12…")        registered; also as JSON, in a URL, in HTML, in base64 and as hexadecimal digits
hide('{"said": "no sk-ab/12…"}')      {"said": "no [key]"}

Journals, steps, records, the cache, reports, logs and the command line's errors pass through `hide`. A key is
plain text in memory all the same: this guards what the harness writes and shows, not the process.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from threading import Lock
from typing import NoReturn
from urllib.parse import quote, quote_plus

HIDDEN = "[key]"
_LONGEST_MESSAGE = 300  # characters
# What a server on this machine is given in place of a key (`EMPTY`, `not-needed`) may be any word of a text.
_SHORTEST, _SURELY = 8, 20


class Secret:
    """A key; text goes through `hide` before anybody sees it. It shows itself to nobody but `reveal`."""

    __slots__ = ("_forms", "_key")

    def __init__(self, key: str) -> None:
        self._key = key
        self._forms = forms(key)

    def __bool__(self) -> bool:
        return bool(self._key)

    def reveal(self) -> str:
        """The key itself, for the request alone."""
        return self._key

    def hide(self, text: str) -> str:
        """The text without this key and every other that is known."""
        return hide(_without(text, self._forms))

    def short(self, text: str) -> str:
        """One line of it: hidden first and cut then, so that no piece of a key is left at the end."""
        line = " ".join(self.hide(text).split())
        # Half a surrogate pair, which JSON can hold, could not be written to disk.
        line = line.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")
        return line if len(line) <= _LONGEST_MESSAGE else line[:_LONGEST_MESSAGE] + "…"

    def __repr__(self) -> str:
        return "Secret()"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled or copied: it would carry the key along")


class Secrets:
    """All keys that this process read."""

    def __init__(self) -> None:
        self._forms: tuple[str, ...] = ()
        self._lock = Lock()

    def add(self, key: str) -> None:
        if not is_telling(key):
            return
        with self._lock:
            self._forms = tuple(sorted({*self._forms, *forms(key)}, key=len, reverse=True))

    def hide(self, text: str) -> str:
        return _without(text, self._forms)


_ALL = Secrets()


def keep(key: str) -> Secret:
    """Registers a key for the rest of the process, before anything is done with it."""
    from harness.privacy.logs import hide_in_logs

    _ALL.add(key)
    hide_in_logs()
    return Secret(key)


def hide(text: str) -> str:
    """The text with every known key, in any of its forms, as ``[key]``."""
    return _ALL.hide(text)


def is_telling(key: str) -> bool:
    """Whether a key may be looked for everywhere; one that is a common word would blot out innocent text."""
    mixed = any(c.isdigit() for c in key) and any(c.isalpha() for c in key)
    return len(key) >= _SURELY or (len(key) >= _SHORTEST and mixed)


def forms(key: str) -> tuple[str, ...]:
    """What a key looks like, as it is and encoded; longest first."""
    if not key:
        return ()
    found = {key}
    for _ in range(2):  # JSON in JSON, a repr in JSON, JSON in a page
        found |= {encoded(form) for form in found for encoded in _ENCODINGS}
    if len(key) >= _SHORTEST:
        raw = key.encode()
        found |= {raw.hex(), raw.hex().upper(), *_base64(raw)}
    return tuple(sorted(found, key=len, reverse=True))


_ENCODINGS: tuple[Callable[[str], str], ...] = (
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    lambda text: repr(text)[1:-1],
    html.escape,
    lambda text: html.escape(text).replace("+", "&#43;").replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
    quote,
    lambda text: quote(text, safe=""),
    quote_plus,
)


def _base64(raw: bytes) -> set[str]:
    """What of a key is the same in base64 wherever it stands among other bytes (``user:KEY``)."""
    found = set()
    for before, lost in ((0, 0), (1, 2), (2, 3)):
        text = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        whole = (before + len(raw)) % 3 == 0
        core = text[lost:] if whole else text[lost:-1]
        found |= {core, core.replace("+", "-").replace("/", "_"), core.replace("/", "\\/")}
        found |= {quote(core, safe="")}
    return found


def _without(text: str, looked_for: tuple[str, ...]) -> str:
    for form in looked_for:
        if form in text:
            text = text.replace(form, HIDDEN)
    return text
