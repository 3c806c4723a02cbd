"""A model in ONNX: texts to the numbers that it gives for each. Needs onnxruntime and tokenizers alone."""

import json

import numpy as np
import onnxruntime
from tokenizers import Tokenizer


class Session:
    def __init__(self, folder, name):
        self.settings = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        providers = ["CPUExecutionProvider"]
        self.session = onnxruntime.InferenceSession(str(folder / f"{name}.onnx"), options, providers=providers)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(self.settings["window"])
        self.tokenizer.no_padding()
        self.counting = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.counting.no_truncation()
        self.counting.no_padding()

    def tokens(self, texts):
        """Tokens of each text, uncut."""
        return [len(encoded.ids) for encoded in self.counting.encode_batch(list(texts))]

    def run(self, texts):
        """One row of numbers for each text, each text by itself: int8 scales go by the batch."""
        rows = []
        for text in texts:
            encoded = self.tokenizer.encode(text)
            given = {
                "input_ids": np.array([encoded.ids], dtype=np.int64),
                "attention_mask": np.ones((1, len(encoded.ids)), dtype=np.int64),
            }
            rows.append(self.session.run(None, given)[0][0])
        return np.stack(rows)
