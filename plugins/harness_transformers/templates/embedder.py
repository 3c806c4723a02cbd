"""The embedder: texts to vectors of unit length, by sentence-transformers. Settings are in embedder.json."""

import json

import weights
from sentence_transformers import SentenceTransformer


def load(folder):
    return Embedder(folder)


class Embedder:
    def __init__(self, folder):
        settings = json.loads((folder / "embedder.json").read_text(encoding="utf-8"))
        place = weights.find(folder, settings["weights"])
        kwargs = {"use_safetensors": True, "dtype": "float32"}
        self.model = SentenceTransformer(str(place), device=weights.device(), model_kwargs=kwargs)

    @property
    def window(self):
        return int(self.model.max_seq_length)

    def tokens(self, texts):
        ids = self.model.tokenizer(list(texts), truncation=False, padding=False, verbose=False)["input_ids"]
        return [len(each) for each in ids]

    def embed(self, texts):
        return self.model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
