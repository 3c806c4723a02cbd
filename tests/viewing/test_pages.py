"""Pages as the server gives them, without a browser."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.request import urlopen

import pytest

from harness.api import Run
from harness.running.store import RunFolder, runs
from harness.viewing.index import Index
from harness.viewing.shelf import Making, Shelf

from .conftest import EVIL, Serving, write_run

Serve = Callable[[Path], Serving]
TASK = "run/made/task/t"


class Tags(HTMLParser):
    """Which tags and attributes a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


Get = Callable[[str], str]


@pytest.fixture
def get(made: RunFolder, serve: Serve) -> Get:
    serving = serve(made.path.parent)

    def read(path: str) -> str:
        for _ in range(100):
            with urlopen(serving.url + path, timeout=20) as reply:
                page: str = reply.read().decode()
            if 'http-equiv="refresh"' not in page:
                return page
            time.sleep(0.05)
        raise AssertionError("the page never came")

    return read


def rows(page: str) -> list[str]:
    """The ids that a list links to, in order."""
    return re.findall(r'data-open href="[^"]*\?id=(\w+)', page)


def test_the_runs_are_listed_with_tasks_and_state(get: Get) -> None:
    page = get("")
    assert TASK in page
    assert "unfinished" in page
    assert "3 finished" in page


def test_a_run_whose_figures_cannot_be_computed_still_shows_its_examples(get: Get) -> None:
    page = get("run/made")
    assert "The figures cannot be computed" in page
    assert TASK in page


@pytest.mark.parametrize(
    "path",
    [
        TASK,
        f"{TASK}?q=script",
        f"{TASK}/example?id=q2",
        f"{TASK}/example?id=q1",
        "compare?a=made&b=made",
        "",
        "run/made",
    ],
)
def test_what_models_and_data_say_is_text_and_nothing_else(get: Get, path: str) -> None:
    page = get(path)
    tags = Tags()
    tags.feed(page)
    assert 1 == tags.tags.count("script")  # ours
    assert "img" not in tags.tags
    assert not {"onerror", "onclick", "style"} & tags.attributes
    assert "\u202e" not in page


def test_a_name_from_the_address_is_text_too(get: Get) -> None:
    page = get(f"{TASK}?q=%22%3E%3Cimg+src%3Dx%3E&of=%3Cb%3E&sort=%3Cb%3E&arm=%3Cb%3E&meta.channel=%3Cb%3E")
    assert "<img" not in page
    assert "<b>" not in page
    assert "0 of 4 rows" in page


def test_filters_stand_in_the_address_and_in_every_link(get: Get) -> None:
    page = get(f"{TASK}?of=bad&state=wrong&sort=longest")
    assert ["q3", "q0"] == rows(page)
    assert "2 of 4 rows" in page
    assert f"{TASK}/example?id=q3&amp;of=bad&amp;state=wrong&amp;sort=longest" in page.replace(
        "&amp;amp;", "&amp;"
    )
    one = get(f"{TASK}/example?id=q3&of=bad&state=wrong&sort=longest")
    assert "1 of 2" in one
    assert "id=q0&amp;of=bad" in one  # the next of this list


def test_an_example_shows_the_prompt_as_sent_the_reply_and_the_failure(get: Get) -> None:
    page = get(f"{TASK}/example?id=q1")
    assert "asked: a sad bed" in page
    assert "failed: too-long" in page
    assert (
        EVIL.replace("\u202e", "\\u202e")
        .split("<img")[0]
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("'", "&#39;")
        in page
    )
    assert "0.800" in page  # a probability


def test_an_example_outside_the_list_is_still_shown(get: Get) -> None:
    assert "not in this list" in get(f"{TASK}/example?id=q1&of=bad&state=wrong")


def test_a_long_list_has_pages_of_fifty(tmp_path: Path, serve: Serve) -> None:
    texts = {f"q{n}": (f"text {n}", "positive", "web") for n in range(120)}
    answers = {"one": dict.fromkeys(texts, ("positive", 0.5))}
    write_run(tmp_path / "results" / "made", texts, answers)
    serving = serve(tmp_path / "results")

    def page(query: str) -> str:
        with urlopen(f"{serving.url}{TASK}?{query}", timeout=20) as reply:
            read: str = reply.read().decode()
        return read

    assert [f"q{n}" for n in range(50)] == rows(page(""))
    assert [f"q{n}" for n in range(100, 120)] == rows(page("page=3"))
    assert "page 3 of 3" in page("page=99")
    assert 'rel="next" href="?q=text&amp;page=2"' in page("q=text")
    assert "11 of 120 rows" in page("q=text+11")


