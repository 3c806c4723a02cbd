"""The strategy: the tuned encoder's likeliest label, from all turns, a line each."""

import classifier


def load(folder):
    return Classified(folder)


class Classified:
    def __init__(self, folder):
        self.classifier = classifier.load(folder)

    def answer(self, queries):
        texts = ["\n".join([*(turn["content"] for turn in q.get("history") or []), q["text"]]) for q in queries]
        found = self.classifier.classify(texts)
        return [{"answers": [max(shares, key=shares.get)], "probabilities": shares} for shares in found]
