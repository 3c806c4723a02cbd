"""Losses by step, from a result file.

step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy
1,2.5,0.4,,
2,1.5,0.6,1.75,0.5
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
from contextlib import suppress

from harness.finetuning import CurvePoint
from harness_openai.reading import figure, whole

# A column has had several names.
_COLUMNS = {
    "train_loss": ("train_loss", "training_loss"),
    "train_accuracy": ("train_accuracy", "train_mean_token_accuracy", "training_token_accuracy"),
    "valid_loss": ("valid_loss", "validation_loss", "full_valid_loss"),
    "valid_accuracy": ("valid_mean_token_accuracy", "validation_mean_token_accuracy", "validation_token_accuracy",
                       "full_valid_mean_token_accuracy"),
}  # fmt: skip


def read_curve(content: bytes) -> tuple[CurvePoint, ...]:
    """The points of a result file, plain or in base64, by rising step; empty where it is no such table."""
    text = _decoded(content)
    if text is None:
        return ()
    points: dict[int, CurvePoint] = {}
    # What is no table from here on ends it: a curve is worth no failure once its job is paid for.
    with suppress(csv.Error):
        for row in csv.DictReader(io.StringIO(text)):
            step = whole((row.get("step") or "").strip())
            if step is None:
                continue
            found = {
                name: next((value for column in columns if (value := figure(row.get(column))) is not None), None)
                for name, columns in _COLUMNS.items()
            }
            points[step] = CurvePoint(step=step, **found)
    return tuple(points[step] for step in sorted(points))


def _decoded(content: bytes) -> str | None:
    """The table as text; None where it is none."""
    for form in (content, _plain(content)):
        text = form.decode("utf-8-sig", errors="replace")
        if "step" in text.partition("\n")[0].split(","):
            return text
    return None


def _plain(content: bytes) -> bytes:
    try:
        return base64.b64decode(content, validate=False)
    except (binascii.Error, ValueError):
        return b""
