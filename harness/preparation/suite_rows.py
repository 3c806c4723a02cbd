"""Examples out of a suite's task: its train and its validation. Test rows never come here."""

from __future__ import annotations

from harness.data.preparing import prepare_rows
from harness.data.saying import counted, few
from harness.data.task import task_data
from harness.data.taskdata import SPLITS
from harness.preparation.gathered import Gathered
from harness.preparation.table_rows import lines_of
from harness.records import Example
from harness.suite import Task
from harness.suite.load import Loaded
from harness.turns import key_of


def gather_task(loaded: Loaded, task: Task, system: str | None) -> Gathered:
    """Examples of a task's train and validation, asked as a run asks them.

    A row whose text stands in test too, which a suite can allow, is left out and named.

    Raises:
        DataError: The task's rows are not what the suite says.
    """
    prepared = prepare_rows(task, loaded.folder, loaded.registry.readers)
    data, split = task_data(task, loaded.folder, prepared), prepared.divided.splits
    places = {item.id: item.place for name in SPLITS for item in split[name]}
    tested = {key_of(example.query) for example in data.test} | {item.normal for item in split["test"]}
    apart: list[str] = []
    both = []
    for examples in (data.train, data.validation):
        kept: list[Example] = []
        for example in examples:
            if key_of(example.query) in tested:
                apart.append(places[example.query.id])
            else:
                kept.append(example)
        both.append(lines_of(data.brief, kept, [places[each.query.id] for each in kept], system))
    told = [
        f"{task.name} of {loaded.path}: train {len(both[0]):,}, validation {len(both[1]):,}; the "
        f"{counted(len(split['test']), 'test row')} stay out."
    ]
    if apart:
        told.append(f"{counted(len(apart))} whose text stands in test too were left out: {few(apart)}.")
    return Gathered(both[0], both[1], [], (*told, *data.report.warnings), task.kind == "text")
