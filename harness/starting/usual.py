"""The usual jobs, each as a commented suite with made rows to run it on: `harness init --template support`.

support     which queue a ticket belongs to
legal       what kind of clause a passage of a contract is
clinical    how urgent a message of a patient is, a scale
marketing   which topics a comment of a customer names, several at once
sentiment   how satisfied a review is, one to five stars
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from harness.errors import SuiteError, suggest

_FOLDER = "templates"


def templates() -> dict[str, str]:
    """Name to what it is for, in a line: the first comment of its suite."""
    found = {}
    for each in files("harness.starting").joinpath(_FOLDER).iterdir():
        if each.name.endswith(".yaml"):
            first = each.read_text(encoding="utf-8").partition("\n")[0]
            found[each.name.removesuffix(".yaml")] = first.removeprefix("#").strip()
    return dict(sorted(found.items()))


def template_files(name: str, output: Path) -> Mapping[Path, str]:
    """The files of a template: its suite under the name given, its made rows beside it.

    Args:
        name: Of the template.
        output: The suite's file.

    Raises:
        SuiteError: There is none of that name; says which there are.
    """
    known = templates()
    if name not in known:
        raise SuiteError(f"no template {name!r}; {suggest(name, known)}")
    folder = files("harness.starting").joinpath(_FOLDER)
    found = {}
    for each in folder.iterdir():
        if each.name == f"{name}.yaml":
            found[output] = each.read_text(encoding="utf-8")
        elif each.name.startswith(f"{name}-"):
            found[output.parent / each.name] = each.read_text(encoding="utf-8")
    return found
