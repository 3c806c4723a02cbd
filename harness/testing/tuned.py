"""The endpoint of a scripted provider: its base model, and what was tuned from it."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from typing import Any

from harness.models import CallFailed, Completion, Request
from harness.records import Usage
from harness.testing.tuning_state import AUDIT, TuningState


class ScriptedEndpoint:
    """Implements `Endpoint`: a tuned model answers as the training row that shares its rarest words.

    Args:
        model: `base`, or the name of what was tuned.
        state: The provider's.
        otherwise: What the base model answers; empty for the first choice.
        late: Questions to a tuned model that it is not found for.
    """

    def __init__(self, model: str, state: TuningState, otherwise: str, late: int) -> None:
        self._model = model
        self._state = state
        self._otherwise = otherwise
        self._late = late if model != "base" else 0
        self._rows: list[tuple[frozenset[str], str]] | None = None

    @property
    def identity(self) -> str:
        return f"scripted:{self._state.folder}:{self._model}"

    @property
    def name(self) -> str:
        return f"scripted/{'ft:base' if self._model != 'base' else 'base'}"

    @property
    def account(self) -> str:
        return "scripted"

    @property
    def window(self) -> int:
        return 4096

    def tokens(self, request: Request) -> int:
        return sum(len(message.content.split()) + 1 for message in request.messages)

    async def send(self, request: Request) -> Completion:
        sys.audit(AUDIT, "send", "before")
        self._state.count("asked")
        if self._late and self._state.count("late") < self._late:
            raise CallFailed("not-found", f"model_not_found: {self._model}", fatal=True)
        text = self._answer(request)
        usage = Usage(model=self.name, input_tokens=self.tokens(request), output_tokens=len(text.split()))
        sys.audit(AUDIT, "send", "after")
        return Completion(text=text, usage=usage, seconds=1e-4, served=self._model)

    async def close(self) -> None: ...

    def _answer(self, request: Request) -> str:
        if self._model == "base":
            return self._otherwise or (request.choices[0] if request.choices else "nothing")
        if self._rows is None:
            self._rows = self._learnt()
        asked = _words(request.messages[-1].content)
        seen = Counter(word for words, _ in self._rows for word in words)
        return max(self._rows, key=lambda row: sum(1 / seen[word] for word in row[0] & asked))[1]

    def _learnt(self) -> list[tuple[frozenset[str], str]]:
        job = self._model.rpartition(":")[2].removeprefix("deployed-")
        state = self._state.read()
        file = state["models"].get(f"ft:base:{job}")
        if file is None:
            raise CallFailed("not-found", f"there is no model {self._model}", fatal=True)
        lines = self._state.content(file).read_text(encoding="utf-8-sig").splitlines()
        return [_row(json.loads(line)) for line in lines]


def _row(line: dict[str, Any]) -> tuple[frozenset[str], str]:
    if "messages" in line:
        *_, last, answer = line["messages"]
        return _words(last["content"]), answer["content"]
    return _words(line["input"]["messages"][-1]["content"]), line["preferred_output"][0]["content"]


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))
