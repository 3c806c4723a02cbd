"""What prompts say for a label whose name says nothing to a model: a code's description.

label  description                                   said and scored
B12    Card declined: the bank refused the payment   Card declined
B13    Card declined: wrong PIN                      Card declined: wrong PIN      <- else two would be the same
other  anything else                                 other                         <- no code: its name says it
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from harness.answers import normalised
from harness.suite import Task
from harness.suite.task import Label

_STOP = re.compile(r"(?<=\S)[.:;](?=\s)|\n")


def label_words(task: Task) -> dict[str, str]:
    """Label to what prompts say in its stead; labels that stand for themselves are left out.

    A label's own `words` come first. A code is said by its description up to the first full stop, colon or
    semicolon, where that tells it from every other label; else by all of it; else with its name behind it.
    """
    if not isinstance(task.labels, Mapping):
        return {}
    given = {n: of.words for n, of in task.labels.items() if isinstance(of, Label) and of.words is not None}
    told = {n: of.description if isinstance(of, Label) else of for n, of in task.labels.items()}
    codes = [n for n, what in told.items() if n not in given and is_code(n, what, task)]
    whole = {name: " ".join(told[name].split()).removesuffix(".") for name in codes}
    ways = (
        {
            name: " ".join(_STOP.split(told[name].strip(), maxsplit=1)[0].split()).removesuffix(".")
            for name in codes
        },
        whole,
        {name: f"{whole[name]} ({name})" for name in codes},
    )
    taken = [given.get(name, name) for name in told if name not in codes]
    said: dict[str, str] = {}
    for way in ways:
        counts = Counter(map(normalised, [*taken, *said.values(), *(way[n] for n in codes if n not in said)]))
        said |= {n: way[n] for n in codes if n not in said and counts[normalised(way[n])] == 1}
    return {name: word for name in told if (word := given.get(name, said.get(name))) is not None and word != name}


def is_code(label: str, description: str, task: Task) -> bool:
    """Whether a label is said by its description: see `Task.codes`. The numbers of a scale say enough."""
    if not description.strip() or task.codes is False:
        return False
    if task.codes is True:
        return True
    return not task.ordered and " " not in label and any(c.isdigit() for c in label)
