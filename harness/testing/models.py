"""Models without weights: one that says what it is told to, and one that embeds bags of words."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from harness.models import Answered, Completion, Model, Opened, Request, Role
from harness.records import (
    Failed,
    Usage,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ScriptedModel(Model):
    """A chat model that says what it is told to: real in all but its weights.

    With `choices` it gives log-likelihoods that favour its reply where the reply is one of them.
    """

    roles: ClassVar[frozenset[Role]] = frozenset({"chat"})

    replies: Mapping[str, str] = Field({}, description="Text in the last user turn to the reply; first one wins.")
    otherwise: str = Field("", description="The reply to everything else; empty for the first choice.")
    window: int = Field(4096, description="Words that a prompt may have.")

    @contextmanager
    def open(self) -> Iterator[Opened]:
        yield Opened(chat=_Scripted(self))


class _Scripted:
    def __init__(self, script: ScriptedModel) -> None:
        self._script = script

    @property
    def identity(self) -> str:
        return "scripted-" + hashlib.sha256(self._script.model_dump_json().encode()).hexdigest()[:8]

    @property
    def window(self) -> int:
        return self._script.window

    def tokens(self, request: Request) -> int:
        return sum(len(message.content.split()) + 1 for message in request.messages)

    def complete(self, requests: Sequence[Request]) -> Iterator[Answered]:
        for index, request in enumerate(requests):
            used = self.tokens(request)
            if used > self.window:
                error = f"{used} words do not fit the window of {self.window}"
                yield Answered(
                    index=index, completion=Failed(query_id=request.query_id or "", kind="too-long", error=error)
                )
                continue
            reply = self._reply(request)
            usage = Usage(
                model="scripted", input_tokens=used, output_tokens=len(reply.split()), device_seconds=1e-6
            )
            yield Answered(index=index, completion=_completion(request, reply, usage))

    def _reply(self, request: Request) -> str:
        asked = request.messages[-1].content
        for text, reply in self._script.replies.items():
            if text in asked:
                return reply
        return self._script.otherwise or (request.choices[0] if request.choices else "nothing")


def _completion(request: Request, reply: str, usage: Usage) -> Completion:
    if reply not in request.choices:
        return Completion(text=reply, usage=usage, seconds=1e-6)
    logprobs = {choice: -0.1 if choice == reply else -5.0 for choice in request.choices}
    total = sum(math.exp(value) for value in logprobs.values())
    return Completion(
        text=reply,
        logprobs=logprobs,
        choice_tokens={choice: len(choice.split()) + 1 for choice in request.choices},
        probabilities={choice: math.exp(value) / total for choice, value in logprobs.items()},
        asked="likelihood",
        usage=usage,
        seconds=1e-6,
    )


class HashEmbedder(Model):
    """Bags of words hashed into unit vectors: texts that share words are near each other."""

    roles: ClassVar[frozenset[Role]] = frozenset({"embedder"})

    width: int = Field(64, ge=2, description="Of the vectors.")
    window: int = Field(512, description="Words that are seen of a text.")

    @contextmanager
    def open(self) -> Iterator[Opened]:
        yield Opened(embedder=_Hashed(self.width, self.window))


class _Hashed:
    def __init__(self, width: int, window: int) -> None:
        self._width = width
        self._window = window

    @property
    def identity(self) -> str:
        return f"hashed-{self._width}-{self._window}"

    @property
    def window(self) -> int:
        return self._window

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        return [len(text.split()) for text in texts]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        vectors = np.full((len(texts), self._width), 1e-6, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.casefold())[: self._window]:
                vectors[row, int(hashlib.sha256(word.encode()).hexdigest(), 16) % self._width] += 1
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit
