"""Words that the options of `harness data prepare` take."""

from __future__ import annotations

from enum import StrEnum


class Provider(StrEnum):
    OPENAI = "openai"
    AZURE = "azure"
    TOGETHER = "together"
    FIREWORKS = "fireworks"
    MISTRAL = "mistral"


class MethodName(StrEnum):
    SUPERVISED = "supervised"
    DPO = "dpo"


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
