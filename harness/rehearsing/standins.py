"""Stand-ins for models: they load nothing, send nothing, and use what is at most used.

endpoint    counts the prompt's tokens as the real one does; answers with the first choice, as long as it may be
chat        a local model: answers the same, and uses nothing
embedder    random vectors of unit length, the same for the same text
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from harness.calls.upper import upper
from harness.models import Answered, CallFailed, Completion, Endpoint, Request
from harness.records import Brief, Usage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WIDTH = 32
_WIDE = 1_000_000  # tokens: nothing is cut where a local model's own window is not known
_SHORT = "this is an answer"


class Speaker:
    """Answers as each kind of task has it; `brief` is that of the trial under way."""

    brief: Brief | None = None

    def completion(self, request: Request, usage: Usage) -> Completion:
        """At once, and of the first choice barely more than of the others, so that nothing is taken for sure."""
        text, choices = self._text(request), request.choices
        each = 1.0 / (len(choices) + 0.01) if choices else 0.0
        probabilities = {choice: each * (1.01 if choice == text else 1.0) for choice in choices}
        return Completion(text=text, probabilities=probabilities or None, usage=usage)

    def _text(self, request: Request) -> str:
        if request.choices:
            return request.choices[0]
        if request.answer_schema is not None:
            return json.dumps(smallest(request.answer_schema))
        kind, labels = (self.brief.kind, list(self.brief.labels)) if self.brief else ("text", [])
        if kind == "labels":
            return json.dumps(labels[:1])
        return labels[0] if kind == "label" and labels else "{}" if kind == "fields" else _SHORT


def smallest(schema: object) -> object:
    """A value of the schema's type with no more in it than it must have.

    >>> smallest({"type": "object", "properties": {"a": {"enum": ["x", "y"]}, "b": {}}, "required": ["a"]})
    {'a': 'x'}
    """
    if not isinstance(schema, Mapping):
        return None
    if schema.get("enum"):
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    for several in ("anyOf", "oneOf", "allOf"):
        if schema.get(several):
            return smallest(schema[several][0])
    kind = schema.get("type", "object" if "properties" in schema else "null")
    kind = kind[0] if isinstance(kind, list | tuple) and kind else kind
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: smallest(properties.get(name, {})) for name in schema.get("required", ())}
    values: dict[str, object] = {"array": [], "string": "", "number": 0, "integer": 0, "boolean": False}
    return values.get(str(kind))


class StandInEndpoint:
    """Implements `harness.models.Endpoint` over a real one of which nothing is sent.

    Args:
        real: Counts tokens, and says what its answers go by in the cache and in prices.
        speaker: What it answers.
        name: What prices go by, where that is not the real one's.
    """

    def __init__(self, real: Endpoint, speaker: Speaker, name: str | None = None) -> None:
        self._real = real
        self._speaker = speaker
        self._name = name

    @property
    def identity(self) -> str:
        return self._real.identity if self._name is None else f"rehearsal:{self._name}"

    @property
    def name(self) -> str:
        return self._real.name if self._name is None else self._name

    @property
    def account(self) -> str:
        return "rehearsal"

    @property
    def window(self) -> int:
        return self._real.window

    @property
    def batches(self) -> bool:
        """Whether the real one takes requests as a batch."""
        return bool(getattr(self._real, "batched", False))

    def tokens(self, request: Request) -> int:
        return self._real.tokens(request)

    async def send(self, request: Request) -> Completion:
        most = upper(self, request)
        if most.input_tokens > self.window:
            raise CallFailed("too-long", f"{most.input_tokens} tokens do not fit the window of {self.window}")
        return self._speaker.completion(request, most)

    async def close(self) -> None:
        """Nothing is open."""


class StandInChat:
    """A local chat model that is not loaded."""

    window = _WIDE

    def __init__(self, name: str, speaker: Speaker) -> None:
        self._name = name
        self._speaker = speaker

    @property
    def identity(self) -> str:
        return f"rehearsal:{self._name}"

    def tokens(self, request: Request) -> int:
        return sum(len(message.content) // 3 + 4 for message in request.messages)

    def complete(self, requests: Sequence[Request]) -> Iterator[Answered]:
        for index, request in enumerate(requests):
            used = Usage(model=self._name)
            yield Answered(index=index, completion=self._speaker.completion(request, used))


class StandInEmbedder:
    """An embedder that is not loaded."""

    window = _WIDE

    def __init__(self, name: str) -> None:
        self.identity = f"rehearsal:{name}"

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        return [len(text) // 3 + 1 for text in texts]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        if not texts:
            return np.zeros((0, _WIDTH), dtype=np.float32)
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little") for text in texts]
        drawn = np.stack([np.random.default_rng(seed).standard_normal(_WIDTH) for seed in seeds])
        unit: NDArray[np.float32] = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
        return unit
