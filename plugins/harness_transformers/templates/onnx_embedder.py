"""The embedder: texts to vectors of unit length, by ONNX Runtime. Settings are in embedder.json."""

from onnx_session import Session


def load(folder):
    return Embedder(folder)


class Embedder:
    def __init__(self, folder):
        self.session = Session(folder, "embedder")
        self.window = self.session.settings["window"]
        self.tokens = self.session.tokens

    def embed(self, texts):
        return self.session.run(texts)
