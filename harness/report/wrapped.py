"""Text for the terminal, wrapped without blanks behind its lines."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text


@dataclass(frozen=True)
class Wrapped:
    """Text whose lines are set in, with nothing behind them: rich leaves the blank at which it broke a line.

    Attributes:
        text: What is wrapped.
        mark: What stands before the first line; the others are set in as far.
        style: Of the text.
    """

    text: str
    mark: str = ""
    style: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = Text(self.text, style=self.style).wrap(console, max(options.max_width - len(self.mark), 20))
        for number, line in enumerate(lines):
            line.rstrip()
            yield Text(" " * len(self.mark) if number else self.mark) + line
