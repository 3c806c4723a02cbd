"""What lies behind the figures of a task. No text of a row is in here: rows are named by id."""

from __future__ import annotations

from collections.abc import Mapping

from harness.diagnosing.error_records import (
    CandidateRecall,
    Confusion,
    ErrorGroup,
    FieldFigures,
    Flips,
    Gap,
    SliceFigure,
    Suspect,
)
from harness.diagnosing.learning_records import Advice, Crossover, Curve, CurvePoint, Epoch, Forecast, Training
from harness.diagnosing.sure_records import Bin, Calibration, Cascade, RiskPoint, Selective
from harness.records import Record

__all__ = [
    "Advice",
    "Bin",
    "Calibration",
    "CandidateRecall",
    "Cascade",
    "Confusion",
    "Crossover",
    "Curve",
    "CurvePoint",
    "DataFacts",
    "Diagnosis",
    "Epoch",
    "ErrorGroup",
    "FieldFigures",
    "Flips",
    "Forecast",
    "Gap",
    "RiskPoint",
    "Selective",
    "SliceFigure",
    "Suspect",
    "Training",
]


class DataFacts(Record):
    """What the data is like, in numbers."""

    rows: Mapping[str, int]
    labels: Mapping[str, Mapping[str, int]] = {}
    copies: int = 0
    conflicts: int = 0
    leaks: int = 0
    dropped: int = 0
    near: int = 0
    near_leaks: int = 0
    divided: str = ""
    times: Mapping[str, tuple[str, str]] = {}
    warnings: tuple[str, ...] = ()


class Diagnosis(Record):
    """All that lies behind a task's figures."""

    data: DataFacts | None = None
    calibration: tuple[Calibration, ...] = ()
    selective: tuple[Selective, ...] = ()
    cascades: tuple[Cascade, ...] = ()
    curves: tuple[Curve, ...] = ()
    crossovers: tuple[Crossover, ...] = ()
    training: tuple[Training, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    fields: tuple[FieldFigures, ...] = ()
    candidates: tuple[CandidateRecall, ...] = ()
    errors: tuple[ErrorGroup, ...] = ()
    slices: tuple[SliceFigure, ...] = ()
    gaps: tuple[Gap, ...] = ()
    flips: tuple[Flips, ...] = ()
    notes: tuple[str, ...] = ()
