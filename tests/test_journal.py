from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.journal import Journal, read, replace
from harness.records import Message


def line(text: str) -> Message:
    return Message(role="user", content=text)


def test_what_was_appended_is_read_back_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a" / "j.jsonl")
    for text in ("one", "zwei\n", "三"):
        journal.append(line(text))
    assert ["one", "zwei\n", "三"] == [m.content for m in read(tmp_path / "a" / "j.jsonl", Message)]
    journal.close()


def test_a_torn_last_line_is_left_out_and_cut_off_when_the_file_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    journal = Journal(path)
    journal.append(line("whole"))
    journal.close()
    with path.open("ab") as out:
        out.write(b'{"role": "user", "cont')
    assert ["whole"] == [m.content for m in read(path, Message)]
    journal = Journal(path)
    journal.append(line("next"))
    journal.close()
    assert ["whole", "next"] == [m.content for m in read(path, Message)]


def test_a_line_of_another_sort_names_its_file_and_number(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    path.write_text('{"role": "user", "content": "a"}\n{"role": "king"}\n')
    with pytest.raises(StoreError, match=r"(?s)j.jsonl.*line 2 is not a Message"):
        list(read(path, Message))


def test_every_line_that_append_returned_from_survives_kill_9(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from harness.journal import Journal
from harness.records import Message
journal = Journal(Path(sys.argv[1]))
n = 0
while True:
    journal.append(Message(role="user", content="x" * 5000))
    n += 1
    print(n, flush=True)
"""
    path = tmp_path / "j.jsonl"
    process = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = 0
    while told < 50:
        told = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    told = max([told, *(int(n) for n in process.stdout.read().split() if n.isdigit())])
    process.stdout.close()
    assert told <= len(list(read(path, Message)))


def test_a_full_disk_says_so_and_keeps_what_was_whole(tmp_path: Path) -> None:
    # A limit on file size fails a write half way as a full disk does.
    path = tmp_path / "j.jsonl"
    journal = Journal(path)
    journal.append(line("whole"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, hard))
    try:
        with pytest.raises(StoreError, match="cannot be written"):
            journal.append(line("too much"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert ["whole"] == [m.content for m in read(path, Message)]
    journal.append(line("again"))
    journal.close()
    assert ["whole", "again"] == [m.content for m in read(path, Message)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_enospc_is_told_as_a_full_disk_and_names_resume() -> None:
    journal = Journal(Path("/dev/full"))
    with pytest.raises(StoreError, match=r"disk is full.*--resume"):
        journal.append(line("x"))


def test_a_replaced_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    replace(tmp_path / "f.json", "{}")
    assert 0o600 == (tmp_path / "f.json").stat().st_mode & 0o777
    assert ["f.json"] == [p.name for p in tmp_path.iterdir()]


def test_a_likelihood_of_zero_comes_back_as_it_was(tmp_path: Path) -> None:
    from harness.records import Exchange

    exchange = Exchange(model="m", messages=(line("q"),), text="a", logprobs={"a": -0.1, "b": float("-inf")})
    journal = Journal(tmp_path / "j.jsonl")
    journal.append(exchange)
    journal.close()
    assert [exchange] == list(read(tmp_path / "j.jsonl", Exchange))


def test_what_is_handed_on_is_as_readable_as_the_umask_says_and_all_else_its_owners(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        replace(tmp_path / "own", "a")
        replace(tmp_path / "shared", "a", shared=True)
        (tmp_path / "closed").touch(mode=0o600)
        replace(tmp_path / "closed", "a", shared=True)
    finally:
        os.umask(before)
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()}
    assert {"own": "0o600", "shared": "0o644", "closed": "0o600"} == modes
