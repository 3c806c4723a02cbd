"""The embedder, and what it sees of a text that is longer than its window. What is done is in long.json."""

import json

import embedder
from cutting import Piece, pieces, surely_fits
from pooling import mean_vectors
from turns import all_turns


def load(folder):
    return Embedding(folder)


class Embedding:
    def __init__(self, folder):
        self.how = json.loads((folder / "long.json").read_text(encoding="utf-8"))["long"]
        self.embedder = embedder.load(folder)

    def refused(self, texts):
        """Why texts are not answered, by text; none unless the task says `long: fail`."""
        said = "too-long: its text is longer than the embedder's window (`long: fail`)"
        return dict.fromkeys(self._beyond(texts), said) if self.how == "fail" else {}

    def each(self, queries, answer):
        """`answer(query, vector)` of each query; a failure where its text is refused."""
        texts = [all_turns(query) for query in queries]
        refused = self.refused(texts)
        kept = [text for text in texts if text not in refused]
        vectors = iter(self.embed(kept) if kept else ())
        return [
            {"failure": refused[text]} if text in refused else answer(query, next(vectors))
            for query, text in zip(queries, texts, strict=True)
        ]

    def embed(self, texts):
        """Vectors of unit length, (texts, width)."""
        beyond = self._beyond(texts) if self.how not in (None, "fail") else ()
        if not beyond:
            return self.embedder.embed(texts)
        parts = {text: pieces(text, self.how, self.embedder.window, self._tokens) for text in beyond}
        asked = [parts.get(text) or (Piece(text, 0),) for text in texts]
        return mean_vectors(self.embedder.embed([piece.text for own in asked for piece in own]), asked)

    def _beyond(self, texts):
        window = self.embedder.window
        return {text for text in texts if not surely_fits(text, window) and self._tokens(text) > window}

    def _tokens(self, text):
        return self.embedder.tokens([text])[0]
