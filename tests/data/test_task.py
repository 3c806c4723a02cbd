from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from harness.data.task import load_task
from harness.data.taskdata import TaskData
from harness.errors import DataError, SuiteError
from harness.source import RawRow
from harness.suite import Task

Write = Callable[[str, str | bytes], Path]
Reviews = Callable[..., Path]
Load = Callable[..., TaskData]
MakeTask = Callable[..., Task]

PAIRS = [(f"text {i}", "ab"[i % 2]) for i in range(20)]
COUNTS = {"train": 10, "validation": 4, "test": 6}


def _ids(data: TaskData) -> dict[str, set[str]]:
    return {name: {e.query.id for e in getattr(data, name)} for name in ("train", "validation", "test")}


def test_a_task_is_read_divided_and_counted(reviews: Reviews, load: Load) -> None:
    reviews(PAIRS)
    data = load(splits=COUNTS)
    assert [10, 4, 6] == [len(data.train), len(data.validation), len(data.test)]
    assert {"a": "", "b": ""} == data.brief.labels
    assert {"a": 3, "b": 3} == data.report.splits["test"].labels
    assert (20, 0, ()) == (data.report.rows, data.report.unused, data.report.warnings)


def test_the_brief_says_what_the_suite_says(reviews: Reviews, load: Load) -> None:
    reviews(PAIRS)
    brief = load(labels={"b": "Bad", "a": "Acceptable"}).brief
    assert [("b", "Bad"), ("a", "Acceptable")] == list(brief.labels.items())
    assert ("t", "Which?", "label", 64) == (brief.name, brief.instructions, brief.kind, brief.max_output_tokens)


def test_listed_labels_keep_the_suite_s_order(reviews: Reviews, load: Load) -> None:
    reviews(PAIRS)
    assert ["b", "a"] == list(load(labels=["b", "a"]).brief.labels)


def test_a_reordered_file_gives_the_same_data(reviews: Reviews, load: Load) -> None:
    pairs = [*PAIRS, ("text 3", "a"), ("text 3", "b"), ("TEXT 3", "b")]
    reviews(pairs)
    first = load(splits=COUNTS)
    reviews(random.Random(5).sample(pairs, len(pairs)))
    second = load(splits=COUNTS)
    assert [first.train, first.validation, first.test] == [second.train, second.validation, second.test]
    assert first.fingerprint == second.fingerprint


def test_a_file_that_grows_keeps_every_row_s_split_and_id(reviews: Reviews, load: Load) -> None:
    reviews(PAIRS)
    fractions = {"validation": 0.3, "test": 0.3}
    before = _ids(load(splits=fractions))
    reviews([("new row", "a"), *PAIRS, *[(f"more {i}", "ab"[i % 2]) for i in range(30)]])
    after = _ids(load(splits=fractions))
    assert all(before[name] <= after[name] for name in before)


def test_the_fingerprint_changes_with_a_target(reviews: Reviews, load: Load) -> None:
    reviews(PAIRS)
    before = load(splits=COUNTS).fingerprint
    reviews([("text 0", "b"), *PAIRS[1:]])
    assert before != load(splits=COUNTS).fingerprint


def test_ids_are_of_text_and_metadata_and_not_of_the_target(write: Write, load: Load) -> None:
    def ids(rows: str) -> set[str]:
        write("reviews.csv", "text,target,source\n" + rows + "pad 1,a,\npad 2,b,\npad 3,a,\npad 4,b,\npad 5,a,\n")
        data = load(
            columns={"metadata": ["source"]}, rare_labels="allow", splits={"train": 2, "validation": 2, "test": 2}
        )
        return set().union(*_ids(data).values())

    assert ids("hello,a,x\n") == ids("hello,b,x\n") != ids("hello,a,y\n")


def test_the_same_row_twice_gets_a_counter(reviews: Reviews, load: Load) -> None:
    reviews([*PAIRS, ("twin", "a"), ("twin", "a"), ("twin", "a")])
    everything = [e for s in ("train", "validation", "test") for e in getattr(load(splits={"test": 6}), s)]
    twins = sorted(e.query.id for e in everything if e.query.text == "twin")
    assert [twins[0], f"{twins[0]}-2", f"{twins[0]}-3"] == twins


