"""An engine without weights, which learns by heart: for tests of the service, and of what is in front of it.

The base answers with the first choice, or says "ok". A tuned one answers as the training conversation does whose
last turn shares most words with the question.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

from harness import Completion, Failed, Message, Request, Usage
from suites.local_service.engine import Epoch, Order, Step, Tell
from suites.local_service.examples import Chat

_SURE = 0.9  # probability of what it answers


class ScriptedEngine:
    """Implements `Engine`; a token is a word."""

    name = "scripted-2026-01-01"
    window = 4096

    def fingerprint(self, tuned: Path | None) -> str:
        return "fp_base" if tuned is None else f"fp_{tuned.parent.name}"

    def complete(self, tuned: Path | None, requests: Sequence[Request]) -> Sequence[Completion | Failed]:
        learnt: list[tuple[str, str]] = [] if tuned is None else json.loads((tuned / "learnt.json").read_text())
        return [self._answer(request, learnt) for request in requests]

    def pieces(self, text: str) -> list[str]:
        return [text[i : i + 4] for i in range(0, len(text), 4)]

    def tokens(self, chat: Chat) -> int:
        return _words(chat.messages) + len(chat.answer.split())

    def tune(
        self, train: Sequence[Chat], validation: Sequence[Chat], order: Order, folder: Path, tell: Tell
    ) -> None:
        steps = math.ceil(len(train) / order.batch_size)
        for epoch in range(1, order.epochs + 1):
            for step in range((epoch - 1) * steps + 1, epoch * steps + 1):
                tell(Step(step, steps * order.epochs, 1 / step, 1 - 1 / (step + 1)))
            target = folder / f"epoch-{epoch}"
            target.mkdir(parents=True, exist_ok=True)
            learnt = [(chat.messages[-1].content, chat.answer) for chat in train]
            (target / "learnt.json").write_text(json.dumps(learnt))
            measured = (1 / epoch, 1 - 1 / (epoch + 1)) if validation else (None, None)
            tell(Epoch(epoch, steps * epoch, sum(map(self.tokens, train)), target, *measured))

    def _answer(self, request: Request, learnt: Sequence[tuple[str, str]]) -> Completion | Failed:
        asked = set(request.messages[-1].content.split())
        text = request.choices[0] if request.choices else "ok"
        if request.answer_schema is not None:
            text = json.dumps(dict.fromkeys(request.answer_schema.get("properties", {}), "ok"))
        if learnt:
            text = max(learnt, key=lambda pair: len(asked & set(pair[0].split())))[1]
        usage = Usage(model=self.name, input_tokens=_words(request.messages), output_tokens=len(text.split()))
        if not request.choices:
            cut = len(text.split()) > request.max_tokens
            return Completion(text=text, finish="length" if cut else "stop", usage=usage)
        if text not in request.choices:
            text = request.choices[0]
        rest = (1 - _SURE) / max(1, len(request.choices) - 1)
        logprobs = {c: math.log(_SURE if c == text else rest) for c in request.choices}
        return Completion(text=text, logprobs=logprobs, asked="likelihood", usage=usage)


def _words(messages: Sequence[Message]) -> int:
    return sum(len(message.content.split()) for message in messages)
