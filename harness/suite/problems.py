"""Everything that is wrong with a file, told at once and in the order of the file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from harness.errors import HarnessError, SuiteError
from harness.suite.yaml_positions import Document, position

MOST_SHOWN = 20


@dataclass
class Problems:
    """Gathers what is wrong with a file, so that the user hears of all of it at once."""

    document: Document
    found: dict[tuple[str, str], type[HarnessError]] = field(default_factory=dict)

    def add(self, dotted: str, message: str, kind: type[HarnessError] = SuiteError) -> None:
        self.found.setdefault((dotted, message), kind)

    def raise_any(self) -> None:
        """Raises one error that lists them, in the order of the file.

        Raises:
            HarnessError: A SuiteError; where all of them are of another type, that.
        """
        if not self.found:
            return
        kinds = set(self.found.values())
        kind = kinds.pop() if len(kinds) == 1 else SuiteError
        listed = sorted(self.found, key=lambda each: self._place(each[0]))
        if len(listed) == 1:
            dotted, message = listed[0]
            raise kind(message, where=position(self.document, dotted))
        shown = [f"{position(self.document, dotted)}\n  {message}" for dotted, message in listed[:MOST_SHOWN]]
        if len(listed) > MOST_SHOWN:
            shown.append(f"and {len(listed) - MOST_SHOWN} more")
        raise kind("\n".join(shown))

    def _place(self, dotted: str) -> tuple[int, int]:
        match = re.search(r":(\d+):(\d+)(  |$)", position(self.document, dotted))
        return (int(match[1]), int(match[2])) if match else (0, 0)