def test_ids_come_from_their_column(write: Write, load: Load) -> None:
    write("reviews.csv", "key,text,target\n" + "".join(f"k{i},{t},{y}\n" for i, (t, y) in enumerate(PAIRS)))
    data = load(columns={"id": "key"}, splits=COUNTS)
    assert {f"k{i}" for i in range(20)} == set().union(*_ids(data).values())


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("k1", "the id 'k1' stands twice, at reviews.csv line 3 and at reviews.csv line 5"),
        ("", "line 5 has no id"),
    ],
)
def test_an_id_that_is_repeated_or_blank_is_refused(last: str, said: str, write: Write, load: Load) -> None:
    write("reviews.csv", f"key,text,target\nk0,t0,a\nk1,t1,b\nk2,t2,a\n{last},t3,b\n")
    with pytest.raises(DataError, match=said) as caught:
        load(columns={"id": "key"})
    assert caught.value.where == "data.columns.id"


def test_one_id_for_two_texts_in_two_files_is_refused(write: Write, load: Load) -> None:
    write("reviews.csv", "key,text,target\n" + "".join(f"k{i},{t},{y}\n" for i, (t, y) in enumerate(PAIRS)))
    write("test.csv", "key,text,target\nk3,another,a\n")
    with pytest.raises(
        DataError, match=r"the id 'k3' names two different rows, at reviews\.csv line 5 and at test"
    ):
        load(columns={"id": "key"}, splits={"validation": 4, "test": "test.csv"})


def test_metadata_and_a_template_reach_the_query_and_the_target_does_not(write: Write, load: Load) -> None:
    rows = "".join(f"s{i},b{i},mail,{'xy'[i % 2]}\n" for i in range(10))
    write("reviews.csv", "subject,body,channel,queue\n" + rows)
    data = load(columns={"text": "{subject}: {body}", "target": "queue", "metadata": ["channel"]})
    query = data.test[0].query
    assert query.text.startswith("s")
    assert query.text.replace("s", "b").split(": ") == [f"b{query.text[1]}"] * 2
    assert {"channel": "mail"} == query.metadata


def test_where_leaves_rows_out_and_counts_them(reviews: Reviews, load: Load) -> None:
    reviews([*PAIRS, ("text 90", "c"), ("text 91", "c")])
    data = load(splits=COUNTS, where={"target": {"in": ["a", "b"]}})
    assert (22, 2) == (data.report.rows, data.report.left_out)


def test_rows_without_text_or_target_are_left_out_and_said(reviews: Reviews, load: Load) -> None:
    reviews([*PAIRS, ("  ", "a"), ("no target", " "), ("", "")])
    report = load(splits=COUNTS).report
    assert (2, 1) == (report.without_text, report.without_target)
    assert (
        "2 rows of reviews.csv without a text were left out.",
        "1 row of reviews.csv without a target was left out.",
    ) == report.warnings


def test_undecodable_bytes_are_counted_and_said(write: Write, load: Load) -> None:
    rows = "".join(f"{t},{y}\n" for t, y in PAIRS).encode()
    write("reviews.csv", b"text,target\nna\xefve \xef,a\n" + rows)
    report = load(splits=COUNTS).report
    assert (2, 1) == (report.undecodable_bytes, report.undecodable_rows)
    assert report.warnings[0].startswith(
        "2 bytes of reviews.csv are not utf-8; they show as U+FFFD in 1 of the 21 rows that can be used."
    )


def test_splits_may_have_their_own_files(reviews: Reviews, load: Load) -> None:
    reviews(PAIRS)
    reviews([("quiz 1", "a"), ("quiz 2", "b")], name="own/test.csv")
    data = load(splits={"validation": 4, "test": "own/test.csv"})
    assert {"quiz 1", "quiz 2"} == {e.query.text for e in data.test}
    assert [16, 4] == [len(data.train), len(data.validation)]
    assert 22 == data.report.rows


def test_the_main_file_is_not_needed_where_every_split_has_its_own(reviews: Reviews, load: Load) -> None:
    for name, count in (("train", 10), ("validation", 4), ("test", 6)):
        reviews([(f"{name} {i}", "ab"[i % 2]) for i in range(count)], name=f"{name}.csv")
    data = load(path="none.csv", splits={n: f"{n}.csv" for n in ("train", "validation", "test")})
    assert [10, 4, 6] == [len(data.train), len(data.validation), len(data.test)]


def test_a_plugin_s_source_gives_rows(make_task: MakeTask, tmp_path: Path) -> None:
    class Generated:
        def read(self, location: str, folder: Path, options: Mapping[str, str]) -> Iterator[RawRow]:
            for i in range(int(location)):
                yield RawRow(number=i, fields={"text": f"text {i}", "target": "ab"[i % 2]})

    data = load_task(
        make_task(path="made:12", splits={"validation": 2, "test": 4}), tmp_path, {"made": Generated()}
    )
    assert [6, 2, 4] == [len(data.train), len(data.validation), len(data.test)]


