"""What docs/hosted/batch-and-drift.md shows is what suites and runs say."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from harness.drift.records import Canary, Names
from harness.drift.saying import found
from harness.suite import PriceBook
from harness_openai.model import OpenAIChat

PAGE = (Path(__file__).parents[1] / "docs" / "hosted" / "batch-and-drift.md").read_text()


def test_the_suite_on_the_page_is_one() -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.S)
    told = yaml.safe_load(block)
    assert OpenAIChat.model_validate(told["models"]["mini"]["with"]).batch
    assert 0.5 == PriceBook.model_validate(told["prices"]).models["gpt-5-mini"].batch


def test_the_canary_on_the_page_is_what_a_run_says() -> None:
    canary = Canary(
        model="mini",
        prompts=20,
        same=18,
        low=0.699,
        high=0.972,
        before=Names(served=("gpt-x-0301",)),
        now=Names(served=("gpt-x-0613",)),
        timed=20,
        seconds_before=0.41,
        seconds_now=0.38,
        told=20,
        shift=0.013,
    )
    assert f"canary: mini: {found(canary)}" in " ".join(PAGE.replace("note:       ", "").split())
