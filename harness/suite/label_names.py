"""Whether each name of a label, as data and answers may have it, stands for one label alone.

labels: {billing: {aliases: [bill]}, invoice: {aliases: [Bill]}}      `Bill` could be either
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.answers import normalised
from harness.suite.problems import Problems
from harness.suite.task import Label, Task
from harness.suite.yaml_positions import join


def check_label_names(task: Task, at: str, problems: Problems) -> None:
    """Says so where an alias or a word stands for two labels, and where a scale has no labels to be one of.

    Args:
        task: What the suite says of it.
        at: Where it stands in the suite.
        problems: Told what is wrong.
    """
    if task.ordered and task.kind != "label":
        problems.add(join(at, "ordered"), f"only labels of kind 'label' can be a scale; this is {task.kind!r}")
    if not isinstance(task.labels, Mapping):
        return
    owners = {normalised(label): label for label in reversed(list(task.labels))}
    words: dict[str, str] = {}
    for label, said in task.labels.items():
        if not isinstance(said, Label):
            continue
        here = join(at, "labels", label)
        for index, alias in enumerate(said.aliases):
            place = join(here, "aliases", index)
            if not alias.strip():
                problems.add(place, "an alias is empty; leave it out")
                continue
            owner = owners.setdefault(normalised(alias), label)
            if owner != label:
                itself = normalised(owner) == normalised(alias)
                what = f"the label {owner!r} itself" if itself else f"an alias of {owner!r} too"
                problems.add(place, f"the alias {alias!r} of {label!r} is {what}; let it stand for one label")
        word = normalised(said.words or label)
        if said.words is not None and words.get(word, label) != label:
            problems.add(join(here, "words"), f"the words {said.words!r} stand for {words[word]!r} too")
        elif said.words is not None and owners.get(word, label) != label:
            problems.add(join(here, "words"), f"the words {said.words!r} are a name of {owners[word]!r} already")
        words.setdefault(word, label)
