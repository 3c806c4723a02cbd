"""From a run's strategy to a folder that answers without the harness.

mine/README.md          what it is, how good it was, how to install and run it
mine/answer.py          python answer.py rows.csv -o answered.csv
mine/strategy.py …      what it calls, and settings and weights beside it
mine/requirements.txt   pinned
mine/manifest.json      {"run": …, "strategy": …, "files": {"answer.py": {"bytes": …, "sha256": "…"}}}
"""

from __future__ import annotations

import hashlib
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from harness import __version__, journal
from harness.data.turning import SPEAKERS
from harness.errors import StoreError, SuiteError
from harness.exportable import Exportable, Onnx
from harness.exporting.checking import Checked, check
from harness.exporting.readme import readme
from harness.exporting.target import Target
from harness.records import Failed, Prediction, Record, TrialKey
from harness.running.long_rows import unwrapped
from harness.running.opening import opened
from harness.running.rows import Row
from harness.running.runner import open_bench
from harness.running.steps import Steps
from harness.running.store import RunFolder
from harness.selection import Chosen, Selected
from harness.suite import Columns
from harness.suite.load import Loaded

_STANDALONE = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Wanted:
    """What an export is to be like.

    Attributes:
        with_weights: Copy the weights of models too, instead of naming them.
        merge: Merge adapters into full weights, which are then copied.
        onnx: Write encoders as ONNX, with numbers of 32 bits or of 8.
        check: So many test rows are asked again and held against the run; 0 for none.
    """

    with_weights: bool = False
    merge: bool = False
    onnx: Onnx | None = None
    check: int = 8


class Bundle(Record):
    """An export that was made.

    Attributes:
        folder: Where.
        files: Their number.
        bytes: Their size together.
        checked: How it did on test rows; None where it was not asked any.
        unchecked: Why not.
    """

    folder: str
    files: int
    bytes: int
    checked: Checked | None = None
    unchecked: str = ""


