"""The classifier: a tuned encoder, by ONNX Runtime. Settings are in classifier.json."""

import numpy as np
from onnx_session import Session


def load(folder):
    return Classifier(folder)


class Classifier:
    def __init__(self, folder):
        self.session = Session(folder, "classifier")
        self.labels, self.window = self.session.settings["labels"], self.session.settings["window"]

    def tokens(self, text):
        return self.session.tokens([text])[0]

    def classify(self, texts):
        logits = self.session.run(texts).astype(np.float64)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        return [dict(zip(self.labels, row, strict=True)) for row in shares.tolist()]
