"""How a question is put to the chat model, and what its answer says. Settings are in prompt.json."""

import json
import math

import chat
from reading import find_all_named, may_go_on, named, normalised


class Prompting:
    def __init__(self, folder):
        self.settings = json.loads((folder / "prompt.json").read_text(encoding="utf-8"))
        self.chat = chat.load(folder)

    def messages(self, query, demonstrations=(), passages=()):
        """The conversation: demonstrations as earlier turns, then passages and the query's text."""
        s = self.settings
        turns = [] if s["system"] is None else [{"role": "system", "content": s["system"]}]
        for number, each in enumerate(demonstrations):
            begin = s["opening"] if number == 0 else ""
            turns.append({"role": "user", "content": begin + self._turn(each["text"])})
            turns.append({"role": "assistant", "content": each["answer"]})
        begin = "" if demonstrations else s["opening"]
        beside = "".join(f"[{i}] {passage}\n\n" for i, passage in enumerate(passages, start=1))
        return [*turns, {"role": "user", "content": begin + beside + self._turn(query["text"])}]

    def tokens(self, messages):
        return self.chat.tokens(messages)

    def ask(self, messages):
        s = self.settings
        choices = list(s["words"]) if s["kind"] == "label" else []
        request = {"messages": messages, "choices": choices, "schema": s["schema"], "max_tokens": s["max_tokens"]}
        said = self.chat.complete(request)
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
        return _answer([text]) if text else {"failure": "empty: the model answered with nothing"}

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
    """Demonstrations that do not give the query's answer away: those of another text."""
    own = normalised(query["text"])
    return [each for each in demonstrations if normalised(each["text"]) != own]


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
