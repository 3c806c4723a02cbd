"""A comparison as a mail to send: what to use and why in words, the report attached. Any mail program opens it.

Subject: sentiment: Use knn: accuracy 0.897 (0.857 to 0.926, n = 300), …
    tweets-binary: Use knn: accuracy 0.897 (0.857 to 0.926, n = 300), p95 at most 39 ms, $0.12 a month.
    Runner-up: lora-encoder, …
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from email.message import EmailMessage

from harness import numbers
from harness.comparison import Compared, TaskComparison
from harness.report.html.page import html
from harness.report.incomplete import incomplete, unshared
from harness.report.silent import silent

_WIDTH = 76
_REASONS = 5  # of each list; the attachment has them all


def mail(compared: Compared, *, texts: bool = True) -> str:
    """A mail without sender and receiver, marked as not sent yet, the HTML report attached.

    Args:
        compared: What was found.
        texts: Whether single rows may stand in the report; `harness.report.silent` says what is left out without.
    """
    told = compared if texts else silent(compared)
    message = EmailMessage()
    message["Subject"] = _subject(told)
    message["X-Unsent"] = "1"  # mail programs open it as a draft
    message.set_content("\n".join(_body(told)), cte="quoted-printable")
    message.add_attachment(html(compared, texts=texts), subtype="html", filename="report.html", cte="base64")
    return message.as_string()


def _subject(compared: Compared) -> str:
    names = ", ".join(dict.fromkeys(run.name for run in compared.runs))
    said = [task.recommendation.sentence for task in compared.tasks] or ["no result yet"]
    return " ".join(numbers.plain(f"{names}: {said[0]}").split())


def _body(compared: Compared) -> Iterator[str]:
    for line in (*incomplete(compared), *unshared(compared)):
        yield _wrapped(line)
    for task in compared.tasks:
        yield from _task(task, several=len(compared.tasks) > 1)
    yield _wrapped(
        "Attached: the report, one page that opens in any browser and needs no network: every figure with its "
        "interval, what the strategies cost, and where they disagree."
    )


def _task(task: TaskComparison, *, several: bool) -> Iterator[str]:
    found = task.recommendation
    yield _wrapped(f"{task.task}: {found.sentence}" if several else found.sentence)
    if found.second:
        yield _wrapped(found.second)
    yield ""
    yield from _listed("Why" if found.strategy else "Why none", found.reasons)
    yield from _listed("What would change it", [change.words for change in found.changes])
    yield from _listed("Not measured", found.not_measured)


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    if not lines:
        return
    yield f"{title}:"
    for line in lines[:_REASONS]:
        yield _wrapped(line, mark="- ")
    if len(lines) > _REASONS:
        yield f"- and {numbers.plural(len(lines) - _REASONS, 'more point')} in the report"
    yield ""


def _wrapped(text: str, mark: str = "") -> str:
    plain = " ".join(numbers.plain(text).split())
    return textwrap.fill(plain, _WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark))
