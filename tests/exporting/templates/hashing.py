"""Models of a suite whose answers are hashes of what they are asked; each has an export."""

from contextlib import contextmanager
from pathlib import Path

from harness import Answered, Completion, Failed, Model, Opened, Usage
from harness.testing import HashEmbedder

HERE = Path(__file__).parent


class Hashing(Model):
    window: int

    @property
    def roles(self):
        return frozenset({"chat"})

    @contextmanager
    def open(self):
        yield Opened(chat=Chat(self.window))

    def export(self, part, tuned, target):
        target.json("chat.json", {"window": self.window})
        target.code("chat.py", HERE / "chat.py")


class Words(HashEmbedder):
    def export(self, part, tuned, target):
        target.json("embedder.json", {"width": self.width, "window": self.window})
        target.code("embedder.py", HERE / "embedder.py")


class Chat:
    def __init__(self, window):
        from importlib.util import module_from_spec, spec_from_file_location

        spec = spec_from_file_location("standalone_chat", HERE / "chat.py")
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        self.alone, self.window, self.identity = module.Chat(window), window, f"hashing-{window}"

    def _plain(self, request):
        return [{"role": m.role, "content": m.content} for m in request.messages]

    def tokens(self, request):
        return self.alone.tokens(self._plain(request))

    def complete(self, requests):
        for index, request in enumerate(requests):
            asked = {"messages": self._plain(request), "choices": request.choices, "schema": request.answer_schema}
            said = self.alone.complete(asked | {"max_tokens": request.max_tokens})
            if "failure" in said:
                error = said["failure"].partition(": ")[2]
                yield Answered(index=index, completion=Failed(query_id="", kind="too-long", error=error))
            else:
                usage = Usage(model="hashing", input_tokens=1, output_tokens=1, device_seconds=1e-6)
                yield Answered(index=index, completion=Completion(**said, usage=usage, seconds=1e-6))
