"""A run's table for the terminal: 80 columns, plain where it is piped.

strategy   accuracy  .40                1.0    p50  p95 ≤  prepare  $/month
features      0.917                   ──●─   11 ms  19 ms      4 s       <1
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.records import RunHeader
from harness.report import numbers
from harness.running.rows import Row

_BAR = 17


def table(header: RunHeader, rows: Sequence[Row]) -> RenderableType:
    """All tasks of a run, a table each."""
    parts: list[RenderableType] = []
    for task in dict.fromkeys(row.task for row in rows):
        parts += [*_task(header, [row for row in rows if row.task == task]), Text()]
    if not parts:
        parts.append(Text("No trial of this run has begun."))
    return Group(*parts)


def _task(header: RunHeader, rows: Sequence[Row]) -> list[RenderableType]:
    return [_heading(header, rows[0].task), Text(), _table(rows, header), *_notes(header, rows)]


def _heading(header: RunHeader, task: str) -> Text:
    data = header.data[task]
    seeds = ", ".join(map(str, header.seeds))
    looked = header.looks.get(task, 0)
    looks = "for the first time" if looked == 0 else f"in {looked} earlier run{'s' if looked > 1 else ''} already"
    machine = "; ".join((*header.hardware.gpus, f"{header.hardware.cores} cores"))
    counted = [numbers.count(n) for n in (data.test, data.train, data.validation)]
    lines = (
        f"{header.name} / {task} · {counted[0]} test rows, {counted[1]} train, {counted[2]} validation"
        f" · seed {seeds}",
        f"{machine} · test rows looked at {looks}",
    )
    return Text("\n".join(lines))


def _table(rows: Sequence[Row], header: RunHeader) -> Table:
    metric = rows[0].metric
    lows = [row.low for row in rows if row.low is not None]
    axis_low = min(lows, default=0.0)
    axis_low = int(axis_low * 10) / 10 if axis_low >= 0 else -1.0
    monthly = any(row.dollars_per_month is not None for row in rows)
    seeds = len(header.seeds) > 1 or header.repeats > 1
    grid = Table(box=None, pad_edge=False, padding=(0, 1), show_edge=False)
    grid.add_column("strategy", no_wrap=False, overflow="fold", min_width=9)
    grid.add_column(metric, justify="right", no_wrap=True)
    grid.add_column(f"{axis_low:.1f}".lstrip("0") + "1.0".rjust(_BAR - 2), no_wrap=True, width=_BAR)
    for name in ("p50", "p95 ≤", "prepare", "$/month" if monthly else "$/1,000"):
        grid.add_column(name, justify="right", no_wrap=True)
    for row in sorted(rows, key=lambda r: -1.0 if r.value is None else r.value, reverse=True):
        name = numbers.plain(row.strategy) + (f" #{row.seed}.{row.repeat}" if seeds else "")
        if row.value is None:
            grid.add_row(Text(name), Text("-"), Text(_why(row)[:_BAR]), "-", "-", "-", "-")
            continue
        money = (
            numbers.dollars_per_month(row.dollars_per_month)
            if monthly
            else numbers.dollars(None if row.dollars_per_answer is None else 1000 * row.dollars_per_answer)
        )
        grid.add_row(
            Text(name),
            numbers.proportion(row.value),
            Text(numbers.interval_bar(row.low, row.value, row.high, numbers.Axis(axis_low, 1.0, _BAR))),
            _or_dash(row.p50_seconds),
            _or_dash(row.p95_high),
            _or_dash(row.prepare_seconds),
            money,
        )
    return grid


def _or_dash(seconds: float | None) -> str:
    return "-" if seconds is None else numbers.seconds(seconds)


def _why(row: Row) -> str:
    return {"not-applicable": "not applicable", "finished": "no answers"}.get(row.status, row.status)


def _notes(header: RunHeader, rows: Sequence[Row]) -> list[Text]:
    """What the table cannot say: n, intervals, choices, failures, warnings."""
    figure = rows[0].metric
    binary = figure in ("accuracy", "exact_match", "normalised_match", "numeric_match", "exact_set")
    n = sorted({row.n for row in rows if row.n})
    counts = " to ".join(numbers.count(c) for c in (n[:1] + n[-1:] if len(n) > 1 else n))
    timed = max((row.timed for row in rows), default=0)
    said = [
        f"{'Wilson' if binary else 'Bootstrap (BCa)'} intervals at 95 %, n = {counts or 0}"
        + (f"; latency from {timed} rows asked one at a time, p95 as its upper bound" if timed else ""),
        "Money is metered: tokens, or seconds of this machine while it answered"
        + ("." if any(row.dollars_per_month is not None for row in rows) else ", for 1,000 answers."),
        "Differences are not tested yet: this table gives no verdicts.",
    ]
    answered = [row for row in rows if row.n]
    if any(row.dollars_per_answer is None for row in answered):
        said.append("? is a price that is not known: give `prices: {device_hours: {this: …}}` in the suite.")
    if timed and all(row.p95_high is None for row in answered):
        said.append("p95 needs 72 rows asked one at a time: `latency_sample`.")
    if len(header.seeds) == 1:
        said.append("One seed: how much training and drawing vary is not measured; more --seed would.")
    for row in rows:
        name = numbers.plain(row.strategy)
        if row.chosen:
            said.append(f"{name}: {numbers.plain(row.chosen)}, chosen on validation")
        if row.failed:
            kinds = ", ".join(f"{numbers.count(c)} {numbers.plain(k)}" for k, c in row.failures.items())
            said.append(
                f"{name}: {row.failed} of {row.n} rows failed ({kinds}); the interval counts them both ways"
            )
        if row.problem:
            said.append(f"{name}: {row.status}: {numbers.plain(row.problem)}")
        said += [f"{name}: {numbers.plain(warning)}" for warning in row.warnings]
    return [Text(line, style="dim") for line in dict.fromkeys(said)]
