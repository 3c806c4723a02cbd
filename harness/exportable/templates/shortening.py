"""Prompts that do not fit the model's window: the query's text in them is cut, or asked chunk by chunk.

The whole prompt is asked first; only what the model refuses as too long comes here.
"""

from collections import Counter

from cutting import pieces
from reading import whole_object

SMALLER = 4  # times that a limit is lowered where a model refuses what should fit
DEEPEST = 3  # times that answers are merged in groups before the merged ones are cut
MERGE = "It was too long to be read at once. These are the answers to its parts, in order; make one of them:"


def is_too_long(said):
    return said.get("failure", "").startswith("too-long:")


def ask(chat, request, text, how, merge, depth=0):
    """What the model says to each part, in order, or [failure]; free texts are merged by asking once more.

    `text` is what may be cut in the request's last turn; `merge` says whether answers are free texts.
    """
    room, refusal = _room(chat, request), None
    for _ in range(SMALLER):
        parts = _parts(chat, request, text, how, room)
        if not parts:
            return [{"failure": "too-long: the prompt does not fit the window even without its text"}]
        found = [chat.complete(part) for part in parts]
        refusal = next((each for each in found if is_too_long(each)), None)
        if refusal is None:
            failed = next((each for each in found if "failure" in each), None)
            if failed is not None:  # what was not read may be what decides
                return [failed]
            return _merged(chat, request, text, found, depth) if merge and len(found) > 1 else found
        room -= max(1, room // 8)
    return [refusal]


def join(kind, labels, read):
    """One answer of what was read in each part; a part that says nothing has no say."""
    said = [each for each in read if "failure" not in each]
    if len(said) < 2:
        return said[0] if said else read[0]
    if kind == "labels":
        named = {label for each in said for label in each["answers"]}
        return {"answers": [label for label in labels if label in named], "probabilities": None}
    if kind == "fields":
        return {**said[0], "answers": [whole_object([each["answers"][0] for each in said])]}
    if kind != "label":
        return said[0]
    if all(each["probabilities"] for each in said):
        known = dict.fromkeys(label for each in said for label in each["probabilities"])
        mean = {label: sum(each["probabilities"].get(label, 0.0) for each in said) / len(said) for label in known}
        return {"answers": [max(mean, key=mean.get)], "probabilities": mean}
    votes = Counter(each["answers"][0] for each in said)
    return {"answers": [votes.most_common(1)[0][0]], "probabilities": None}


def _room(chat, request):
    """Tokens that a prompt may have beside its answer, so that it is shorter than it is."""
    turns = request["messages"]

    def saying(content):
        return chat.tokens([*turns, {"role": "assistant", "content": content}])

    bare = saying("")
    longest = max((1 + saying(choice) - bare for choice in request["choices"]), default=request["max_tokens"])
    return min(chat.window - longest, chat.tokens(turns) - 1)


def _parts(chat, request, text, how, room):
    if not text or text not in request["messages"][-1]["content"]:
        return []

    def tokens(other):
        return chat.tokens(_holding(request, text, other)["messages"])

    return [_holding(request, text, piece.text) for piece in pieces(text, how, room, tokens)]


def _holding(request, text, other):
    """The same prompt with another text."""
    *before, last = request["messages"]
    start, _, end = last["content"].rpartition(text)
    return {**request, "messages": [*before, {**last, "content": start + other + end}]}


def _merged(chat, request, text, found, depth):
    listed = "\n\n".join(f"[{n}] {each['text'].strip()}" for n, each in enumerate(found, start=1))
    merging = f"{MERGE}\n\n{listed}"
    again = _holding(request, text, merging)
    said = chat.complete(again)
    if is_too_long(said):
        return ask(chat, again, merging, "chunks" if depth < DEEPEST else "head", True, depth + 1)
    return [said]
