"""A run that is killed anywhere in the life of its job is taken up: nothing is lost, and nothing is paid twice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.processes import environment


def test_a_kill_at_any_step_makes_one_job_and_pays_once(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, Path(__file__).parent / "crashing.py", tmp_path],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=environment(),
    )
    assert 0 == done.returncode, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    killed = [each["place"] for each in found if each["code"] == -9]
    assert {
        "upload before",  # the intent is on disk, and nothing was sent
        "upload after",  # it was sent, and the answer not read
        "replace uploaded",
        "create before",
        "create after",
        "replace job",
        "job after",  # while waiting
        "replace ended",  # paid for, and not yet believed
        "replace tuned",
        "replace deployed",
        "replace prepared.json",
        "send after",  # while answering
    } <= set(killed)
    [whole, *_] = [each["after"] for each in found if each["code"] == 0]
    assert ("finished", 6) == (whole["status"], len(whole["answers"]))
    for each in found:
        assert (1, 2) == (each["after"]["jobs"], each["after"]["files"]), each["place"]
        assert whole["training"] == each["after"]["training"], each["place"]
        assert 1 == len(each["after"]["training"])
        assert [] == each["after"]["open"], each["place"]
        assert whole["answers"] == each["after"]["answers"], each["place"]
