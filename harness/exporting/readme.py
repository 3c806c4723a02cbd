"""The README of an export: what it is, how good it was, how to install and run it."""

from __future__ import annotations

from harness import numbers
from harness.exporting.checking import Checked
from harness.exporting.target import Target
from harness.records import TrialKey
from harness.running.rows import Row
from harness.running.store import RunFolder
from harness.suite import Columns

_USE = """\
## Install and run

```
python -m venv .venv && .venv/bin/pip install -r requirements.txt
.venv/bin/python answer.py rows.csv -o answered.csv
echo '{"text": "…"}' | .venv/bin/python answer.py
```

Rows are CSV or JSONL with the columns {columns}, or with one column `text`{history}.
Each row comes back with `answer`, `probability` and `failure` behind it. From Python:
`from answer import answer; answer([{{"text": "…"}}])`. The harness is not needed.

`manifest.json` lists every file with its SHA-256. Nothing here is pickled; weights are safetensors, GGUF or ONNX.
"""


def readme(
    folder: RunFolder, key: TrialKey, made: Target, figures: Row | None, checked: Checked | None, unchecked: str
) -> str:
    """The text.

    Args:
        folder: The run.
        key: The trial that answers.
        made: What was exported.
        figures: The trial's figures, where they are known.
        checked: How the export did on test rows.
        unchecked: Why it was not tried, where it was not.
    """
    brief = folder.task(key.task).brief
    header = folder.header
    columns = next(task for task in folder.kept_suite.tasks if task.name == key.task).data.columns
    parts = [
        f"# {key.strategy}, for {key.task}",
        f"Answers the question {_quoted(brief.instructions)}",
        f"Made by run `{folder.id}` of {header.started:%Y-%m-%d} (seed {key.seed}), with what that run fitted.",
        "## How good it was",
        _figures(figures),
        _checked(checked, unchecked),
        _use(columns),
    ]
    if made.notes:
        parts += ["## What to know", "\n".join(f"- {note}" for note in made.notes)]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _use(columns: Columns) -> str:
    told = _USE.replace("{columns}", f"of `{columns.text}`".replace("\n", " "))
    history = ""
    if columns.history is not None:
        history = (
            f". Earlier turns stand in `{columns.history}` or in `history`, as a list of messages or as lines that"
            " begin with who speaks"
        )
    return told.replace("{history}", history).replace("{{", "{").replace("}}", "}")


def _figures(row: Row | None) -> str:
    if row is None or row.value is None:
        return "The run has no figure for it."
    interval = ""
    if row.low is not None and row.high is not None:
        interval = f" ({numbers.proportion(row.low)} to {numbers.proportion(row.high)}, 95 % interval)"
    failed = f", {row.failed} of which got no answer" if row.failed else ""
    said = [f"- {row.metric} {numbers.proportion(row.value)}{interval}, n = {row.n} test rows{failed}"]
    if row.p50_seconds is not None:
        said.append(f"- median latency {numbers.seconds(row.p50_seconds)} (n = {row.timed}) where the run ran")
    said.append("- On rows unlike the run's test rows it may do better or worse.")
    return "\n".join(said)


def _checked(checked: Checked | None, unchecked: str) -> str:
    if checked is None:
        return f"Its answers were not held against the run's when it was exported: {unchecked}."
    told = f"Asked {checked.rows} of the run's test rows when exported, {checked.same} got the run's own answer"
    if checked.furthest is not None:
        told += f"; probabilities differ by at most {checked.furthest:.1g}"
    return told + "."


def _quoted(text: str) -> str:
    return " ".join(text.split()).replace("`", "'")
