"""What no provider should send and one day does: a typed error or nothing comes of it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from harness import Failed
from harness.finetuning import CurvePoint
from harness.privacy.secrets import Secret
from harness_openai.problems import failed, refusal
from harness_openai.reading import figure, whole
from harness_openai.reply import parse
from harness_openai.tuning.curves import read_curve
from tests.servers.http import Fault
from tests.servers.trying import tuned
from tests.servers.tuning import TuningServer

SECRET = Secret("")
HALF = "\\ud83d"  # of an emoji, as JSON may hold it


def test_half_an_emoji_in_a_reply_is_made_whole_and_a_whole_one_stays() -> None:
    told = parse(f'{{"a": "x{HALF}", "b": "{HALF}\\ude00", "{HALF}": 1}}'.encode(), SECRET)
    assert {"a": "x\ufffd", "b": "\U0001f600", "\ufffd": 1} == told


def test_half_an_emoji_in_a_refusal_can_be_written_down() -> None:
    said = refusal(400, {}, f'{{"error": {{"message": "no {HALF}"}}}}'.encode(), SECRET)
    error = failed(said, "m", "KEY")
    assert (
        "HTTP 400: no \ufffd"
        == json.loads(Failed(query_id="q", kind="x", error=str(error)).model_dump_json())["error"]
    )


@pytest.mark.parametrize("broken", [b"9" * 5000 + b",1\n", b'3,"' + b"a" * 200_000])
def test_a_curve_that_stops_being_one_is_read_as_far_as_it_goes(broken: bytes) -> None:
    before = csv.field_size_limit(131_072)  # as Python has it; others in this process may have raised it
    try:
        found = read_curve(b"step,train_loss\n1,2.5\n" + broken)
    finally:
        csv.field_size_limit(before)
    assert (CurvePoint(step=1, train_loss=2.5),) == found


def test_numbers_beyond_all_counts_are_none() -> None:
    assert (None, None, 12) == (whole("9" * 5000), figure(10**400), whole("12"))


@pytest.mark.parametrize("status", [["processed"], {"is": "processed"}, 7])
def test_a_files_state_that_is_no_word_is_no_refusal(train: Path, status: Any) -> None:
    with TuningServer() as server, tuned(server) as tuning:
        file = tuning.upload(train, "k")
        server.faults.append(Fault("file", 200, {"id": file, "status": status}))
        assert tuning.file_ready(file)
