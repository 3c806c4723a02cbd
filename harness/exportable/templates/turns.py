"""Earlier turns of a query: as one text, as a key to compare by, and as a conversation that chat templates take.

A query is {"text": …, "history": [{"role": "user", "content": …}, …]}.
"""

from bisect import bisect_left

from reading import normalised

ASSISTANT_FIRST = "(The assistant speaks first.)"


def all_turns(query):
    """The text of all turns, a line each, the last one first: what does not fit is cut at the end."""
    return "\n".join([query["text"], *(turn["content"] for turn in reversed(query.get("history", ())))])


def key_of(query):
    """The same for two queries that ask the same."""
    text, history = normalised(query["text"]), query.get("history", ())
    if not history:
        return text
    return "\0".join([*(f"{turn['role']}\1{normalised(turn['content'])}" for turn in history), text])


def characters(query):
    return len(query["text"]) + sum(len(turn["content"]) for turn in query.get("history", ()))


def conversation(query, opening, last, answers_next):
    """The turns of a query behind each other, the opening where it belongs.

    Where the answer is the conversation's next turn, the opening stands before all of it; else before the text.
    """
    turns = [dict(turn) for turn in query.get("history", ())]
    spoken = next((i for i, turn in enumerate(turns) if turn["role"] != "system"), None)
    if spoken is not None and turns[spoken]["role"] == "assistant":
        turns.insert(spoken, {"role": "user", "content": ASSISTANT_FIRST})
    first = next((i for i, turn in enumerate(turns) if turn["role"] == "user"), None)
    if answers_next and first is not None:
        begun = turns[first]["content"]
        begun = opening.strip() if begun == ASSISTANT_FIRST else opening + begun
        turns[first] = {"role": "user", "content": begun}
        opening = ""
    return [*turns, {"role": "user", "content": opening + last}]


def alternating(messages):
    """The same conversation with one system message first, then turns that alternate."""
    system, turns, waiting = [], [], []
    for message in messages:
        if message["role"] == "system":
            if message["content"] not in (*system, *waiting):
                (waiting if turns else system).append(message["content"])
            continue
        if waiting:
            _say(turns, "user", "\n\n".join(waiting))
            waiting = []
        _say(turns, message["role"], message["content"])
    leading = [{"role": "system", "content": "\n\n".join(system)}] if system else []
    return [*leading, *turns]


def trimmed(query, tokens, limit):
    """The query with as many of its latest turns as fit; system turns stay.

    `tokens(query)` counts those of its prompt.
    """
    turns = [turn for turn in query.get("history", ()) if turn["role"] != "system"]
    if not turns or tokens(query) <= limit:
        return query
    cuts = range(len(turns) + 1)
    cut = bisect_left(cuts, True, lo=1, key=lambda n: tokens(_without_oldest(query, n)) <= limit)
    return _without_oldest(query, min(cut, len(turns)))


def _without_oldest(query, turns):
    kept = []
    for turn in query["history"]:
        if turn["role"] == "system" or turns <= 0:
            kept.append(turn)
        else:
            turns -= 1
    return {**query, "history": kept}


def _say(turns, role, content):
    if turns and turns[-1]["role"] == role:
        content = f"{turns.pop()['content']}\n\n{content}"
    turns.append({"role": role, "content": content})
