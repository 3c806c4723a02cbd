"""How a question is put to the chat model, and what its answer says. Settings are in prompt.json."""

import json
import math

import chat
import shortening
from cutting import cut_of, pieces
from reading import find_all_named, find_object, may_go_on, named
from turns import alternating, conversation, key_of, trimmed


class Prompting:
    def __init__(self, folder):
        self.settings = json.loads((folder / "prompt.json").read_text(encoding="utf-8"))
        self.chat = chat.load(folder)

    def messages(self, query, demonstrations=(), passages=()):
        """The conversation: demonstrations as earlier turns, then the query's own, passages and its text."""
        s = self.settings
        said = [] if s["system"] is None else [{"role": "system", "content": s["system"]}]
        for number, each in enumerate(demonstrations):
            begin = s["opening"] if number == 0 or each.get("history") else ""
            said += conversation(each, begin, self._turn(each["text"]), s["kind"] == "text")
            said.append({"role": "assistant", "content": each["answer"]})
        begin = s["opening"] if not demonstrations or query.get("history") else ""
        beside = "".join(f"[{i}] {passage}\n\n" for i, passage in enumerate(passages, start=1))
        said += conversation(query, begin, beside + self._turn(query["text"]), s["kind"] == "text")
        return alternating(said)

    def tokens(self, messages):
        return self.chat.tokens(messages)

    def trimmed(self, query, limit=None, demonstrations=()):
        """The query with as many of its earlier turns as fit into so many tokens; without a limit, the window."""
        if not query.get("history") or self.settings["long"] == "fail":
            return query
        limit = self.chat.window - self.settings["max_tokens"] if limit is None else limit
        return trimmed(query, lambda asked: self.tokens(self.messages(asked, demonstrations)), limit)

    def room(self, query, limit):
        """The query as it claims room: as it is, or half the limit where it is cut to what is left."""

        def count(text):
            return self.tokens(self.messages({**query, "text": text}))

        if cut_of(self.settings["long"]) is None or count(query["text"]) <= self.chat.window:
            return query
        kept = pieces(query["text"], "head", max(count("") + 1, limit // 2), count)
        return {**query, "text": kept[0].text if kept else ""}

    def ask(self, messages, query):
        s, how = self.settings, cut_of(self.settings["long"])
        choices = list(s["words"]) if s["kind"] == "label" else []
        request = {"messages": messages, "choices": choices, "schema": s["schema"], "max_tokens": s["max_tokens"]}
        said = self.chat.complete(request)
        if how is None or not shortening.is_too_long(said):
            return self._outcome(said)
        found = shortening.ask(self.chat, request, query["text"], how, s["kind"] == "text")
        return shortening.join(s["kind"], s["labels"], [self._outcome(each) for each in found])

    def _outcome(self, said):
        return said if "failure" in said else self._read(self._calibrated(said))

    def _turn(self, text):
        return self.settings["query"].replace("{text}", text)

    def _calibrated(self, said):
        """Log-likelihoods of the choices become probabilities by the rule that was chosen on validation."""
        how = self.settings["calibration"]
        bias = how["bias"]
        if how["rule"] == "sum" and not bias:
            return said
        shares = _shares_by_rule(said, how["rule"], how["prior"])
        if shares is None:
            return said
        if bias:
            shares = _to_one({c: p / max(bias.get(c, 1.0), 1e-12) for c, p in shares.items()})
        return {**said, "text": max(shares, key=shares.get), "probabilities": shares}

    def _read(self, said):
        s = self.settings
        text, words = said["text"].strip(), s["words"]
        if s["kind"] == "label":
            return self._read_label(said)
        if s["kind"] == "labels":
            those = find_all_named(text, self._own_names() | words)
            return _not_a_label(text) if those is None else _answer(those)
        if not text:
            return {"failure": "empty: the model answered with nothing"}
        if s["kind"] == "fields":
            found = find_object(text)
            return _answer([found]) if found else {"failure": f"not-json: {text[:80]!r} has no JSON object"}
        return _answer([text])

    def _own_names(self):
        return self.settings["names"] | {label: label for label in self.settings["labels"]}

    def _read_label(self, said):
        words, known = self.settings["words"], self._own_names()
        by_label = {}
        for word, p in (said.get("probabilities") or {}).items():
            by_label[words[word]] = by_label.get(words[word], 0.0) + p
        asked = self.settings["names"] | words
        found = named(said["text"], asked) or named(said["text"], known)
        if len(found) != 1:
            return _not_a_label(said["text"].strip())
        if said.get("finish") == "length" and may_go_on(said["text"], [*asked, *known]):
            return {"failure": "truncated: the answer was cut where it may go on to another label"}
        label = found.pop()
        if self.settings["scale"] and by_label:
            label = max(by_label, key=by_label.get)
        return _answer([label], by_label or None)


def apart(demonstrations, query):
    """Demonstrations that do not give the query's answer away: those of another text, or after other turns."""
    own = key_of(query)
    return [each for each in demonstrations if key_of(each) != own]


def _shares_by_rule(said, rule, prior):
    likely = said.get("logprobs")
    if not likely:
        given = said.get("probabilities") if rule == "sum" else None
        return _to_one(given) if given else None
    if rule == "tokens":
        likely = {c: v / max(said["choice_tokens"][c], 1) for c, v in likely.items()}
    elif rule == "bytes":
        likely = {c: v / max(len(c.encode()), 1) for c, v in likely.items()}
    elif rule == "prior":
        likely = {c: v - prior.get(c, 0.0) for c, v in likely.items()}
    top = max(likely.values())
    return _to_one({c: math.exp(v - top) for c, v in likely.items()})


def _to_one(values):
    total = sum(values.values()) or 1.0
    return {c: v / total for c, v in values.items()}


def _answer(answers, probabilities=None):
    return {"answers": answers, "probabilities": probabilities}


def _not_a_label(text):
    return {"failure": f"not-a-label: the model answered {text[:80]!r}, which names no label"}