def export(
    loaded: Loaded, folder: RunFolder, key: TrialKey, out: Path, wanted: Wanted, figures: Row | None = None
) -> Bundle:
    """Writes a fitted strategy as a folder that answers without the harness, and tries it.

    Args:
        loaded: The run's suite.
        folder: The run.
        key: The trial; see `harness.running.prediction.find_trial`.
        out: The folder to make.
        wanted: What it is to be like.
        figures: The trial's, for the README.

    Raises:
        SuiteError: The strategy or one of its models cannot be exported.
        StoreError: The folder is there and has something in it, or cannot be written.
        RunFailed: The exported script fails.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise StoreError(f"{str(out)!r} is there already: name a folder that is not, or an empty one")
    chosen = behind(loaded, folder, key)
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        made = _fill(loaded, folder, chosen, partial, wanted)
        checked, unchecked = _check(loaded, folder, chosen, made, wanted)
        named = figures.model_copy(update={"chosen": chosen.strategy}) if figures and chosen != key else figures
        (partial / "README.md").write_text(
            readme(folder, chosen, made, named, checked, unchecked), encoding="utf-8"
        )
        files = _manifest(folder, chosen, made)
        # What came out of the run's own folder is its owner's alone; an export is made to be handed on.
        file_mode, folder_mode = (each.stat().st_mode for each in (partial / "README.md", partial))
        for each in partial.rglob("*"):
            each.chmod(folder_mode if each.is_dir() else file_mode)
        if out.exists():
            out.rmdir()
        partial.rename(out)
    except OSError as error:
        raise journal.cannot_write(out, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Bundle(folder=str(out), files=len(files), bytes=sum(files), checked=checked, unchecked=unchecked)


def behind(loaded: Loaded, folder: RunFolder, key: TrialKey) -> TrialKey:
    """The trial that answers: of a matrix the candidate that was chosen on validation."""
    while isinstance(loaded.strategies[key.strategy].strategy, Selected):
        chosen = Steps(folder.trial(key).path / "steps").result("chosen", Chosen)
        if chosen is None:
            raise StoreError(f"{key.strategy!r} has not chosen among its candidates: the run did not get so far")
        key = key.model_copy(update={"strategy": chosen.name})
    return key


def exportable(loaded: Loaded) -> list[str]:
    """Strategies of a suite that can be exported, by name; of a matrix the choice stands for all."""
    return [
        name
        for name, bound in loaded.strategies.items()
        if not bound.hidden and isinstance(bound.strategy, Exportable | Selected)
    ]


def _fill(loaded: Loaded, folder: RunFolder, key: TrialKey, out: Path, wanted: Wanted) -> Target:
    bound = loaded.strategies[key.strategy]
    strategy = bound.strategy
    if not isinstance(strategy, Exportable):
        able = ", ".join(exportable(loaded)) or "none"
        raise SuiteError(
            f"strategy {key.strategy!r} ({bound.use}) cannot be exported: its class has no `export` method, which"
            f" docs/using.md describes. Of this suite's strategies these can: {able}. `harness serve` serves it as"
            " it is"
        )
    target = Target(
        out,
        folder.task(key.task).brief,
        folder.trial(key).path / "fit",
        loaded.models,
        with_weights=wanted.with_weights,
        merge=wanted.merge,
        onnx=wanted.onnx,
    )
    with ExitStack() as stack:
        bench = open_bench(loaded, folder, stack)
        job = bench.job(key)
        trial = stack.enter_context(opened(job, bench, folder.path / "predictions.jsonl"))
        strategy.export(job.data.brief, unwrapped(trial.fitted), target)
    _columns(next(task.data.columns for task in loaded.suite.tasks if task.name == key.task), target)
    (out / "requirements.txt").write_text(target.requirements(), encoding="utf-8")
    return target


def _columns(columns: Columns, target: Target) -> None:
    """Writes `answer.py`, and which of a row's columns it reads."""
    speakers = {**SPEAKERS, **{name.casefold(): role for name, role in columns.speakers.items()}}
    target.json(
        "answer.json",
        {
            "text": columns.text,
            "history": columns.history,
            "whole": columns.history is not None and columns.text == Columns().text,
            "speakers": dict(speakers) if columns.history is not None else {},
        },
    )
    target.code("answer.py", _STANDALONE / "answer.py")
    if columns.history is not None:
        target.code("dialogue.py", _STANDALONE / "dialogue.py")


class Verdict(NamedTuple):
    """How the export did, or why it was not tried."""

    checked: Checked | None
    unchecked: str = ""


def _check(loaded: Loaded, folder: RunFolder, key: TrialKey, made: Target, wanted: Wanted) -> Verdict:
    if wanted.check == 0:
        return Verdict(None, "that was not asked for")
    if any(not model.local for model in made.used.values()):
        return Verdict(None, "it asks an endpoint, which costs money")
    recorded: dict[str, Prediction | Failed] = {o.query_id: o.result for o in folder.trial(key).outcomes()}
    data = folder.data(key.task)
    asked = [each for each in data.test if each.query.id in recorded]
    if not asked:  # a candidate is not asked the test rows itself: whoever chose it is
        for name, bound in loaded.strategies.items():
            if key.strategy in bound.candidates:
                chooser = key.model_copy(update={"strategy": name})
                recorded = {o.query_id: o.result for o in folder.trial(chooser).outcomes()}
        asked = [each for each in data.test if each.query.id in recorded]
    if not asked:
        return Verdict(None, "the run recorded no answer to hold it against")
    return Verdict(check(made.folder, asked[: wanted.check], recorded))


def _manifest(folder: RunFolder, key: TrialKey, made: Target) -> list[int]:
    """Writes manifest.json; gives the size of each file in bytes."""
    files: dict[str, JsonValue] = {}
    sizes = []
    for path in sorted(each for each in made.folder.rglob("*") if each.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        sizes.append(path.stat().st_size)
        files[path.relative_to(made.folder).as_posix()] = {"bytes": sizes[-1], "sha256": digest}
    made.json(
        "manifest.json",
        {
            "run": folder.id,
            "task": key.task,
            "strategy": key.strategy,
            "seed": key.seed,
            "repeat": key.repeat,
            "harness": __version__,
            "files": files,
        },
    )
    return sizes
