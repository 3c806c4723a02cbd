"""The page: sections of every task in their order, in one file with its style and script inside.

    html(compared)                  everything
    html(compared, texts=False)     the same without a text, a prompt, a row's id or a value of metadata

The page's policy lets only this style and this script run, by their hashes, and loads nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from importlib import resources
from typing import TYPE_CHECKING

from harness import numbers
from harness.comparison import Compared
from harness.numbers import plural
from harness.report.html import (
    declining,
    disagree,
    facts,
    learning,
    measured,
    mistakes,
    pricing,
    recommending,
    slices,
    standing,
    timing,
)
from harness.report.html.parts import Chapter
from harness.report.html.view import View
from harness.report.incomplete import incomplete, unshared
from harness.report.silent import silent

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup

MOST_BYTES = 5_000_000


def html(compared: Compared, *, texts: bool = True) -> str:
    """Everything that is known of the runs as one HTML file.

    Args:
        compared: The runs.
        texts: Whether what tells of single rows may be in it; `harness.report.silent` says what that is.

    Returns:
        The file, under 5 MB: the less telling of what is long is left out, and the page says so.
    """
    compared = compared if texts else silent(compared)
    tasks = max(len(compared.tasks), 1)
    for examples, size in ((200, 400), (50, 150), (10, 60), (0, 20)):
        page = _page(compared, texts, examples // tasks, size // min(tasks, 4))
        if len(page.encode("utf-8", "replace")) < MOST_BYTES:
            break
    return page


def _page(compared: Compared, texts: bool, examples: int, size: int) -> str:
    views = _views(compared, texts, examples, size)
    chapters = [_chapter(view) for view in views]
    style, script = _packaged("page.css"), _packaged("page.js")
    return (
        _templates()
        .get_template("page.html")
        .render(
            title=" and ".join(dict.fromkeys(run.name for run in compared.runs)) or "comparison",
            runs=compared.runs,
            views=views,
            chapters=chapters,
            runs_section=measured.of_runs(compared),
            first=[*incomplete(compared), *unshared(compared)],
            texts=texts,
            style=_safe(style),
            script=_safe(script),
            policy=_policy(style, script),
            one_line=recommending.one_line,
        )
    )


def _views(compared: Compared, texts: bool, examples: int, size: int) -> list[View]:
    many = len(compared.tasks)
    return [
        View(
            task=task,
            evidence=compared.evidence.get(task.task),
            texts=texts,
            prefix=f"t{i + 1}-",
            examples=examples,
            bytes=2_000_000 // many,
            size=size,
        )
        for i, task in enumerate(compared.tasks)
    ]


def _chapter(view: View) -> Chapter:
    sections = [
        recommending.section(view),
        standing.section(view),
        pricing.fronts(view),
        pricing.volumes(view),
        timing.section(view),
        learning.section(view),
        disagree.section(view),
        mistakes.section(view),
        declining.section(view),
        slices.section(view),
        facts.section(view),
        measured.of_task(view),
    ]
    rows = view.task.rows
    small = ", ".join(f"{numbers.count(n)} {split} rows" for split, n in rows.items())
    seeds = plural(len(view.task.seeds), "seed")
    named = [section for section in sections if section is not None and section.blocks]
    return Chapter(f"{view.prefix}task", view.task.task, f"{small} · {seeds}", named)


def _templates() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("harness.report.html", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # What is invisible or turns the reading direction is shown as an escape, wherever it comes from.
        finalize=lambda value: numbers.plain(value, newlines=True) if type(value) is str else value,
    )
    environment.filters["coded"] = _coded
    return environment


def _coded(text: str) -> Markup:
    """Our own words: what stands in backticks is set as code, and no line ends between a number and its unit."""
    from markupsafe import Markup, escape

    safe = re.sub(r"(?<=\d) (?=(?:ms|s|min|h|%|k|M)\b|%)", "\u00a0", str(escape(numbers.plain(text))))
    return Markup(re.sub(r"`([^`\n]{1,80})`", r"<code>\1</code>", safe))


def _packaged(name: str) -> str:
    return resources.files("harness.report.html").joinpath(name).read_text(encoding="utf-8")


def _safe(text: str) -> str:
    """The package's own style or script, not to be escaped."""
    from markupsafe import Markup

    return Markup(text)


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}';"
        " base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
