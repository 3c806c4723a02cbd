"""The strategy: the text's features and a linear classifier, weights (labels, width) and bias in linear.npz."""

import json

import features
import numpy as np
from turns import all_turns


def load(folder):
    return Linear(folder)


class Linear:
    def __init__(self, folder):
        self.settings = json.loads((folder / "strategy.json").read_text(encoding="utf-8"))
        with np.load(folder / "linear.npz", allow_pickle=False) as kept:
            self.weights, self.bias = kept["weights"], kept["bias"]
        self.features = features.load(folder)

    def answer(self, queries):
        texts = [all_turns(query) for query in queries]
        refused = self.features.refused(texts)
        kept = [text for text in texts if text not in refused]
        # Distance to each label's boundary, (texts, labels).
        scores = iter(np.asarray(self.features.embed(kept) @ self.weights.T) + self.bias if kept else ())
        return [{"failure": refused[text]} if text in refused else self._answer(next(scores)) for text in texts]

    def _answer(self, scores):
        s = self.settings
        if s["kind"] == "labels":
            answers = [label for label, score in zip(s["known"], scores, strict=True) if score >= 0]
            shares = (1 + np.tanh(scores / 2)) / 2
        else:
            answers = [s["known"][int(scores.argmax())]]
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
        if not s["probable"]:
            return {"answers": answers, "probabilities": None}
        told = dict(zip(s["known"], shares.tolist(), strict=True))
        return {"answers": answers, "probabilities": {label: told.get(label, 0.0) for label in s["labels"]}}
