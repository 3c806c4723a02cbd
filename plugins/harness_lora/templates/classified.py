"""The strategy: the tuned encoder's likeliest label. What is done with long texts is in long.json."""

import json

import classifier
from cutting import Piece, cut_of, pieces, surely_fits
from pooling import mean_shares
from turns import all_turns


def load(folder):
    return Classified(folder)


class Classified:
    def __init__(self, folder):
        self.long = json.loads((folder / "long.json").read_text(encoding="utf-8"))["long"]
        self.classifier = classifier.load(folder)

    def answer(self, queries):
        return [self._answer(all_turns(query)) for query in queries]

    def _answer(self, text):
        parts = [Piece(text, 1)]
        if self.long is not None and self._beyond(text):
            if self.long == "fail":
                return {"failure": "too-long: its text is longer than the encoder's window (`long: fail`)"}
            parts = pieces(text, cut_of(self.long), self.classifier.window, self.classifier.tokens) or parts
        shares = mean_shares(self.classifier.classify([part.text for part in parts]), parts)
        return {"answers": [max(shares, key=shares.get)], "probabilities": shares}

    def _beyond(self, text):
        window = self.classifier.window
        return not surely_fits(text, window) and self.classifier.tokens(text) > window
