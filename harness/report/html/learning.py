"""What more labels and more epochs bring: learning curves and training histories, with what they show in words."""

from __future__ import annotations

from harness import numbers
from harness.diagnosing.records import Curve, Training
from harness.numbers import plural
from harness.report.html import curves
from harness.report.html.marks import key, swatch
from harness.report.html.parts import (
    Block,
    Cell,
    Figure,
    Figures,
    Head,
    Heading,
    Listing,
    Prose,
    Section,
    Table,
    number,
)
from harness.report.html.view import View
from harness.report.html.wording import capital, difference, ends

_MOST = 24  # pictures of trainings


def section(view: View) -> Section | None:
    found = view.task.diagnosis
    if not view.shown:
        return None
    blocks: list[Block] = []
    drawn = [curve for curve in found.curves if curve.points]
    if any(len(curve.points) > 1 for curve in drawn):
        blocks += [Heading("Learning curves"), _learning(view, drawn), *_forecasts(view, drawn)]
    else:
        blocks.append(Prose("Learning curves: not measured; `harness curve` runs with several sizes.", "quiet"))
    histories = [each for each in found.training if each.epochs]
    if histories:
        blocks += [Heading("Training"), *_training(view, histories)]
    else:
        blocks.append(Prose("Training curves: none here; they need a strategy that trains in epochs.", "quiet"))
    return Section(f"{view.prefix}curves", "Learning and training", blocks)


def _learning(view: View, found: list[Curve]) -> Figure:
    by_name = {curve.strategy: curve for curve in found}
    rows = [(view.mark(name), by_name[name]) for name in view.ordered(by_name)]
    name = f"{view.prefix}learning"
    told = [
        [
            view.who(curve.strategy),
            number(numbers.count(point.size), point.size),
            number(numbers.proportion(point.value.value), point.value.value, ends(point.value)),
            number(numbers.count(point.value.n), point.value.n),
            number(numbers.count(point.trials), point.trials),
        ]
        for _, curve in rows
        for point in curve.points
    ]
    heads = [Head("strategy"), Head("labelled rows", True), Head(found[0].metric, True), Head("n", True)]
    table = Table("The metric by labelled rows", [*heads, Head("trials", True)], told)
    caption = "Train and validation rows together, smaller sets within larger ones. Bands are 95 % intervals."
    trials = sorted({point.trials for curve in found for point in curve.points})
    caption += " One trial each: how much training varies is not in the bands." if trials == [1] else ""
    drawn = curves.learning(name, rows)
    narrow = curves.learning(name, rows, narrow=True)
    title = f"{capital(found[0].metric)} against labelled rows"
    return Figure(name, title, drawn, caption, table, key(mark for mark, _ in rows), narrow=narrow)


def _forecasts(view: View, found: list[Curve]) -> list[Block]:
    said = [each.words for each in view.task.diagnosis.crossovers if each.words]
    for curve in found:
        if curve.forecast is not None:
            words = curve.forecast.words.rstrip(".") or f"{curve.strategy} with {curve.forecast.size} rows"
            gain = curve.forecast.gain
            # Words that have the interval in them need it no second time.
            bare = gain is not None and "(" not in words
            said.append(
                f"{words} ({difference(gain)}, n = {numbers.count(gain.n)})." if bare and gain else f"{words}."
            )
    return [Listing("What the curves say", said)] if said else []


def _training(view: View, found: list[Training]) -> list[Block]:
    shown = sorted(found, key=lambda h: (not view.mark(h.strategy).star, h.strategy, h.seed))[:_MOST]
    figures: list[Figure] = []
    without: list[str] = []
    for i, history in enumerate(shown):
        mark = view.mark(history.strategy)
        advice = " ".join(_advice(history))
        title = f"{mark.label}, seed {history.seed}"
        if len(history.epochs) < 2:
            without.append(f"{title}: {advice}" if advice else f"{title}: one epoch.")
            continue
        name = f"{view.prefix}training-{i + 1}"
        keyed = [(swatch(mark, line=True), mark._replace(name="on train"))]
        keyed.append((swatch(mark._replace(dash="d1"), line=True), mark._replace(name="on validation")))
        figures.append(Figure(name, title, curves.training(name, mark, history), advice, None, keyed, wide=False))
    blocks: list[Block] = [Listing("", without)] if without else []
    blocks.append(Figures(figures, _epochs(view, shown)))
    if len(found) > len(shown):
        blocks.append(Prose(f"{plural(len(found) - len(shown), 'more training')} in the JSON.", "quiet"))
    return blocks


def _advice(history: Training) -> list[str]:
    told = []
    for each in history.advice:
        parts = [f"{capital(each.finding)}: {each.evidence.rstrip('.')}." if each.evidence else f"{each.finding}."]
        parts += [f"What to turn: {each.parameter.rstrip('.')}."] if each.parameter else []
        told.append(" ".join(parts))
    return told


def _epochs(view: View, found: list[Training]) -> Table:
    rows: list[list[Cell]] = []
    for history in found:
        for each in history.epochs:
            metric = each.validation_metric
            rows.append(
                [
                    view.who(history.strategy),
                    number(str(history.seed), history.seed),
                    number(str(each.epoch), each.epoch, "kept" if each.epoch == history.kept else ""),
                    number(curves.loss(each.train_loss), each.train_loss),
                    number(curves.loss(each.validation_loss), each.validation_loss),
                    number(numbers.proportion(metric), metric),
                ]
            )
    heads = [Head("strategy")] + [Head(name, number=True) for name in ("seed", "epoch", "train loss")]
    validation = view.task.rows.get("validation")
    heads += [Head("validation loss", number=True), Head(f"{view.task.metric} on validation", number=True)]
    note = "" if validation is None else f"Validation: n = {numbers.count(validation)}; one training, no interval."
    return Table("Losses by epoch", heads, rows[: view.size], note)
