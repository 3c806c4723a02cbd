"""Lines with intervals against a number of rows or epochs: learning curves, training histories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness import numbers
from harness.diagnosing.records import Curve, Training
from harness.report.html.frame import Axis, Plot, frame
from harness.report.html.marks import Mark, symbol
from harness.report.html.scale import Scale, linear, spread
from harness.report.html.svg import path, picture, tag
from harness.report.html.wording import capital, tick

if TYPE_CHECKING:
    from markupsafe import Markup

    from harness.diagnosing.records import Epoch


def learning(name: str, rows: Sequence[tuple[Mark, Curve]], *, narrow: bool = False) -> Markup:
    """The metric against labelled rows, on a logarithmic axis, each point with its interval.

    The narrow one leaves the names to a key.
    """
    plot = Plot.narrow() if narrow else Plot(height=380, right=170)
    name = f"{name}-narrow" if narrow else name
    sizes = sorted({point.size for _, curve in rows for point in curve.points})
    found = [p.value for _, curve in rows for p in curve.points]
    values = [v for e in found for v in (e.low, e.value, e.high) if v is not None]
    x = Scale(max(sizes[0] / 1.15, 0.5), sizes[-1] * 1.05, plot.left + 6, plot.x1, log=True)
    y = linear(values, plot.y1, plot.top, least=min([0.0, *values]), most=max([1.0, *values]))
    metric = rows[0][1].metric
    shown = _roomy(sizes, x)
    parts: list[str] = [
        frame(plot, Axis(x, "labelled rows", lambda v: numbers.count(int(v)), shown), Axis(y, metric, tick))
    ]
    ordered = sorted(rows, key=lambda row: row[0].star)
    for mark, curve in ordered:
        bounded = [p for p in curve.points if p.value.low is not None and p.value.high is not None]
        above = [(x.at(p.size), y.at(p.value.high or 0.0)) for p in bounded]
        below = [(x.at(p.size), y.at(p.value.low or 0.0)) for p in reversed(bounded)]
        if len(bounded) > 1:
            parts.append(tag("path", d=path([*above, *below]) + "Z", class_=f"band {mark.colour}"))
    for mark, curve in ordered:
        at = [(x.at(p.size), y.at(p.value.value)) for p in curve.points]
        parts.append(tag("path", d=path(at), class_=f"line {mark.colour} {mark.dash}"))
        parts += [symbol(mark, px, py, 4.0) for px, py in at]
    parts += [] if narrow else _names(rows, y, plot)
    title = f"{capital(metric)} against labelled rows"
    ends = "; ".join(
        f"{mark.name}: {numbers.proportion(c.points[0].value.value)} with {numbers.count(c.points[0].size)},"
        f" {numbers.proportion(c.points[-1].value.value)} with {numbers.count(c.points[-1].size)}"
        for mark, c in rows
    )
    return picture(name, title, ends, (plot.width, plot.height), parts)


def _roomy(sizes: Sequence[int], x: Scale) -> list[float]:
    """Sizes whose numbers do not run into each other."""
    kept: list[float] = []
    for size in sizes:
        if not kept or x.at(size) - x.at(kept[-1]) > 34:
            kept.append(size)
    return kept


def _names(rows: Sequence[tuple[Mark, Curve]], y: Scale, plot: Plot) -> list[str]:
    ends = [y.at(curve.points[-1].value.value) for _, curve in rows]
    parts: list[str] = []
    for (mark, _), end, place in zip(rows, ends, spread(ends, 16, plot.top, plot.y1), strict=True):
        leader = path([(plot.x1 - 6, end), (plot.x1 + 10, place)])
        parts.append(tag("path", d=leader, class_=f"leader {mark.colour}"))
        look = f"name{' chosen' if mark.star else ''}"
        parts.append(tag("text", mark.label, x=plot.x1 + 14, y=place + 4, class_=look))
    return parts


def training(name: str, mark: Mark, history: Training) -> Markup:
    """Losses by epoch, the kept one marked."""
    plot = Plot(width=370, height=230, left=50, right=14, top=14, bottom=46)
    epochs = [each.epoch for each in history.epochs]
    losses = {
        "on train": [(e.epoch, e.train_loss) for e in history.epochs],
        "on validation": [(e.epoch, e.validation_loss) for e in history.epochs],
    }
    values = [v for points in losses.values() for _, v in points if v is not None]
    x = Scale(min(epochs), max(*epochs, min(epochs) + 1), plot.left + 10, plot.x1 - 6)
    y = linear([0.0, *values], plot.y1, plot.top, least=0.0, most=max([*values, 1e-9]) * 1.2)
    # Every epoch is a whole number; many of them are thinned out.
    every = max(1, len(epochs) // 8)
    named = sorted(epochs)[::every]
    parts: list[str] = [frame(plot, Axis(x, "epoch", lambda v: f"{v:.0f}", named), Axis(y, "loss", tick))]
    if history.kept is not None:
        at = x.at(history.kept)
        parts.append(tag("line", x1=at, x2=at, y1=plot.top, y2=plot.y1, class_="traffic"))
        end = at > (plot.left + plot.x1) / 2
        where = {"x": at - 5 if end else at + 5, "text_anchor": "end" if end else "start"}
        parts.append(tag("text", "kept", y=plot.top + 10, class_="limit-name", **where))
    for (_, points), dash in zip(losses.items(), ("d0", "d1"), strict=True):
        at_all = [(x.at(epoch), y.at(v)) for epoch, v in points if v is not None]
        if at_all:
            parts.append(tag("path", d=path(at_all), class_=f"line {mark.colour} {dash}"))
            parts += [tag("circle", cx=px, cy=py, r=3, class_=f"mark {mark.colour}") for px, py in at_all]
    return picture(
        name,
        f"Training of {mark.name}, seed {history.seed}",
        f"Loss by epoch: {_said(history.epochs)}",
        (plot.width, plot.height),
        parts,
    )


def _said(epochs: Sequence[Epoch]) -> str:
    first, last = epochs[0], epochs[-1]
    return (
        f"train {loss(first.train_loss)} to {loss(last.train_loss)},"
        f" validation {loss(first.validation_loss)} to {loss(last.validation_loss)}"
    )


def loss(value: float | None) -> str:
    return numbers.UNKNOWN if value is None else f"{value:.3f}"
