"""The data: counts, rows that stand twice, labels that contradict each other, labels that may be wrong."""

from __future__ import annotations

from collections.abc import Sequence

from harness import numbers
from harness.data.taskdata import Finding
from harness.diagnosing.records import DataFacts, Suspect
from harness.numbers import plural
from harness.report.html.confusion import NAMED
from harness.report.html.parts import Block, Cell, Fold, Head, Heading, Listing, Prose, Section, Table, number
from harness.report.html.told import cut
from harness.report.html.view import View
from harness.report.html.wording import capital, percent

_SUSPECTS = 50
_FIRST = 8
_TEXT = 300


def section(view: View) -> Section:
    blocks: list[Block] = []
    facts = view.task.diagnosis.data
    if view.texts and view.evidence is not None:
        blocks.append(Prose(f"The task: {cut(view.evidence.brief.instructions, 1000)}", look="task"))
    blocks.append(_counts(view, facts))
    if facts is not None:
        blocks += [*_by_label(view, facts), Prose(_found(facts))]
    blocks += _conflicts(view)
    suspects = view.task.diagnosis.suspects
    if suspects:
        blocks += [Heading("Labels that may be wrong"), *_suspects(view, suspects)]
    else:
        blocks.append(Prose("Labels that may be wrong: none was named, or none was looked for.", "quiet"))
    warnings = [cut(each, 600) for each in facts.warnings] if facts is not None else []
    if warnings:
        blocks.append(Listing("What a reader must know of the data", warnings))
    return Section(f"{view.prefix}data", "Data", blocks)


def _counts(view: View, facts: DataFacts | None) -> Table:
    rows = dict(facts.rows) if facts is not None else dict(view.task.rows)
    labels = facts.labels if facts is not None else {}
    names = list(dict.fromkeys([*view.task.labels, *(n for split in labels.values() for n in split)]))
    names = names if len(names) <= NAMED else []
    heads = [Head("split"), Head("rows", number=True), *(Head(n, number=True) for n in names)]
    if not any(labels.values()):
        heads, names = heads[:2], []
    told = []
    for split in [s for s in ("train", "validation", "test") if s in rows] + [
        s for s in rows if s not in ("train", "validation", "test")
    ]:
        cells = [Cell(split), number(numbers.count(rows[split]), rows[split])]
        for name in names:
            n = labels.get(split, {}).get(name, 0)
            cells.append(number(numbers.count(n), n, percent(n / rows[split]) if rows[split] else ""))
        told.append(cells)
    return Table("Rows and labels by split", heads, told, sortable=False)


def _by_label(view: View, facts: DataFacts) -> list[Block]:
    """Of more labels than columns can be headed by, a row for each."""
    names = list(dict.fromkeys([*view.task.labels, *(n for split in facts.labels.values() for n in split)]))
    if len(names) <= NAMED or not any(facts.labels.values()):
        return []
    counts = {split: sorted(of.get(name, 0) for name in names) for split, of in facts.labels.items()}
    few = counts.get("train", [0])
    said = (
        f"{len(names)} labels; in train the rarest has {plural(few[0], 'row')}, the commonest "
        f"{numbers.count(few[-1])}, the middle one {numbers.count(few[len(few) // 2])}."
    )
    rows = [
        [Cell(name), *(number(numbers.count(n := of.get(name, 0)), n) for of in facts.labels.values())]
        for name in names
    ]
    heads = [Head("label"), *(Head(split, number=True) for split in facts.labels)]
    return [Prose(said), Fold(f"Rows of all {len(names)} labels", [Table("Rows by label and split", heads, rows)])]


def _found(facts: DataFacts) -> str:
    def rows(n: int, what: str, one: str, many: str) -> str:
        return f"{plural(n, what)} {one if n == 1 else many}"

    told = [
        (facts.copies, rows(facts.copies, "row", "stands", "stand") + " in the data twice, case and space aside"),
        (
            facts.conflicts,
            rows(facts.conflicts, "row", "has", "have") + " a text that has another target elsewhere",
        ),
        (facts.leaks, rows(facts.leaks, "test row", "stands", "stand") + " in train or validation too"),
        (facts.dropped, rows(facts.dropped, "test row", "was", "were") + " left out for that"),
        (facts.near, rows(facts.near, "row", "is", "are") + " almost the same as another"),
        (
            facts.near_leaks,
            rows(facts.near_leaks, "test row", "is", "are") + " almost the same as one of train or validation",
        ),
    ]
    known = "; ".join(words for n, words in told if n)
    if facts.divided:
        told_by = [f"{name} from {first} to {last}" for name, (first, last) in facts.times.items()]
        divided = f" Rows were divided so: {'; '.join([facts.divided, *told_by])}."
    else:
        divided = ""
    nothing = "No text stands twice, none contradicts another, none of test is in train."
    return f"{known}.{divided}" if known else f"{nothing}{divided}"


def _conflicts(view: View) -> list[Block]:
    if view.evidence is None or not view.texts:
        return []
    report = view.evidence.report
    named = [
        ("Texts with different targets", report.conflicts),
        ("Test rows that stand in train or validation", report.leaks),
        ("Rows that are almost the same", report.near_duplicates),
        ("Texts that stand more than once in a split", report.normalised_within),
    ]
    lists: list[Block] = [Listing(title, _groups(each), look="texts") for title, each in named if each.examples]
    return [Fold("Some of these texts", lists)] if lists else []


def _groups(found: Finding) -> list[str]:
    told = []
    for group in found.examples[:5]:
        copies = "; ".join(f"{c.split}: {', '.join(cut(t, 80) for t in c.targets)}" for c in group.copies[:4])
        told.append(f"{cut(group.text, _TEXT)}\n{plural(group.size, 'row')}: {copies}")
    return told


def _suspects(view: View, found: Sequence[Suspect]) -> list[Block]:
    shown = sorted(found, key=lambda s: s.probability)[:_SUSPECTS]
    told = "; ".join(dict.fromkeys(each.how for each in found))
    note = plural(len(found), "row")
    note += f", the {_SUSPECTS} least likely labels are here" if len(shown) < len(found) else ""
    note += ". The probability is of one model for one row: it has no interval."
    note += f" {capital(told)}." if told else ""
    blocks: list[Block] = [_suspect_rows(view, "Suspects, the least likely label first", shown[:_FIRST], note)]
    if len(shown) > _FIRST:
        left = _suspect_rows(view, "More suspects", shown[_FIRST:], "")
        blocks.append(Fold(f"{len(shown) - _FIRST} more", [left]))
    return blocks


def _suspect_rows(view: View, caption: str, shown: Sequence[Suspect], note: str) -> Table:
    heads = [Head("row"), Head("split"), Head("label given"), Head("models say"), Head("p of the given", True)]
    heads += [Head("text")] if view.texts else []
    rows = []
    for each in shown:
        cells = [
            Cell(each.query_id, look="id"),
            Cell(each.split),
            Cell(cut(each.given, 120)),
            Cell(cut(each.suggested, 120)),
            number(numbers.proportion(each.probability), each.probability),
        ]
        if view.texts:
            cells.append(Cell(cut(view.text_of(each.query_id) or "", _TEXT), look="text"))
        rows.append(cells)
    return Table(caption, heads, rows, note)
