"""What of the data's own words may be told: all of them, or none where the reader wants no texts.

Told(texts=False, ...).label("positive")      "label 1"
Told(texts=False, ...).sentence("3 are 'positive'")   None: it quotes a label
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from harness.comparing.evidence import TaskEvidence
from harness.comparison import TaskComparison

CUT = 2000
_LENGTHS = re.compile(r"[\d,]+( to [\d,]+)? characters")  # a group that we name, not the data
_KIND = re.compile(r"[a-z][a-z0-9-]{0,30}")
_CHOICE = re.compile(r"[\w.+-]+(\[[\w.+-]+=[\w.+-]+(, ?[\w.+-]+=[\w.+-]+)*\])?")


class Told:
    """Gives words out, or a number in their place.

    Args:
        texts: Whether the page may hold them.
        task: What was found.
        evidence: What it was found in; None where only the figures are at hand.
    """

    def __init__(self, texts: bool, task: TaskComparison, evidence: TaskEvidence | None) -> None:
        self.texts = texts
        self._task = task
        self._evidence = evidence
        self._groups: dict[tuple[str, str], str] = {}

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        found: list[str] = [*self._task.labels]
        if self._evidence is not None:
            found += self._evidence.brief.labels
        for confusion in self._task.diagnosis.confusions:
            found += confusion.labels
        if self._task.diagnosis.data is not None:
            found += [label for labels in self._task.diagnosis.data.labels.values() for label in labels]
        return {label: f"label {i + 1}" for i, label in enumerate(dict.fromkeys(found))}

    @cached_property
    def _quoted(self) -> re.Pattern[str]:
        values = {s.value for s in self._task.diagnosis.slices}
        for gap in self._task.diagnosis.gaps:
            values |= {gap.best, gap.worst}
        found = {w for w in (*self._labels, *values) if w.strip() and not _LENGTHS.fullmatch(w)}
        words = sorted(found, key=len, reverse=True)
        return re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words) or r"(?!)", re.IGNORECASE)

    def label(self, name: str) -> str:
        if self.texts:
            return name
        return self._labels.get(name, "another label")

    def group(self, column: str, value: str) -> str:
        """A value of a metadata column."""
        if self.texts or _LENGTHS.fullmatch(value):
            return value
        number = sum(c == column for c, _ in self._groups) + 1
        return self._groups.setdefault((column, value), f"group {number}")

    def figure(self, name: str) -> str:
        """A figure's name: ``recall[positive]`` has a label in it."""
        before, bracket, after = name.partition("[")
        return f"{before}[{self.label(after[:-1])}]" if bracket and after.endswith("]") else name

    def sentence(self, words: str) -> str | None:
        """One of ours, about the data; None where it quotes a label or a value that must not be told."""
        return words if self.texts or not self._quoted.search(words) else None

    def ours(self, words: str) -> str:
        """A sentence that names no label but in a figure, such as ``recall[positive]``."""
        if self.texts:
            return words
        for label, number in self._labels.items():
            words = words.replace(f"[{label}]", f"[{number}]")
        return words

    def sentences(self, words: Iterable[str]) -> list[str]:
        return [each for each in map(self.sentence, words) if each]

    def errors(self, what: str) -> str:
        """What errors have in common, its labels as numbers where need be."""
        if self.texts:
            return what
        first, between, second = what.partition(" answered as ")
        if between:
            return f"{self.label(first)}{between}{self.label(second)}"
        return self.sentence(what) or "rows with a value in common"

    def chosen(self, what: str) -> str:
        """A candidate's name; its parameters may be prompts."""
        return what if self.texts or _CHOICE.fullmatch(what) else "left out: it may quote a prompt"

    def kind(self, what: str) -> str:
        """A failure's; a strategy's own may say anything."""
        return cut(what, 60) if self.texts or _KIND.fullmatch(what) else "another kind"

    def warnings(self, found: Iterable[str]) -> list[str]:
        """Foreign ones may quote a text, so that they are only counted where texts are left out."""
        each = list(found)
        if self.texts or not each:
            return [cut(one, 600) for one in each]
        return [f"{len(each)} warning{'s' if len(each) > 1 else ''} left out: a warning may quote a text."]


def cut(text: str, most: int = CUT) -> str:
    """A foreign text, no longer than `most` characters, and says so."""
    clean = text.replace("\r\n", "\n").replace("\t", "    ")
    return clean if len(clean) <= most else f"{clean[:most]}… [cut: {len(clean) - most:,} more characters]"
