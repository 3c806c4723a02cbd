"""What a list of examples shows: all of it stands in the URL, so that a bookmark and the back button work.

?q=delay&of=zero-shot&state=wrong&target=negative&meta.channel=mail&sort=sure%3Azero-shot&page=2
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

STATES = ("wrong", "right", "partly", "failed")
SORTS = {
    "": "as in the data",
    "longest": "longest text first",
    "shortest": "shortest text first",
    "hard": "most strategies wrong first",
    "easy": "fewest strategies wrong first",
}
SURE_SORTS = {"sure": "most confident first", "unsure": "least confident first"}
PAGE_SIZE = 50
_META = "meta."


@dataclass(frozen=True)
class Filters:
    """Which examples, of which trials, in which order.

    Attributes:
        search: A part of the text, whatever its case.
        arm: Seed, repeat and train size, as `Trial` spells them; empty for the first.
        show: Strategies that are shown, and that `disagree`, `hard` and `easy` go by; empty for all.
        disagree: Only rows on which not all shown strategies fare alike.
        of: The strategy that `state` and `said` are about; empty for any of those shown.
        state: One of STATES; empty for all.
        said: The answer given.
        target: The right answer.
        metadata: Column and value; each must hold.
        sort: One of SORTS, or one of SURE_SORTS with a colon and a strategy.
        page: From 1.
    """

    search: str = ""
    arm: str = ""
    show: tuple[str, ...] = ()
    disagree: bool = False
    of: str = ""
    state: str = ""
    said: str = ""
    target: str = ""
    metadata: tuple[tuple[str, str], ...] = ()
    sort: str = ""
    page: int = 1

    @property
    def narrows(self) -> bool:
        """Whether any row may be left out."""
        parts = (self.search, self.disagree, self.state, self.said, self.target, self.metadata)
        return any(parts)

    @property
    def selection(self) -> Filters:
        """The same rows in the same order, whatever the page."""
        return replace(self, page=1)

    def meta(self, column: str) -> str:
        return dict(self.metadata).get(column, "")


def parse(query: str) -> Filters:
    """Reads a URL's query; what it does not know it leaves out."""
    pairs = [(name, value.replace("\0", "")) for name, value in parse_qsl(query)]
    first: dict[str, str] = {}
    for name, value in pairs:
        first.setdefault(name, value)
    return Filters(
        search=first.get("q", ""),
        arm=first.get("arm", ""),
        show=tuple(dict.fromkeys(value for name, value in pairs if name == "show")),
        disagree=first.get("disagree") == "1",
        of=first.get("of", ""),
        state=first.get("state", "") if first.get("state") in STATES else "",
        said=first.get("said", ""),
        target=first.get("target", ""),
        metadata=tuple((name[len(_META) :], value) for name, value in first.items() if name.startswith(_META)),
        sort=first.get("sort", ""),
        page=page_number(first.get("page", "")),
    )


def page_number(text: str) -> int:
    """A page, from 1; the first where the text is no number.

    >>> [page_number(text) for text in ("7", "0", "-1", "", "x")]
    [7, 1, 1, 1, 1]
    """
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def query(filters: Filters, **changes: Any) -> str:  # the values of any field
    """The URL's query that `parse` reads back; the first page and what is not set are not named.

    >>> query(Filters(of="knn", state="wrong", page=3), page=1)
    'of=knn&state=wrong'
    """
    f = replace(filters, **changes)
    pairs: list[tuple[str, str]] = [("q", f.search), ("arm", f.arm), *(("show", name) for name in f.show)]
    pairs += [("disagree", "1" if f.disagree else ""), ("of", f.of), ("state", f.state), ("said", f.said)]
    pairs += [("target", f.target), *((_META + name, value) for name, value in f.metadata)]
    pairs += [("sort", f.sort), ("page", str(f.page) if f.page > 1 else "")]
    return urlencode([(name, value) for name, value in pairs if value])
