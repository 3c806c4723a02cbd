"""What the libraries are told: always to send no usage statistics, and in a private run not to go online at all.

HF_HUB_DISABLE_TELEMETRY=1  MLFLOW_DISABLE_TELEMETRY=true …   every run; a value of the user's own stands
HF_HUB_OFFLINE=1  NO_PROXY=*  (HTTP_PROXY gone) …             privacy: local; whatever the user's environment says

All is put back afterwards: in a notebook the rest goes on as before.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Literal

# What each library says switches its usage statistics off.
SILENT: Mapping[str, str] = {
    "DO_NOT_TRACK": "1",  # huggingface_hub and many others, see consoledonottrack.com
    "DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "ANONYMIZED_TELEMETRY": "False",  # chromadb
    "GRADIO_ANALYTICS_ENABLED": "False",
    "RAY_USAGE_STATS_ENABLED": "0",
    "VLLM_NO_USAGE_STATS": "1",
    "SCARF_NO_ANALYTICS": "true",
}
OFFLINE: Mapping[str, str | None] = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_EVALUATE_OFFLINE": "1",
    "WANDB_MODE": "disabled",
    # A proxy would carry what goes to a server on this machine beyond it.
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")),
    "NO_PROXY": "*",
    "no_proxy": "*",
}
# What a library that is loaded already has read from its environment, and asks again at each call.
_READ: Mapping[str, Mapping[str, str]] = {
    "huggingface_hub.constants": {
        "HF_HUB_OFFLINE": "HF_HUB_OFFLINE",
        "HF_HUB_DISABLE_TELEMETRY": "HF_HUB_DISABLE_TELEMETRY",
    },
    "datasets.config": {"HF_HUB_OFFLINE": "HF_DATASETS_OFFLINE", "HF_DATASETS_OFFLINE": "HF_DATASETS_OFFLINE"},
}
_TRUE = ("1", "ON", "YES", "TRUE")


class Switches:
    """Remembers how everything stands, so that it can be put back."""

    def __init__(self) -> None:
        self._before = {name: os.environ.get(name) for name in {**SILENT, **OFFLINE}}
        self._flags = {place: bool(getattr(sys.modules[place[0]], place[1])) for place, _ in _places()}

    def turn(self, privacy: Literal["open", "local"] | None) -> None:
        """Sets the switches as a run of this privacy needs them; None puts all back."""
        wanted = dict(self._before)
        if privacy == "local":
            wanted |= {**SILENT, **OFFLINE}
        elif privacy == "open":
            wanted |= {name: value for name, value in SILENT.items() if self._before[name] is None}
        for name, value in wanted.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        for place, name in _places():
            module, flag = place
            if wanted[name] == self._before[name] and place in self._flags:
                on = self._flags[place]
            else:  # one that was loaded meanwhile gets what it would have read without the switches
                on = _is_on(wanted[name])
            setattr(sys.modules[module], flag, on)


def _places() -> list[tuple[tuple[str, str], str]]:
    """Module and flag of each that is loaded, with the variable that it is read from."""
    return [
        ((module, flag), name)
        for module, flags in _READ.items()
        if module in sys.modules
        for flag, name in flags.items()
        if hasattr(sys.modules[module], flag)
    ]


def _is_on(value: str | None) -> bool:
    return (value or "").upper() in _TRUE