def test_two_strategies_of_a_run_stand_side_by_side(get: Get) -> None:
    page = get("compare?a=made&b=made&sa=0-0/good&sb=0-0/bad&only=a-better")
    assert "1 of 4 shared rows" in page
    assert "the view was great" in page
    assert "a sad bed" not in page
    assert "A: good" in page


@pytest.fixture
def shelf(made: RunFolder) -> Iterator[Shelf]:
    opened = Shelf(lambda: [made], lambda folder: [])
    yield opened
    opened.close()


def ready(shelf: Shelf, folder: RunFolder) -> Index:
    for _ in range(20):
        index = shelf.index(folder, "t")
        if isinstance(index, Index):
            return index
    raise AssertionError("no index was made")


def test_an_index_is_kept_beside_the_run_and_used_again(shelf: Shelf, made: RunFolder) -> None:
    first = ready(shelf, made)
    path = made.path / ".view" / "t.sqlite"
    written = path.stat().st_mtime_ns
    assert first is ready(shelf, made)
    other = Shelf(lambda: [made], lambda folder: [])
    assert first.contents == ready(other, made).contents
    assert written == path.stat().st_mtime_ns
    other.close()


def test_an_index_of_other_files_is_made_anew(shelf: Shelf, made: RunFolder) -> None:
    ready(shelf, made)
    shutil.rmtree(made.path / "trials" / "t" / "bad")
    other = Shelf(lambda: [made], lambda folder: [])
    assert ["good", "shy"] == [trial.strategy for trial in ready(other, made).contents.trials]
    other.close()


def test_a_run_that_cannot_be_written_is_indexed_elsewhere(shelf: Shelf, made: RunFolder) -> None:
    (made.path / ".view").write_text("a file stands where the folder would")
    assert 4 == ready(shelf, made).contents.rows
    assert os.path.isfile(made.path / ".view")


def test_a_second_folder_of_the_same_name_is_numbered(made: RunFolder, tmp_path: Path) -> None:
    other = write_run(tmp_path / "elsewhere" / "made")
    shelf = Shelf(lambda: [made, other], lambda folder: [])
    assert ["made", "made~2"] == list(shelf.runs())
    shelf.close()


def test_what_is_being_made_says_how_far_it_is(made: RunFolder) -> None:
    shelf = Shelf(lambda: [made], lambda folder: [])
    found = shelf.index(made, "t")
    assert isinstance(found, Index) or (isinstance(found, Making) and 0 <= found.share <= 1)
    shelf.close()


def test_the_best_strategies_come_first_once_their_figures_are_known(ran: Path, serve: Serve) -> None:
    (folder,) = runs(ran)
    figures = {row.strategy: row.value or 0.0 for row in Run(folder).rows()}
    expected = sorted(figures, key=lambda name: -figures[name])
    assert list(figures) != expected
    serving = serve(ran)
    for path in (f"run/{folder.id}", f"run/{folder.id}/task/{folder.tasks()[0]}"):
        for _ in range(100):
            page = urlopen(serving.url + path, timeout=20).read().decode()
            heads = re.findall(r'<th scope="row">\s*<a[^>]*>([\w-]+)</a>', page)
            heads = heads or re.findall(r'<th scope="col" role="columnheader">([\w-]+)</th>', page)[2:]
            if heads == expected:
                break
            time.sleep(0.05)
        assert expected == heads


def test_side_by_side_begins_with_the_older_run(tmp_path: Path, serve: Serve) -> None:
    for name in ("older", "younger"):
        write_run(tmp_path / "results" / name)
    page = urlopen(serve(tmp_path / "results").url, timeout=20).read().decode()
    first, second = (
        re.findall(r"<option( selected)?>(\w+)</option>", part) for part in page.split("<select")[1:3]
    )
    assert ["older"] == [name for selected, name in first if selected]
    assert "younger" == second[0][1]