@pytest.mark.parametrize(
    ("data", "where", "said"),
    [
        ({"path": "review.csv"}, "data.path", "no file 'review.csv'"),
        ({"splits": {"test": "tests.csv"}}, "data.splits.test", "no file 'tests.csv'"),
        ({"encoding": "utf-9"}, "data.encoding", "no encoding 'utf-9'"),
        ({"delimiter": "::"}, "data.delimiter", "one character"),
        ({"columns": {"text": "txt"}}, "data.columns.text", "column 'txt' is not in reviews.csv"),
        ({"columns": {"text": "{text} {x}"}}, "data.columns.text", "column 'x' is not in"),
        ({"columns": {"target": "labl"}}, "data.columns.target", "it has: text, target"),
        ({"columns": {"id": "key"}}, "data.columns.id", "column 'key'"),
        ({"columns": {"metadata": ["text", "day"]}}, "data.columns.metadata[1]", "column 'day'"),
        ({"where": {"confidence": "1"}}, "data.where.confidence", "column 'confidence'"),
        ({"where": {"target": "c"}}, "data.where.target", "no row of reviews.csv passes"),
        ({"where": {"target": "a"}}, "data.columns.target", "only the label 'a'"),
        ({"splits": {"test": 100}}, "data.splits.test", "reviews.csv has 20 rows: 20 can be used"),
        ({"splits": {"train": 10, "validation": 2, "test": 0.0001}}, "data.splits.test", "test is empty"),
        ({"splits": {"validation": 10, "test": 10}}, "data.splits.train", "train is empty"),
    ],
)
def test_an_error_is_about_a_field_of_the_task(
    data: dict[str, object], where: str, said: str, reviews: Reviews, load: Load
) -> None:
    reviews(PAIRS)
    with pytest.raises(DataError) as caught:
        load(**data)
    assert where == caught.value.where
    assert said in caught.value.message


def test_a_size_that_is_none_is_an_error_of_the_suite(reviews: Reviews, load: Load) -> None:
    reviews(PAIRS)
    with pytest.raises(SuiteError) as caught:
        load(splits={"test": 1.5})
    assert caught.value.where == "data.splits.test"


def test_an_empty_split_says_where_the_rows_went(reviews: Reviews, load: Load) -> None:
    reviews([("", "a"), ("only", "b"), ("other", "a")])
    with pytest.raises(
        DataError, match=r"reviews\.csv has 3 rows, 1 left out by `where`, 1 without a text: 1 can"
    ):
        load(splits={"validation": 0.1, "test": 0.1}, where={"target": "a"})


def test_a_column_that_only_some_json_rows_have_is_there(write: Write, load: Load) -> None:
    rows = [{"text": t, "target": y} for t, y in PAIRS] + [{"text": "no target at all"}]
    write("reviews.jsonl", "\n".join(map(json.dumps, rows)))
    assert 1 == load(path="reviews.jsonl", splits=COUNTS).report.without_target


def test_several_labels_are_read_from_lists(write: Write, load: Load) -> None:
    rows = [{"text": f"text {i}", "target": [["x"], ["x", "y"], []][i % 3]} for i in range(30)]
    write("reviews.jsonl", "\n".join(map(json.dumps, rows)))
    data = load("labels", path="reviews.jsonl", splits={"validation": 9, "test": 9})
    assert {"x": "", "y": ""} == data.brief.labels
    assert {("x",), ("x", "y"), ()} == {e.targets for e in data.train}
    assert {"x": 6, "y": 3} == data.report.splits["test"].labels


def test_texts_may_have_several_acceptable_answers(write: Write, load: Load) -> None:
    rows = [{"text": f"text {i}", "target": ["Bern", "Berne"] if i else "Rome"} for i in range(10)]
    write("reviews.jsonl", "\n".join(map(json.dumps, rows)))
    data = load("text", path="reviews.jsonl")
    assert {} == data.brief.labels
    assert {} == data.report.splits["train"].labels
    assert ("Bern", "Berne") in {e.targets for e in data.train}


def test_fields_that_do_not_parse_are_refused_with_their_line(write: Write, load: Load) -> None:
    write("reviews.csv", 'text,target\na,"{""k"": 1}"\nb,{k}\n')
    with pytest.raises(DataError, match=r"reviews\.csv line 3: the target '\{k\}' is not JSON") as caught:
        load("fields")
    assert caught.value.where == "data.columns.target"
