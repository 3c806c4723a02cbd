r"""What all pages are made with: escaping, numbers, addresses. Every value in a page is escaped unless it is ours.

<td>{{ outcome.text | shown }}</td>    "<b>" -> &lt;b&gt;    U+202E -> \u202e
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import quote

from harness import numbers
from harness.viewing.server import Reply

if TYPE_CHECKING:
    from jinja2 import Environment

MARKS = {"right": "✓", "wrong": "✗", "partly": "◐", "failed": "!", "": "·"}
STATIC = {
    "view.css": "text/css; charset=utf-8",
    "view.js": "text/javascript; charset=utf-8",
    "view.svg": "image/svg+xml",
}


class Showing:
    """Templates, and where the pages are.

    Args:
        base: What every path begins with: a slash and the key.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        self._env = _environment()
        self._env.globals.update(url=self.url, marks=MARKS)

    def url(self, *parts: str) -> str:
        """The path of a page."""
        return "/".join([self.base, *(quote(part, safe="") for part in parts)])

    def page(self, template: str, values: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> Reply:
        """A page from a template of this package."""
        return Reply(self._env.get_template(template).render(values).encode(errors="replace"), status)

    def problem(self, title: str, message: str, status: HTTPStatus) -> Reply:
        return self.page("problem.html", {"title": title, "message": message}, status)


def static(name: str) -> Reply | None:
    """A file of static/; None for any other name."""
    if name not in STATIC:
        return None
    return Reply(files("harness.viewing").joinpath("static", name).read_bytes(), type=STATIC[name])


def shown(text: object) -> str:
    """A foreign text as it may be shown: what would reorder or hide it is written out.

    Escaping for HTML is the template's work. Tabs and line feeds stay.
    """
    lines = str(text).replace("\r\n", "\n")
    return "\t".join(numbers.plain(part, newlines=True) for part in lines.split("\t"))


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    env = Environment(
        loader=PackageLoader("harness.viewing"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        shown=shown,
        seconds=numbers.seconds,
        dollars=numbers.dollars,
        monthly=numbers.dollars_per_month,
        proportion=numbers.proportion,
        count=numbers.count,
        when=_when,
        compact=_compact,
        ranked=_ranked,
    )
    return env


def _when(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def _compact(text: str) -> str:
    """On one line, for a list."""
    return " ".join(shown(text).split())


def _ranked(by_name: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(by_name.items(), key=lambda each: -each[1])


def pretty(text: str) -> str:
    """A JSON object over several lines; any other text as it is."""
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
