"""The strategy: the k nearest training rows vote; vectors are in vectors.npy, labels in voters.jsonl."""

import hashlib
import json
from collections import defaultdict

import embedding
import numpy as np
from turns import key_of


def load(folder):
    return Voters(folder)


class Voters:
    def __init__(self, folder):
        self.settings = json.loads((folder / "strategy.json").read_text(encoding="utf-8"))
        self.vectors = np.load(folder / "vectors.npy", allow_pickle=False)
        self.rows = [
            json.loads(line) for line in (folder / "voters.jsonl").read_text(encoding="utf-8").splitlines()
        ]
        self.embedding = embedding.load(folder)
        self.by_text = defaultdict(set)
        for place, row in enumerate(self.rows):
            self.by_text[row["text_sha256"]].add(place)

    def answer(self, queries):
        return self.embedding.each(queries, self._vote)

    def _vote(self, query, vector):
        s = self.settings
        own = self.by_text.get(hashlib.sha256(key_of(query).encode()).hexdigest(), set())
        near = (self.vectors @ vector).round(5)  # cosine similarity; equals keep the rows' order
        order = [i for i in np.argsort(-near, kind="stable").tolist() if i not in own][: s["k"]]
        if not order:
            return {"failure": "no-neighbours: no training row is left to vote: all have this query's own text"}
        weigh = s["weights"] == "distance"
        votes = [1.0 / max(1.0 - float(near[i]), 1e-6) if weigh else 1.0 for i in order]
        shares, nearness = defaultdict(float), defaultdict(float)
        for i, vote in zip(order, votes, strict=True):
            for label in self.rows[i]["labels"]:
                shares[label] += vote / sum(votes)
                nearness[label] += float(near[i])
        told = {label: min(1.0, shares[label]) for label in s["labels"]}
        if s["kind"] == "labels":
            answers = [label for label, share in told.items() if round(share, 9) >= 0.5]
        else:
            answers = [max(told, key=lambda label: (round(told[label], 9), nearness[label]))]
        return {"answers": answers, "probabilities": told}
