"""What docs/hosted/providers.md says holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from harness_openai.model import OpenAIChat
from harness_openai.tuning.adapter import Adapter
from harness_openai.tuning.azure import AzureTuning
from harness_openai.tuning.fireworks import FireworksTuning
from harness_openai.tuning.mistral import MistralTuning
from harness_openai.tuning.openai import OpenAITuning
from harness_openai.tuning.together import TogetherTuning

PAGE = (Path(__file__).parents[2] / "docs" / "hosted" / "providers.md").read_text()


def test_the_models_on_the_page_are_as_each_provider_wants_them(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.S)
    for name, model in yaml.safe_load(block)["models"].items():
        params = OpenAIChat.model_validate(model["with"])
        monkeypatch.setenv(params.key_env, key)
        with params.open() as found:
            assert found.tuning is not None
            assert name == found.tuning.rules.provider
            assert name == found.tuning.name.partition("/")[0]


@pytest.mark.parametrize("adapter", [OpenAITuning, AzureTuning, TogetherTuning, FireworksTuning, MistralTuning])
def test_every_state_stands_on_the_page(adapter: type[Adapter]) -> None:
    states = PAGE[PAGE.index("## States") : PAGE.index("## Nothing is made twice")]
    told = set(re.findall(r"\w+", states))
    assert {state.removeprefix("JOB_STATE_") for state in adapter.states} <= told
