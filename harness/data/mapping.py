"""From a label as the file has it to the label that it stands for.

data: {map: {" billing ": Billing, refunds: Refund}}      labels: {Refund: {aliases: [money back]}}

" billing "  -> Billing     a cell of the map, letter for letter, comes first
"Billing "   -> Billing     blanks around a listed label, an alias or a label of the map do not count
"money back" -> Refund      another name that the suite gives
"billing"    -> billing     case counts: what differs in it is told, not guessed
"""

from __future__ import annotations

from collections import Counter

from harness.data.saying import counted
from harness.data.targets import Targets, read_targets
from harness.errors import SuiteError
from harness.suite import Task


class Names:
    """Reads target cells with the names that a suite gives its labels.

    Args:
        task: What the suite says of it.

    Raises:
        SuiteError: A name stands for two labels.
    """

    def __init__(self, task: Task) -> None:
        self._kind = task.kind
        self._listed = frozenset[str]() if task.labels == "auto" else frozenset(task.labels)
        self._map = dict(task.data.map)
        self._used: set[str] = set()
        self._trimmed: Counter[str] = Counter()
        self._other = _other_names(task)
        # What a cell is taken for once blanks around it are gone; the exact cell always comes first.
        self._known = {*self._listed, *self._other, *self._map, *self._map.values()}

    def targets(self, cell: str) -> Targets | None:
        """The targets of a cell; None for none.

        Raises:
            ValueError: It cannot be what the kind asks for.
        """
        if self._kind not in ("label", "labels"):
            return read_targets(self._mapped(cell), self._kind)
        whole = self._name(cell)
        read = read_targets(whole, self._kind, self._listed)
        if read is None or self._kind == "label":
            return read
        return tuple(dict.fromkeys(self._name(each) for each in read))

    @property
    def unused(self) -> list[str]:
        """Cells of the map that no row had."""
        return [cell for cell in self._map if cell not in self._used]

    def remarks(self, file: str) -> list[str]:
        """What a reader must know of how the labels were read."""
        if not self._trimmed:
            return []
        (common, _), *_ = self._trimmed.most_common(1)
        return [
            f"In {counted(self._trimmed.total())} of {file} a label has blanks around it that do not count, "
            f"such as {common!r}."
        ]

    def _mapped(self, cell: str) -> str:
        if cell in self._map:
            self._used.add(cell)
            return self._map[cell]
        return cell

    def _name(self, cell: str) -> str:
        if cell in self._map:
            return self._mapped(cell)
        bare = cell if cell in self._known else cell.strip()
        if bare not in self._known:
            return cell
        if bare != cell:
            self._trimmed[cell] += 1
        return self._mapped(bare) if bare in self._map else self._other.get(bare, bare)


def _other_names(task: Task) -> dict[str, str]:
    other: dict[str, str] = {}
    for label, names in task.aliases.items():
        for name in names:
            if other.setdefault(name, label) != label or (name in task.labels and name != label):
                both = label if name in task.labels else other[name]
                raise SuiteError(
                    f"{name!r} is another name of {label!r} and stands for {both!r} too", where="labels"
                )
    return other
