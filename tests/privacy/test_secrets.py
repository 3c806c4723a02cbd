"""A key in every form that it may be written in."""

from __future__ import annotations

import base64
import copy
import html
import json
import logging
import pickle
import re
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from harness import journal
from harness.calls.cache import Cache
from harness.models import Completion
from harness.privacy.secrets import Secret, hide, is_telling, keep
from harness.records import Message, Usage

KEY = 'sk-"Plänte'.replace("ä", "a") + "d\\one/01234+&<56789"


@pytest.fixture(autouse=True)
def kept() -> Secret:
    return keep(KEY)


@pytest.mark.parametrize(
    "said",
    [
        KEY,
        json.dumps({"said": KEY}),
        json.dumps(json.dumps({"said": KEY})),
        json.dumps(KEY).replace("/", "\\/"),
        repr({"key": KEY}),
        html.escape(KEY),
        f"https://host/?key={quote(KEY)}",
        f"https://host/?key={quote(KEY, safe='')}",
        f"https://host/?key={quote_plus(KEY)}",
        f"https://host/?next={quote(quote(KEY, safe=''), safe='')}",
        f"https://me:{quote(KEY, safe='')}@host/v1",
        KEY.encode().hex(),
        *(base64.b64encode(before + KEY.encode() + b":after").decode() for before in (b"", b"a", b"me:", b"user")),
        base64.urlsafe_b64encode(b"Bearer " + KEY.encode()).decode(),
    ],
)
def test_a_key_is_hidden_in_each_form(said: str) -> None:
    shown = hide(said)
    assert "[key]" in shown
    assert not _left(shown)
    assert not _left(Secret(KEY).hide(said))


def _left(shown: str) -> bool:
    """Whether half of the key can still be read."""
    half = KEY[len(KEY) // 2 :]
    for run in re.findall(r"[\w+/-]+", shown.replace("[key]", "."), re.ASCII):
        for start in range(4):
            digits = run[start:].replace("-", "+").replace("_", "/")
            if half in base64.b64decode(digits[: len(digits) // 4 * 4]).decode("latin-1"):
                return True
    return half in shown


def test_what_holds_no_key_stays_as_it_is() -> None:
    said = "sk-another/0123456789"
    assert said == hide(said)


@pytest.mark.parametrize(
    ("telling", "key"),
    [
        (True, "sk-proj-Ab12"),
        (True, "d41d8cd98f00b204"),
        (True, "onlylettersbutverylong"),
        (False, "EMPTY"),
        (False, "not-needed"),
        (False, "lm-studio"),
        (False, "none"),
        (False, ""),
    ],
)
def test_a_word_that_servers_take_for_a_key_is_not_blotted_out_everywhere(telling: bool, key: str) -> None:
    assert telling is is_telling(key)
    keep(key)
    assert ("[key]" == hide(key)) is telling


def test_a_secret_shows_itself_to_nobody_and_is_not_copied() -> None:
    secret = Secret(KEY)
    assert "Secret()" == repr(secret) == str(secret) == f"{secret}"
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled or copied"):
            copied(secret)
    assert KEY == secret.reveal()


def test_no_piece_of_a_key_is_left_where_a_message_is_cut() -> None:
    assert KEY[:3] not in Secret(KEY).short("x" * 295 + KEY)


def test_journals_and_files_are_written_without_it(tmp_path: Path) -> None:
    book = journal.Journal(tmp_path / "a.jsonl")
    book.append(Message(role="user", content=f"no {KEY}"))
    book.close()
    journal.replace(tmp_path / "b.json", json.dumps({"params": repr({"key": KEY})}))
    assert ["no [key]"] == [line.content for line in journal.read(tmp_path / "a.jsonl", Message)]
    assert "{\"params\": \"{'key': '[key]'}\"}" == (tmp_path / "b.json").read_text()


def test_the_cache_keeps_an_answer_without_it(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache.sqlite")
    cache.store("k", Completion(text=f"it is {KEY}", usage=Usage(model="m")))
    found = cache.completion("k")
    cache.close()
    assert found is not None
    assert "it is [key]" == found.completion.text
    assert not [file for file in tmp_path.iterdir() if b"one/01234" in file.read_bytes()]


def test_logs_of_any_library_are_told_without_it(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("some.library")
    with caplog.at_level(logging.DEBUG):
        log.debug("headers %s", {"Authorization": f"Bearer {KEY}"})
        try:
            raise ValueError(f"no {KEY}")
        except ValueError:
            log.exception("it failed")
        log.info("nothing of %s", "interest")
    assert "headers {'Authorization': 'Bearer [key]'}" in caplog.text
    assert "ValueError: no [key]" in caplog.text
    assert "nothing of interest" in caplog.text
    assert "01234" not in caplog.text
