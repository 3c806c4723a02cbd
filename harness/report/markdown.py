r"""A comparison for a pull request's comment: what to use, the figures, and the rest folded away.

**Use features: accuracy 0.917 ...**

|   | strategy | accuracy (95 %)        |   n | p50   | p95 ≤ |
| - | -------- | ---------------------- | --: | ----: | ----: |
| ★ | features | 0.917 (0.880 to 0.943) | 300 | 11 ms | 19 ms |

GitHub's, GitLab's and Gitea's dialect. Names, labels and messages are foreign: none of them can make markup, ping
a person or link to an issue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness import numbers
from harness.comparing.records import Estimate, Pair, StrategyFigures
from harness.comparison import Compared, TaskComparison
from harness.report import prices
from harness.report.field_table import MEANING, SHARES, counted, of_shown
from harness.report.incomplete import SAID, incomplete, unshared
from harness.report.labels import of_labels
from harness.report.silent import silent

RECOMMENDED = "★"
OUTSIDE = "✗"
_MARKUP = re.compile(r"([\\`*_\[\]|~$])")
# A character of no width behind them: the sites look for @name, #1, and addresses in the finished text.
_LINKS = re.compile(r"([@#](?=\w)|(?<=[a-zA-Z]):(?=//)|\bwww(?=\.)|\bGH(?=-\d))", re.IGNORECASE)
_NO_WIDTH = "\u200b"
_STATUSES = {"not-applicable": "not applicable", "finished": "no answers", "running": "not finished"}


def markdown(compared: Compared, *, texts: bool = True) -> str:
    """A comparison as Markdown.

    Args:
        compared: What was found.
        texts: Whether messages may stand in it that quote rows or model answers, such as warnings and errors;
            `harness.report.silent` says what is left out without.
    """
    compared = compared if texts else silent(compared)
    parts: list[str] = []
    if missing := incomplete(compared):
        parts += [f"> **{SAID}**{escape(missing[0].removeprefix(SAID))}"]
        parts += [*(f"> - {escape(each)}" for each in missing[1:]), ""]
    for told in unshared(compared):
        parts += [f"> {escape(told)}", ""]
    for task in compared.tasks:
        parts += _task(compared, task)
    if not compared.tasks:
        parts += ["No task of this run has a result.", ""]
    parts.append(f"<sub>{_made(compared)}</sub>")
    return "\n".join(parts) + "\n"


def escape(text: str) -> str:
    r"""Foreign text as text, in a line or in a table's cell.

    >>> escape("<b>*a* | b")
    '&lt;b&gt;\\*a\\* \\| b'
    """
    line = " ".join(numbers.plain(text, newlines=True).split())
    told = _MARKUP.sub(r"\\\1", line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    # An entity's own # links nothing.
    return _LINKS.sub(rf"\1{_NO_WIDTH}", told)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """A table of cells that are escaped already.

    Args:
        head: Of each column.
        rows: Cells.
        right: Columns whose cells stand at the right.
    """
    rule = ["---:" if column in right else "---" for column in range(len(head))]
    return ["| " + " | ".join(cells) + " |" for cells in (head, rule, *rows)]


def folded(summary: str, lines: Sequence[str]) -> list[str]:
    """What is shown at a click; the summary is escaped already."""
    return ["<details>", f"<summary>{summary}</summary>", "", *lines, "", "</details>", ""]


def _task(compared: Compared, task: TaskComparison) -> Iterator[str]:
    recommendation = task.recommendation
    suite = compared.runs[-1].name if compared.runs else ""
    yield from (f"### {escape(suite)} / {escape(task.task)}", "")
    yield from (f"**{escape(recommendation.sentence)}**", "")
    if recommendation.second:
        yield from (escape(recommendation.second), "")
    yield from _table(task)
    yield from ("", f"<sub>{_under(task)}</sub>", "")
    if recommendation.reasons or recommendation.changes:
        changes = [f"- {escape(change.words)}" for change in recommendation.changes]
        why = [f"- {escape(reason)}" for reason in recommendation.reasons]
        also = ["", "What would change it:", "", *changes] if changes else []
        yield from folded("Why, and what would change it", [*why, *also])
    yield from _pairs(task)
    yield from _fields(task)
    notes = _notes(task)
    if task.task in compared.evidence:
        notes += map(escape, prices.lines(prices.of_task(compared.evidence[task.task])))
    if notes:
        yield from folded("What a reader must know", [f"- {note}" for note in notes])


def _table(task: TaskComparison) -> list[str]:
    monthly = any(figures.cost.per_month is not None for figures in task.strategies)
    money = r"\$/month" if monthly else r"\$/1,000"
    head = ["", "strategy", f"{escape(task.metric)} (95 %)", "n", "p50", "p95 ≤", "prepare", money]
    rows = [_row(task, figures, monthly) for figures in task.strategies]
    return table(head, rows, right=(3, 4, 5, 6, 7))


def _row(task: TaskComparison, figures: StrategyFigures, monthly: bool) -> list[str]:
    chosen = task.recommendation.strategy == figures.name
    name = f"**{escape(figures.name)}**" if chosen else escape(figures.name)
    if figures.value is None:
        why = escape(_STATUSES.get(figures.status, figures.status))
        return ["", name, why, "", "", "", "", ""]
    latency, cost = figures.latency, figures.cost
    dollars = cost.per_month if monthly else None if cost.per_answer is None else 1000 * cost.per_answer
    return [
        RECOMMENDED if chosen else OUTSIDE if figures.name in task.recommendation.outside else "",
        name,
        estimate(figures.value),
        numbers.count(figures.value.n),
        _seconds(latency.p50.value if latency and latency.p50 else None),
        _seconds(latency.p95.high if latency and latency.p95 else None),
        _seconds(cost.prepare_seconds),
        escape(numbers.dollars_per_month(dollars) if monthly else numbers.dollars(dollars)),
    ]


def estimate(found: Estimate) -> str:
    """``0.917 (0.880 to 0.943)``, escaped."""
    if found.low is None or found.high is None:
        return escape(numbers.proportion(found.value))
    low, value, high = (numbers.proportion(x) for x in (found.low, found.value, found.high))
    return escape(value) + f" ({escape(low)} to {escape(high)})"


def _seconds(value: float | None) -> str:
    return "-" if value is None else escape(numbers.seconds(value))


def _under(task: TaskComparison) -> str:
    """What the table cannot say."""
    rows = ", ".join(f"{numbers.count(n)} {escape(split)}" for split, n in task.rows.items())
    seeds = ", ".join(map(str, task.seeds))
    said = [f"rows: {rows}", f"seed {seeds}", "intervals at 95 %"]
    if task.recommendation.strategy is not None:
        said.insert(0, f"{RECOMMENDED} recommended")
    if task.recommendation.outside:
        said.insert(1 if task.recommendation.strategy else 0, f"{OUTSIDE} not shown to be within your limits")
    machines = {figures.latency.machine for figures in task.strategies if figures.latency}
    if machines:
        said.append("timed on " + " and on ".join(sorted(map(escape, machines))))
    if task.looks:
        said.append(f"test rows looked at in {numbers.plural(task.looks, 'earlier run')} already")
    return " · ".join(said)


def _pairs(task: TaskComparison) -> list[str]:
    """The verdicts on the recommended one, or on the best where none is."""
    named = [figures.name for figures in task.strategies if figures.value is not None]
    place = {each: number for number, each in enumerate(named)}
    name = task.recommendation.strategy or (named[0] if named else None)
    mine = [pair for pair in task.pairs if name in (pair.a, pair.b)]
    mine.sort(key=lambda pair: place.get(pair.b if pair.a == name else pair.a, len(place)))
    if name is None or not mine:
        return []
    head = ["against", "difference (95 %)", "verdict", "p (Holm)", "test", "n"]
    lines = table(head, [_verdict(pair, name) for pair in mine], right=(3, 5))
    margin = f"A difference under {mine[0].margin:g} is none that matters; Holm over {len(task.pairs)} pairs."
    return folded(f"{escape(name)} against each of the others", [*lines, "", f"<sub>{margin}</sub>"])


def _fields(task: TaskComparison) -> list[str]:
    """Each field of the recommended strategy, or of the best where none is; nothing for other kinds."""
    name, fields = of_shown(task)
    if not fields:
        return []
    head = ["field", "precision (95 %)", "recall (95 %)", *SHARES]
    rows = [
        [
            escape(each.field),
            estimate(each.precision) if each.precision else "-",
            estimate(each.recall) if each.recall else "-",
            *map(counted, (each.missing, each.null, each.invented)),
        ]
        for each in fields
    ]
    return folded(f"Fields of {escape(name)}", [*table(head, rows, right=(3, 4, 5)), "", f"<sub>{MEANING}</sub>"])


def _verdict(pair: Pair, name: str) -> list[str]:
    sign = 1 if pair.a == name else -1
    low, high = sorted((sign * pair.low, sign * pair.high))
    verdict = {"better": "worse", "worse": "better"}.get(pair.verdict, pair.verdict)
    told = pair.verdict if sign == 1 else verdict
    if pair.rows_needed is not None and pair.verdict == "too few to tell":
        told += f": about {numbers.rough(pair.rows_needed)} rows would settle {pair.margin:g}"
    p = escape(numbers.p_value(pair.p_value).removeprefix("= "))
    return [
        escape(pair.b if pair.a == name else pair.a),
        f"{sign * pair.difference:+.3f} ({low:+.3f} to {high:+.3f})",
        told,
        p,
        escape(pair.test),
        numbers.count(pair.n),
    ]


def _notes(task: TaskComparison) -> list[str]:
    found = [f"Not measured: {escape(each)}" for each in task.recommendation.not_measured]
    for figures in task.strategies:
        name = escape(figures.name)
        if figures.chosen:
            found.append(f"{name}: {escape(', '.join(figures.chosen))}, chosen on validation")
        if figures.failed:
            kinds = ", ".join(f"{numbers.count(n)} {escape(kind)}" for kind, n in figures.failures.items())
            found.append(
                f"{name}: {numbers.count(figures.failed)} rows failed ({kinds}); intervals count them both ways"
            )
        if figures.problem:
            found.append(f"{name}: {figures.status}: {escape(figures.problem)}")
        found += [f"{name}: {escape(warning)}" for warning in figures.warnings]
    found += map(escape, of_labels(task))
    return list(dict.fromkeys(found))


def _made(compared: Compared) -> str:
    runs = ", ".join(escape(run.id) for run in compared.runs)
    versions = {run.versions.get("harness", "?") for run in compared.runs}
    return f"{runs} · harness {escape(', '.join(sorted(versions)))}"
