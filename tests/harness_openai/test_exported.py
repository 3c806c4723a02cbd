"""What an exported endpoint is sent is what the run sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness import Brief, Message, Request
from harness.exporting.target import Target

ASK = """
import json, pathlib, sys
sys.path.insert(0, sys.argv[1])
import chat
asked = chat.load(pathlib.Path(sys.argv[1]))
print(json.dumps([asked.window, *(asked.complete(each) for each in json.loads(sys.argv[2]))]))
"""
OPEN = {"type": "object", "properties": {"who": {"type": "string"}}}
STRICT = {**OPEN, "required": ["who"], "additionalProperties": False}


@pytest.mark.parametrize(("schema", "provider"), [(OPEN, "auto"), (STRICT, "auto"), (OPEN, "openai")])
def test_a_schema_is_sent_as_in_the_run_and_a_refused_length_is_told(
    server: Any, schema: dict[str, Any], provider: str, key: str, tmp_path: Path
) -> None:
    content, told = ('{"who": null}', "{}") if provider == "openai" else ('{"who": "Ann"}',) * 2
    said = {"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}
    brief = Brief(name="t", instructions="Who?", kind="fields", answer_schema=schema)
    model = server.chat(window=900, provider=provider)
    target = Target(tmp_path, brief, tmp_path, {"m": model})
    target.model("chat", "m")
    turns = [{"role": "user", "content": "It is Ann"}]
    request = {"messages": turns, "choices": [], "schema": schema, "max_tokens": 16}
    server.says(said)
    server.says(said)
    server.says({"error": {"message": "This model's maximum context length is 900 tokens"}}, status=400)
    server.ask(
        Request(messages=tuple(Message(**each) for each in turns), answer_schema=schema, max_tokens=16),
        provider=provider,
    )
    words = [sys.executable, "-I", "-c", ASK, str(tmp_path), json.dumps([request, request])]
    others = {"OPENAI_ORG_ID": "org", "OPENAI_PROJECT_ID": "proj", "OPENAI_CUSTOM_HEADERS": "x-key: another"}
    environment = {**os.environ, **others, model.key_env: key}
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
    window, answered, refused = json.loads(done.stdout)
    assert 900 == window
    assert told == answered["text"]
    assert refused["failure"].startswith("too-long: ")
    sent = set(server.received[-1].headers)
    assert "authorization" in sent
    assert not {"openai-organization", "openai-project", "x-key"} & sent
    expected, found, _ = server.bodies
    assert expected == found
    assert (schema == STRICT or provider == "openai") == found["response_format"]["json_schema"]["strict"]
