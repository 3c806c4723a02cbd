"""From a cell to the turns of a conversation: JSON messages, or lines that begin with who speaks.

Who speaks is in answer.json, by name in small letters: {"customer": "user", "agent": "assistant", …}.
"""

import json
import re

LINE = re.compile(r"\s*(?:\[[^\]\n]{1,30}\]|\(?\d{1,2}:\d{2}(?::\d{2})?\)?)?\s*([^:\n]{1,40}?)\s*:(?!//)\s*(.*)")
LISTS = ("messages", "conversations", "conversation", "turns")


def turns(cell, speakers):
    """The turns of a cell, [{"role": …, "content": …}]; ValueError where it is none."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return []
    if isinstance(cell, str):
        if not re.match(r"\s*(\{|\[\s*[\[\]{\"'])", cell):
            return _lines(cell, speakers)
        cell = json.loads(cell)
    if isinstance(cell, dict):
        cell = next((cell[name] for name in LISTS if name in cell), None)
    if not isinstance(cell, list):
        raise ValueError('the turns are no list such as [{"role": "user", "content": "hello"}]')
    said = [_message(each, speakers) for each in cell]
    return [each for each in said if each["content"].strip()]


def last_of_user(said):
    """The text that is asked about, and the turns before it; blank where the user says nothing."""
    last = next((i for i in reversed(range(len(said))) if said[i]["role"] == "user"), None)
    if last is None:
        return "", said
    first = last
    while first and said[first - 1]["role"] == "user":
        first -= 1
    return "\n\n".join(turn["content"] for turn in said[first : last + 1]), said[:first]


def _message(said, speakers):
    who = next((said[name] for name in ("role", "from", "speaker") if name in said), None)
    what = next((said[name] for name in ("content", "value", "text") if name in said), None)
    if isinstance(what, list) and what:  # OpenAI's parts
        parts = [part.get("text") if isinstance(part, dict) else part for part in what]
        what = "\n".join(parts) if all(isinstance(part, str) for part in parts) else None
    role = _role(who, speakers) if isinstance(who, str) else None
    if role is None or not isinstance(what, str):
        raise ValueError(f"{said!r} is no turn such as {{'role': 'user', 'content': 'hello'}}")
    return {"role": role, "content": what}


def _role(name, speakers):
    name = name.strip().casefold()
    return speakers.get(name) or speakers.get(name.rstrip("0123456789# "))


def _lines(cell, speakers):
    said = []
    for line in cell.splitlines():
        begun = LINE.match(line)
        role = _role(begun[1], speakers) if begun else None
        if role:
            said.append((role, [begun[2]]))
        elif said:
            said[-1][1].append(line)
        elif line.strip():
            raise ValueError(f"the turns begin with {line!r}; each begins with who speaks, such as 'Customer: …'")
    read = ((role, "\n".join(lines).strip()) for role, lines in said)
    return [{"role": role, "content": content} for role, content in read if content]
