from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import SuiteError
from harness.suite.yaml_positions import Mark, parent, position, read_yaml


def wrong(folder: Path, text: str | bytes) -> str:
    """The error of reading a text, with the file's name short."""
    path = folder / "s.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(SuiteError) as caught:
        read_yaml(path)
    return str(caught.value).replace(f"{folder}/", "")


def value(folder: Path, text: str) -> object:
    (folder / "s.yaml").write_text(text)
    return read_yaml(folder / "s.yaml").value


@pytest.mark.parametrize(
    ("expected", "plain"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("On", "On"),
        ("off", "off"),
        (True, "true"),
        (False, "False"),
        (None, "~"),
        (None, "null"),
        (None, ""),
        (1e-4, "1e-4"),
        (0.5, ".5"),
        (1.0, "1."),
        (10, "010"),
        (31, "0x1F"),
        (8, "0o10"),
        (-3, "-3"),
        ("2026-01-31", "2026-01-31"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        (".nan", ".nan"),
        (".inf", ".inf"),
        ("=", "="),
        ("8", '"8"'),
        ("5", "!!str 5"),
    ],
)
def test_a_plain_scalar_is_what_yaml_1_2_says(tmp_path: Path, expected: object, plain: str) -> None:
    read = value(tmp_path, f"a: {plain}")
    assert isinstance(read, dict)
    assert (expected, type(expected)) == (read["a"], type(read["a"]))


def test_yes_and_no_may_be_keys(tmp_path: Path) -> None:
    assert {"yes": "it is", "no": "it is not"} == value(tmp_path, "yes: it is\nno: it is not")


def test_every_key_and_item_has_its_place(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("tasks:\n  - name: a\n    data: {path: x}\n")
    marks = read_yaml(tmp_path / "s.yaml").marks
    assert {
        "": Mark(1, 1),
        "tasks": Mark(1, 1),
        "tasks[0]": Mark(2, 5),
        "tasks[0].name": Mark(2, 5),
        "tasks[0].data": Mark(3, 5),
        "tasks[0].data.path": Mark(3, 12),
    } == marks


def test_a_field_that_is_not_there_is_placed_at_its_nearest_parent(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("tasks:\n  - name: a\n    data: {path: x}\n")
    document = read_yaml(path)
    expected = f"{path}:3:5  tasks[0].data.columns.target"
    assert expected == position(document, "tasks[0].data.columns.target")
    assert f"{path}:1:1  tables.handbook" == position(document, "tables.handbook")


@pytest.mark.parametrize(
    ("expected", "dotted"),
    [("a", "a.b"), ("a", "a[0]"), ("a[0]", "a[0].b c"), ("", "a"), ("", "[3]"), ("é", "é.ü)")],
)
def test_parent_goes_up_by_one(expected: str, dotted: str) -> None:
    assert expected == parent(dotted)


def test_a_merged_mapping_gives_way_to_the_own_keys(tmp_path: Path) -> None:
    text = "x: &x {p: 1, q: 2}\ny:\n  q: 3\n  <<: *x\n"
    (tmp_path / "s.yaml").write_text(text)
    document = read_yaml(tmp_path / "s.yaml")
    assert {"x": {"p": 1, "q": 2}, "y": {"p": 1, "q": 3}} == document.value
    assert Mark(3, 3) == document.marks["y.q"]


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("s.yaml:1:1\n  the file is empty", ""),
        ("s.yaml:3:3  a.b\n  'b' stands twice; it was first on line 2", "a:\n  b: 1\n  b: 2"),
        ('s.yaml:2:3  a\n  the key 1 is not text; put it in quotes: "1"', "a:\n  1: x"),
        ('s.yaml:1:1\n  the key true is not text; put it in quotes: "true"', "true: x"),
        ("s.yaml:1:3\n  a list or mapping stands as a key; keys are text", "? [a]\n: b"),
        ("s.yaml:1:4  a[0]\n  an alias stands inside what it names; write it out", "a: &a [*a]"),
        ("s.yaml:2:1\n  this is not YAML: a tab stands in the indentation; use spaces", "a:\n\t- b"),
        ("s.yaml:1:6\n  this is not YAML: a bracket is opened and never closed", "a: [1"),
        ("s.yaml:1:4\n  this is not YAML: the alias names no anchor", "a: *b"),
        ("s.yaml:2:1\n  this is not YAML: there is a second document ('---'); a suite is one", "a: 1\n---\nb: 2"),
        ("s.yaml:2:4\n  the character U+0007 may not stand in YAML", "a: 1\nb: \x07"),
        ("s.yaml:2:1\n  byte 0xff is not UTF-8; save the file as UTF-8", b"a: 1\nb: \xff"),
    ],
)
def test_what_is_no_suite_is_told_with_its_place(tmp_path: Path, expected: str, text: str | bytes) -> None:
    assert expected == wrong(tmp_path, text)


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system", "!!python/name:os.system", "!mine", "!!set", "!!binary"]
)
def test_a_tag_that_would_construct_an_object_is_refused(tmp_path: Path, tag: str) -> None:
    expected = (
        f"s.yaml:2:6  a.b\n  the tag '{tag}' is refused: a suite holds text, numbers, lists and mappings only"
    )
    content = "{x, y}" if tag == "!!set" else "[ls]" if "apply" in tag else "x"
    assert expected == wrong(tmp_path, f"a:\n  b: {tag} {content}")


def test_aliases_that_unfold_without_end_are_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    assert "aliases unfold to more than 100,000 values" in wrong(tmp_path, "\n".join(lines))


def test_what_is_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    assert wrong(tmp_path, "[" * 5000) == "s.yaml\n  it is nested too deeply"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"there is no file '.*gone\.yaml'"):
        read_yaml(tmp_path / "gone.yaml")
