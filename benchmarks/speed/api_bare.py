"""openai's own client on its aiohttp transport, and nothing else: python api_bare.py PORT QUESTIONS ANSWERS."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

AT_ONCE = 20


async def ask(port: int, questions: dict[str, str]) -> dict[str, str | None]:
    import openai

    answers: dict[str, str | None] = {}
    left = iter(questions.items())
    address = f"http://127.0.0.1:{port}/v1"
    async with openai.AsyncOpenAI(
        api_key="sk-none", base_url=address, max_retries=0, http_client=openai.DefaultAioHttpClient()
    ) as client:

        async def one_after_another() -> None:
            for row, question in left:
                reply = await client.chat.completions.create(
                    model="instant-1",
                    messages=[{"role": "user", "content": question}],
                    max_tokens=16,
                    temperature=0.0,
                )
                answers[row] = reply.choices[0].message.content

        await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))
    return answers


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    Path(sys.argv[3]).write_text(json.dumps(asyncio.run(ask(int(sys.argv[1]), asked))), encoding="utf-8")
