"""Made reviews: the task that suites of tests have over them, and the file of its rows.

suite.write_text(TASK.format(test=8) + "models: …")      what is under `models:` is the test's own
"""

from __future__ import annotations

import csv
from pathlib import Path

from harness.testing import tiny_task

TASK = """\
name: tiny
tasks:
  - name: reviews
    kind: label
    instructions: Is this review positive or negative?
    labels: [positive, negative]
    data:
      path: reviews.csv
      columns: {{text: text, target: label, id: id}}
      splits: {{train: 20, validation: 10, test: {test}}}
"""


def write_rows(folder: Path, **more: str) -> None:
    """Writes sixty made reviews as reviews.csv; `more` are columns that have one value in every row."""
    tiny = tiny_task()
    with (folder / "reviews.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "text", "label", *more])
        for example in (*tiny.train, *tiny.validation, *tiny.test):
            writer.writerow([example.query.id, example.query.text, *example.targets, *more.values()])
