"""The strategy: a prompt of its own for each query, with the nearest examples and passages.

Vectors are in examples.npy and passages.npy, what they stand for in the .jsonl beside each. The nearest are found
by comparing with all of them, which is exact.
"""

import hashlib
import json

import embedding
import numpy as np
from prompting import Prompting
from reading import normalised
from turns import key_of


def load(folder):
    return Retrieving(folder)


class Retrieving:
    def __init__(self, folder):
        self.settings = json.loads((folder / "retrieval.json").read_text(encoding="utf-8"))
        self.shelves = {name: Shelf(folder, name, rule) for name, rule in self.settings["shelves"].items()}
        self.embedding = embedding.load(folder)
        self.prompting = Prompting(folder)

    def answer(self, queries):
        return self.embedding.each(queries, self._answer)

    def _answer(self, query, vector):
        found = {name: shelf.near(query, vector) for name, shelf in self.shelves.items()}
        near, beside = found.get("examples", []), found.get("passages", [])
        messages = self._messages(query, near, beside)
        # Whole examples, then whole passages, are left out, the farthest first, until the prompt fits.
        limit = self.settings["limit"]
        if self.prompting.tokens(messages) > limit:
            claims = self.prompting.room(query, limit)
            while (near or beside) and self.prompting.tokens(self._messages(claims, near, beside)) > limit:
                (near or beside).pop()
            messages = self._messages(query, near, beside)
        if not (near or beside):
            messages = self._messages(self.prompting.trimmed(query, limit), near, beside)
        return self.prompting.ask(messages, query)

    def _messages(self, query, near, beside):
        shown = near if self.settings["order"] == "nearest-first" else near[::-1]
        return self.prompting.messages(query, shown, beside)


class Shelf:
    def __init__(self, folder, name, rule):
        self.rule = rule
        self.vectors = np.load(folder / f"{name}.npy", allow_pickle=False)
        rows = [json.loads(line) for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
        self.own = [row["own_sha256"] for row in rows]
        self.values = [row["value"] for row in rows]

    def near(self, query, vector):
        rule = self.rule
        key = key_of(query) if rule["turns"] else normalised(query["text"])
        own = hashlib.sha256(key.encode()).hexdigest()
        similarity = (self.vectors @ vector).round(5)
        order = [i for i in np.argsort(-similarity, kind="stable").tolist() if self.own[i] != own]
        order = order[: rule["count"] if rule["mmr"] is None else max(rule["pool"], rule["count"])]
        if rule["floor"] is not None:
            order = [i for i in order if round(float(similarity[i]), 5) >= rule["floor"]]
        if rule["mmr"] is not None:
            order = self._marginal(order, similarity)
        return [self.values[i] for i in order]

    def _marginal(self, pool, similarity):
        """Near to the query and unlike each other: maximal marginal relevance (Carbonell & Goldstein, 1998)."""
        if not pool:
            return []
        balance = self.rule["mmr"]
        likeness = (self.vectors[pool] @ self.vectors[pool].T).round(5)
        picked = [0]
        while len(picked) < min(self.rule["count"], len(pool)):
            worth = {
                i: balance * float(similarity[place]) - (1 - balance) * float(likeness[i, picked].max())
                for i, place in enumerate(pool)
                if i not in picked
            }
            picked.append(max(worth, key=worth.get))
        return [pool[i] for i in sorted(picked)]
