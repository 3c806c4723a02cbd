"""The chat model: an endpoint that speaks OpenAI's chat completions. Settings are in chat.json, the key is not.

A closed question is asked with a schema that names the answers, where the endpoint takes one.
"""

import json
import os
import re

from estimate import estimated_tokens
from likelihood import choice_probabilities
from openai import APIStatusError, OpenAI, OpenAIError
from strict import without_nulls


def load(folder):
    return Chat(folder)


class Chat:
    def __init__(self, folder):
        self.settings = s = json.loads((folder / "chat.json").read_text(encoding="utf-8"))
        self.window = s["window"]
        key = os.environ.get(s["key_env"], "").strip()
        if not key and not s["loopback"]:
            raise SystemExit(f"set the environment variable {s['key_env']}: it holds the key for {s['base_url']}")
        # Azure's dated API knows keys in this header alone, and its logins' tokens as bearers.
        headers = {"api-key": key} if s["azure"] and not key.startswith("eyJ") else {}
        self.client = OpenAI(
            api_key=key or "none",
            base_url=s["base_url"],
            organization=s["organization"],
            project=s["project"],
            timeout=s["timeout_seconds"],
            default_headers=headers,
            default_query={"api-version": s["api_version"]} if s["api_version"] else {},
        )
        if not s["openai"]:  # what the environment holds for OpenAI is for OpenAI alone: it may be another key
            self.client.organization, self.client.project = s["organization"], s["project"]
            self.client._custom_headers = headers
        # What the endpoint refuses is left out from then on.
        self.taken = {"response_format", "logprobs", "temperature", s["limit"]}
        self.taken -= {"response_format"} if s["structured"] == "text" else set()
        self.taken -= {"logprobs"} if s["logprobs"] == "off" else set()

    def tokens(self, messages):
        return sum(estimated_tokens(m["content"]) + 4 for m in messages) + 3

    def complete(self, request):
        while True:
            body = self._body(request)
            try:
                reply = self.client.chat.completions.create(**body).model_dump()
                return self._read(reply, request, "response_format" in body)
            except APIStatusError as error:
                words = f"{error.code} {error.type} {error.message}"
                long = re.search(self.settings["too_long"], words, re.IGNORECASE)
                if error.status_code == 413 or (error.status_code in (400, 422, 429) and long):
                    return {"failure": f"too-long: {error.message}"[:300]}
                said = str(error.message).lower()
                refused = [f for f in self.taken if f in body and f.replace("_", "") in said.replace("_", "")]
                if error.status_code not in (400, 422) or not refused:
                    return {"failure": f"endpoint: {error.status_code} {error.message}"[:300]}
                self.taken -= set(refused)
            except OpenAIError as error:
                return {"failure": f"endpoint: {type(error).__name__}: {error}"[:300]}

    def _body(self, request):
        s, choices, schema = self.settings, request["choices"], request["schema"]
        body = {"model": s["model"], "messages": request["messages"], "temperature": 0.0}
        body[s["limit"]] = request["max_tokens"]
        if choices:
            answer = {"type": "string", "enum": choices}
            schema = {"type": "object", "properties": {"answer": answer}, "required": ["answer"]}
            schema["additionalProperties"] = False
            body |= {"logprobs": True, "top_logprobs": 20}
            if "response_format" in self.taken:
                body[s["limit"]] = max(request["max_tokens"], max(len(json.dumps(c)) for c in choices) + 16)
        if schema:
            schema = schema if choices else s["schema_sent"] or schema
            named = {"name": "answer", "strict": bool(choices) or s["strict"], "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        body = {k: v for k, v in body.items() if k in {*self.taken, "model", "messages", "top_logprobs"}}
        if "logprobs" not in self.taken:
            body.pop("top_logprobs", None)
        return {**body, "extra_body": s["extra"]}

    def _read(self, reply, request, by_schema):
        choice = reply["choices"][0]
        text = choice["message"].get("content") or ""
        said_no = choice["message"].get("refusal")
        if said_no and not text:
            return {"failure": f"refused: {said_no[:200]}"}
        answer, begins = text, 0
        if by_schema and not request["choices"] and self.settings["schema_sent"]:
            try:
                held = json.loads(re.search(r"\{.*\}", text, re.DOTALL).group())
                answer = json.dumps(without_nulls(held, request["schema"]), ensure_ascii=False)
            except (AttributeError, ValueError):
                pass
        if by_schema and request["choices"]:
            opening = re.search(r'"answer"\s*:\s*"', text)
            try:
                answer = str(json.loads(re.search(r"\{.*\}", text, re.DOTALL).group())["answer"])
                begins = opening.end()
            except (AttributeError, KeyError, TypeError, ValueError):
                answer = text
        shares = None
        if request["choices"] and choice.get("logprobs"):
            shares = choice_probabilities(choice["logprobs"].get("content"), begins, request["choices"])
        return {"text": answer, "probabilities": shares, "finish": choice.get("finish_reason")}
