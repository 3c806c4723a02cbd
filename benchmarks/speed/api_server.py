"""An endpoint that answers at once: a chat completion for each POST, on kept-alive connections.

python api_server.py PORT         GET /count -> {"requests": 1000, "most": 20}, and counts anew

Needs nothing but Python, so that its own process has little to load. The answer follows from the prompt: the
number at its end is even or odd. It is the same for whoever asks.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_NUMBER = re.compile(rb"number (\d+)")
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req-1\r\ncontent-length: %d\r\n\r\n%s"


def reply(word: str) -> bytes:
    """A whole response, of the size that OpenAI's have."""
    body = {
        "id": "chatcmpl-0123456789abcdefghijklmnopqrs",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": "instant-1",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": word, "refusal": None, "annotations": []},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 40,
            "completion_tokens": 1,
            "total_tokens": 41,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": "fp_1",
    }
    return framed(json.dumps(body).encode())


def framed(content: bytes) -> bytes:
    return _HEAD % (len(content), content)


_REPLIES = (reply("even"), reply("odd"))


class Counts:
    """What was asked since the last look."""

    def __init__(self) -> None:
        self.requests = 0
        self.at_once = self.most = 0  # read and not yet answered, all connections together

    def told(self) -> bytes:
        told = {"requests": self.requests, "most": self.most}
        self.requests = self.most = 0
        return framed(json.dumps(told).encode())


class Answering(asyncio.Protocol):
    """One connection."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            head = self._held[:end]
            length = _LENGTH.search(head)
            until = end + 4 + (int(length.group(1)) if length else 0)
            if len(self._held) < until:
                return
            body, self._held = self._held[end + 4 : until], self._held[until:]
            self._write(self._counts.told() if head.startswith(b"GET /count") else self._answer(body))

    def _answer(self, body: bytes) -> bytes:
        self._counts.requests += 1
        numbers = _NUMBER.findall(body)
        return _REPLIES[int(numbers[-1]) % 2 if numbers else 0]

    def _write(self, content: bytes) -> None:
        assert isinstance(self._transport, asyncio.WriteTransport)
        self._transport.write(content)


async def serve(port: int) -> None:
    counts = Counts()
    server = await asyncio.get_running_loop().create_server(lambda: Answering(counts), "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
