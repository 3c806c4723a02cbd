"""Every price that a comparison goes by is told, with who says so and of which day."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import harness
from harness.api import Comparison, Run, compare
from harness.report import files
from harness.running.runner import Options


@pytest.fixture
def ran(suite: Path) -> Run:
    text = suite.read_text().replace("prices: {device_hours: {this: 1.0}}\n", "")
    suite.write_text(text)
    return harness.run(suite, options=Options(results=suite.parent / "results", strategies=("asks",)))


def test_prices_stand_in_every_report_and_unknown_ones_as_a_question(ran: Run) -> None:
    found = compare(ran)
    for price in json.loads(found.to_json())["prices"]:
        assert (["device"], "none") == (price["unknown"], price["source"])
    for suffix in (".html", ".md"):
        assert "is not known" in files.text(found.compared, suffix)


def test_other_prices_stand_there_in_their_stead(ran: Run) -> None:
    book = {"device_hours": {"this": 0.5, "m": 2.0, "scripted": 3.0}}
    found: Comparison = compare(ran, prices=book)
    told = {each["model"]: each for each in json.loads(found.to_json())["prices"]}
    assert (0.5, "suite") == (told["this"]["device_hour"], told["this"]["source"])
    assert 3.0 == pytest.approx(told["scripted"]["device_hour"])
    assert "Prices used" in found.to_html()
    assert "Prices: scripted, this by suite" in files.text(found.compared, ".md")
