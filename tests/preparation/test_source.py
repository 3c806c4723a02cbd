from __future__ import annotations

import csv
import gzip
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pandas
import pytest

from harness.errors import DataError, SuiteError
from harness.preparation.asked import Asked
from harness.preparation.source import gather
from harness.starting.table import Given

ROWS = [
    {"body": f"question {i} about a thing", "queue": ("billing", "login", "delivery")[i % 3]} for i in range(30)
]
ROWS[3] = {"body": "", "queue": "login"}
ROWS[4] = {"body": "nobody answers this one", "queue": ""}
COLUMNS = Asked(text="body", target="queue")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def _xlsx(path: Path, rows: Sequence[Sequence[str]]) -> None:
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>"
        for row in rows
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE}"/>')
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{REL}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{REL}/worksheet" '
            'Target="worksheets/sheet1.xml"/>'
            "</Relationships>",
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'
        )


def _written(folder: Path, kind: str) -> Path:
    path = folder / f"tickets.{kind}"
    if kind in ("csv", "tsv"):
        with path.open("w", newline="") as file:
            table = [list(ROWS[0]), *(list(row.values()) for row in ROWS)]
            csv.writer(file, delimiter="," if kind == "csv" else "\t").writerows(table)
    elif kind == "json":
        path.write_text(json.dumps(ROWS))
    elif kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    elif kind == "parquet":
        pandas.DataFrame(ROWS).to_parquet(path)
    else:
        _xlsx(path, [list(ROWS[0]), *(list(row.values()) for row in ROWS)])
    return path


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("csv", "line 2"),
        ("tsv", "line 2"),
        ("json", "item 1"),
        ("jsonl", "line 1"),
        ("parquet", "row 1"),
        ("xlsx", "row 2"),
    ],
)
def test_every_format_gives_the_same_examples_with_the_places_of_its_own(
    tmp_path: Path, kind: str, first: str
) -> None:
    gathered = gather(str(_written(tmp_path, kind)), Given(), COLUMNS)
    at = int(first.split()[1])
    assert 28 == len(gathered.train)
    assert (f"tickets.{kind} {first}", at) == (gathered.train[0].place, gathered.train[0].number)
    assert ("question 0 about a thing", "billing") == (
        gathered.train[0].prompt[0]["content"],
        gathered.train[0].answer[0]["content"],
    )
    assert [("empty-prompt", at + 3), ("empty-answer", at + 4)] == [
        (each.kind, each.numbers[0]) for each in gathered.findings
    ]


def test_instructions_stand_before_each_text_as_a_run_asks_it(tmp_path: Path) -> None:
    asked = COLUMNS.model_copy(update={"instructions": "Which queue?", "system": "You sort."})
    line = gather(str(_written(tmp_path, "csv")), Given(), asked).train[0]
    said = "Which queue?\nAnswer with one of: billing, delivery, login.\n\nquestion 0 about a thing"
    assert [("system", "You sort."), ("user", said)] == [(t["role"], t["content"]) for t in line.prompt]


def test_a_label_that_is_not_listed_is_found(tmp_path: Path) -> None:
    asked = COLUMNS.model_copy(update={"labels": ("billing", "login")})
    gathered = gather(str(_written(tmp_path, "csv")), Given(), asked)
    unlisted = [each.numbers[0] for each in gathered.findings if each.kind == "unlisted-label"]
    assert [line for line in range(2, 32) if (line - 2) % 3 == 2] == unlisted
    with pytest.raises(SuiteError, match="at least two labels"):
        gather(str(_written(tmp_path, "csv")), Given(), COLUMNS.model_copy(update={"labels": ("billing",)}))


def _chat(text: str) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": "x"}]}


def test_conversations_are_taken_as_they_are_packed_or_in_a_list(tmp_path: Path) -> None:
    items = [_chat(f"t{i}") for i in range(3)]
    lines = "".join(json.dumps(item) + "\n" for item in items)
    (tmp_path / "c.jsonl").write_text("broken\n" + lines, encoding="utf-8-sig")
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    (tmp_path / "c.json").write_text(json.dumps(items))
    pandas.DataFrame(items).to_parquet(tmp_path / "c.parquet")
    for name in ("c.jsonl", "c.jsonl.gz", "c.json", "c.parquet"):
        gathered = gather(str(tmp_path / name), Given(), Asked())
        assert ["t0", "t1", "t2"] == [line.prompt[0]["content"] for line in gathered.train], name
    assert [1] == [
        n for each in gather(str(tmp_path / "c.jsonl"), Given(), Asked()).findings for n in each.numbers
    ]


def test_options_that_conversations_have_no_use_for_are_refused(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text(json.dumps(_chat("a")) + "\n")
    with pytest.raises(SuiteError, match="takes no --instructions"):
        gather(str(tmp_path / "c.jsonl"), Given(), Asked(instructions="Which?"))
    with pytest.raises(SuiteError, match="is for supervised, and --method says 'dpo'"):
        gather(str(tmp_path / "c.jsonl"), Given(), Asked(method="dpo"))


def test_a_prompt_and_a_completion_may_be_asked_as_rows(tmp_path: Path) -> None:
    rows = [{"prompt": f"text {i}", "completion": "xy"[i % 2]} for i in range(12)]
    (tmp_path / "c.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    columns = Asked(text="prompt", target="completion", instructions="Which?")
    as_chat, as_rows = (gather(str(tmp_path / "c.jsonl"), Given(), asked).train[0] for asked in (Asked(), columns))
    assert ("text 0", "Which?\nAnswer with one of: x, y.\n\ntext 0") == (
        as_chat.prompt[0]["content"],
        as_rows.prompt[0]["content"],
    )


def test_a_file_with_the_columns_of_pairs_is_one_of_pairs_unless_it_is_said_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("prompt,chosen,rejected\na,x,y\nb,y,x\n")
    assert "dpo" == gather(str(path), Given(), Asked()).train[0].method
    assert "dpo" == gather(str(path), Given(), Asked(instructions="Well?")).train[0].method
    assert "supervised" == gather(str(path), Given(), Asked(text="prompt", target="chosen")).train[0].method


def test_pairs_come_from_their_columns_and_a_broken_one_is_found(tmp_path: Path) -> None:
    turns = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "ho"},
        {"role": "user", "content": "more"},
    ]
    whole = [*turns, {"role": "assistant", "content": "better"}]
    rows = [
        {"prompt": "a", "good": "x", "rejected": "y"},
        {"prompt": turns, "good": whole, "rejected": "y"},
        {"prompt": " ", "good": "x", "rejected": "y"},
        {"prompt": "b", "good": "", "rejected": "y"},
        {"prompt": turns[:2], "good": "x", "rejected": "y"},
    ]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    gathered = gather(str(tmp_path / "p.jsonl"), Given(), Asked(chosen="good"))
    assert [(1, 1, "x"), (2, 3, "better")] == [
        (line.number, len(line.prompt), line.answer[0]["content"]) for line in gathered.train
    ]
    assert [("empty-prompt", 3), ("empty-answer", 4), ("unreadable", 5)] == [
        (each.kind, each.numbers[0]) for each in gathered.findings
    ]
    with pytest.raises(DataError, match="worse"):
        gather(str(tmp_path / "p.jsonl"), Given(), Asked(chosen="good", rejected="worse"))
