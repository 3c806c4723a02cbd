"""The features of a text: weighted counts of its words (tf-idf). Words and their weights are in words.json."""

import json

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer


def load(folder):
    return Counts(json.loads((folder / "words.json").read_text(encoding="utf-8")))


class Counts:
    def __init__(self, kept):
        self.count = _counter(kept)

    def refused(self, texts):
        return {}  # no text has too many words to be counted

    def embed(self, texts):
        return self.count(texts)


def _counter(kept):
    if not kept["vocabulary"]:  # no training text had a word
        return lambda texts: csr_matrix((len(texts), 1))
    counter = TfidfVectorizer(
        analyzer=kept["analyzer"],
        ngram_range=tuple(kept["ngram_range"]),
        token_pattern=kept["token_pattern"],
        sublinear_tf=True,
        vocabulary={word: place for place, word in enumerate(kept["vocabulary"])},
    )
    counter.idf_ = np.array(kept["idf"])
    return counter.transform
