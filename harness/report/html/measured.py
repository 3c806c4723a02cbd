"""How it was measured: what ran on what, which rows and tests, what failed, what was left out, at which prices."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from harness import numbers
from harness.comparison import Compared
from harness.numbers import plural
from harness.records import RunHeader
from harness.report import prices
from harness.report.html import canary
from harness.report.html.parts import Block, Cell, Fold, Head, Listing, Prose, Section, Table, Terms, number
from harness.report.html.told import cut
from harness.report.html.view import View
from harness.report.html.wording import listed, percent


def of_task(view: View) -> Section:
    blocks: list[Block] = [Terms(_terms(view))]
    left_out = _left_out(view)
    if left_out:
        blocks.append(Listing("What was left out", left_out))
    failures = _failures(view)
    if failures is not None:
        blocks.append(failures)
    warnings = [f"{each.name}: {one}" for each in view.task.strategies for one in each.warnings]
    if warnings:
        blocks.append(Listing("Warnings", [cut(each, 600) for each in dict.fromkeys(warnings)][:60]))
    priced = _prices(view)
    if priced is not None:
        blocks.append(Fold("Prices", [priced]))
    if view.texts:
        params = _parameters(view)
        if params is not None:
            blocks.append(Fold("Strategies and their parameters", [params]))
    return Section(f"{view.prefix}measured", "How it was measured", blocks)


def _terms(view: View) -> list[tuple[str, str]]:
    task, found = view.task, view.task.recommendation
    rows = ", ".join(f"{numbers.count(n)} {split}" for split, n in task.rows.items())
    looks = "for the first time" if task.looks == 0 else f"in {plural(task.looks, 'earlier run')} already"
    told = [("rows", rows), ("test rows looked at", looks)]
    told.append(
        ("seeds", ", ".join(map(str, task.seeds)) + ("" if len(task.seeds) > 1 else " (one: no variance)"))
    )
    told.append(("metric", task.metric))
    if task.pairs:
        tests = listed(sorted({pair.test for pair in task.pairs}))
        told.append(("tests", f"{tests}, two-sided, Holm over {plural(len(task.pairs), 'pair')}"))
    told.append(("a difference that matters", f"{numbers.proportion(task.decide.margin)} of {task.metric}"))
    if task.decide.worth_per_month:
        told.append(("money that matters", f"{numbers.dollars(task.decide.worth_per_month)} a month"))
    told.append(("served", _serving(view)))
    if task.decide.error_price is not None:
        price = task.decide.error_price
        told.append(("price of an error", numbers.dollars(price) if isinstance(price, float) else "by label"))
    for name, value in (("review", task.decide.review_price), ("label", task.decide.label_price)):
        if value is not None:
            told.append((f"price of a {name}", numbers.dollars(value)))
    told.append(("no verdict above", f"{percent(task.decide.maximum_failed)} of rows failed"))
    if found.rule:
        told.append(("rule of the recommendation", found.rule))
    return told


def _serving(view: View) -> str:
    it, decide = view.task.decide.serving, view.task.decide
    traffic = decide.answers_per_month
    told = [it.mode.replace("_", " "), f"{plural(it.replicas, 'machine')} at least"]
    if it.dollars_per_hour is not None:
        told.append(f"{numbers.dollars(it.dollars_per_hour)} an hour")
    told.append(f"{plural(traffic, 'answer')} a month" if traffic else "traffic not given")
    return ", ".join([*told, f"over {plural(decide.horizon_months, 'month')}"])


def _left_out(view: View) -> list[str]:
    told: list[str] = []
    if view.evidence is not None:
        report = view.evidence.report
        for n, why in (
            (report.left_out, "left out by `where`"),
            (report.without_text, "without a text"),
            (report.without_target, "without a target"),
            (report.unused, "usable, in no split"),
            (report.dropped, "test rows dropped, since their text stands in train or validation"),
        ):
            if n:
                told.append(f"{plural(n, 'row')} {why}")
    pairing = view.task.pairing
    for run, ids in pairing.unpaired.items():
        told.append(f"{plural(len(ids), 'test row')} of {run} that other runs lack: {_ids(ids)}")
    if pairing.relabelled:
        told.append(
            f"{plural(len(pairing.relabelled), 'row')} relabelled between runs: {_ids(pairing.relabelled)}"
        )
    if pairing.changed:
        told.append(f"{plural(len(pairing.changed), 'row')} whose text changed: {_ids(pairing.changed)}")
    return told


def _ids(ids: Sequence[str]) -> str:
    return ", ".join(cut(each, 40) for each in ids[:20]) + (", …" if len(ids) > 20 else "")


def _failures(view: View) -> Table | None:
    rows = [
        [
            view.who(each.name),
            number(numbers.count(each.failed), each.failed),
            number(numbers.count(each.n * each.trials), each.n * each.trials),
            Cell(", ".join(f"{numbers.count(n)} {cut(what, 60)}" for what, n in each.failures.items())),
        ]
        for each in view.task.strategies
        if each.failed
    ]
    if not rows:
        return None
    heads = [Head("strategy"), Head("failed", number=True), Head("of", number=True), Head("of which")]
    return Table("Rows that failed", heads, rows, "Intervals count them both ways: all wrong, and all right.")


def _prices(view: View) -> Table | None:
    found = prices.of_task(view.evidence) if view.evidence is not None else ()
    if not found:
        return None
    rows = []
    for price in found:
        each = {
            "input": price.input,
            "output": price.output,
            "cached": price.cached,
            "training": price.training,
            "hosting": price.hosting,
            "device": price.device_hour,
        }
        cells = [
            number(numbers.dollars(v), v) if v is not None or kind in price.unknown else number("-")
            for kind, v in each.items()
        ]
        batch = number("-") if price.batch is None else number(f"{price.batch:g} of that", price.batch)
        source = Cell(cut(price.said, 120), small=price.warning or "")
        rows.append([Cell(cut(price.model, 120)), *cells, batch, source])
    heads = ["$ per 1M tokens in", "out", "cached", "trained", "$ an hour hosted", "$ an hour", "in a batch"]
    told = [Head("model or machine"), *(Head(name, number=True) for name in heads), Head("by")]
    return Table("Prices used", told, rows, "? is a price that is not known; - is what was not used.")


def _parameters(view: View) -> Table | None:
    if view.evidence is None:
        return None
    rows = []
    for contender in view.evidence.contenders:
        if contender.name in {each.name for each in view.task.strategies} and contender.trials:
            header = contender.trials[0].header
            params = json.dumps(dict(header.params), ensure_ascii=False)
            plugin = f"{header.plugin.name} {header.plugin.version}"
            models = ", ".join(contender.models) or "none"
            local = {True: "stays here", False: "reaches beyond", None: "?"}[contender.local]
            served = sorted({each for trial in contender.trials for each in trial.served})
            if served:
                local = f"{local}; answered by {cut(', '.join(served), 200)}"
            rows.append(
                [
                    view.who(contender.name),
                    Cell(cut(header.use, 120), small=plugin),
                    Cell(cut(models, 200), small=local),
                    Cell(cut(params, 500), look="code"),
                ]
            )
    heads = [Head("strategy"), Head("plugin"), Head("models"), Head("parameters")]
    return Table("Strategies as they ran", heads, rows) if rows else None


def of_runs(compared: Compared) -> Section:
    """What holds for all tasks: the runs, their machines and versions."""
    blocks: list[Block] = []
    if not compared.complete:
        blocks.append(Prose("Not every trial has ended with a result: the page begins with which.", look="warn"))
    for run in compared.runs:
        blocks.append(Terms(_run(run)))
        if run.id in compared.canaries:
            blocks += canary.of_run(run.id, compared.canaries[run.id])
        versions = [[Cell(name), Cell(version)] for name, version in run.versions.items()]
        blocks.append(
            Fold(f"Versions of {run.id}", [Table("Versions", [Head("package"), Head("version")], versions)])
        )
    blocks.append(Prose(_reading(), look="quiet"))
    return Section("runs", "Runs", blocks)


def _run(run: RunHeader) -> list[tuple[str, str]]:
    it = run.hardware
    machine = "; ".join([*it.gpus, it.cpu, plural(it.cores, "core"), f"{it.memory_gib:g} GiB", it.platform])
    told = [("run", run.id), ("suite", f"{run.name} ({PurePath(run.suite_path).name})")]
    told.append(("begun", f"{run.started:%Y-%m-%d %H:%M} UTC"))
    told.append(("ended", f"{run.finished:%Y-%m-%d %H:%M} UTC" if run.finished is not None else "not yet"))
    told += [("machine", machine), ("bfloat16", "yes" if it.bf16 else "no")]
    told.append(("seeds", ", ".join(map(str, run.seeds)) + f"; {plural(run.repeats, 'repeat')} each"))
    optional: Mapping[str, str] = {
        "sizes": ", ".join(map(numbers.count, run.sizes)),
        "only": ", ".join(run.only),
        "limit": numbers.count(run.limit) if run.limit is not None else "",
        "git commit": (run.git_commit or "")[:12]
        + (" with changes" if (run.git_commit or "").endswith("+") else ""),
        "test rows": ", ".join(f"{task} {it.test_fingerprint[:12]}" for task, it in run.data.items()),
    }
    return told + [(name, value) for name, value in optional.items() if value]


def _reading() -> str:
    return (
        "Intervals are 95 %: Wilson's for shares of right answers, bootstrap (BCa) for other metrics, order"
        " statistics for seconds. Better and worse are said only where a paired test on the same rows says so at"
        " p < 0.05 after Holm; tied is an equivalence test within the margin; all else is too few to tell."
        " What was chosen among variants was chosen on validation."
    )
