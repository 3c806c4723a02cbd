"""The public kit for authors of plugins: try a strategy without a suite, and check that it keeps the contract.

    def test_it_keeps_the_contract(tmp_path):
        check_strategy(MyStrategy(), folder=tmp_path)

The context is the runner's own, over real files; nothing is patched.
"""

from harness.testing.checking import check_strategy
from harness.testing.models import HashEmbedder, ScriptedModel
from harness.testing.tiny import tiny_task
from harness.testing.trying import Tried, try_strategy
from harness.testing.tuning import ScriptedTuning

__all__ = [
    "HashEmbedder",
    "ScriptedModel",
    "ScriptedTuning",
    "Tried",
    "check_strategy",
    "tiny_task",
    "try_strategy",
]
