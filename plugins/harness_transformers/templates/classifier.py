"""The classifier: a tuned encoder, by transformers. Settings are in classifier.json."""

import json

import torch
import weights
from transformers import AutoModelForSequenceClassification, AutoTokenizer


def load(folder):
    return Classifier(folder)


class Classifier:
    def __init__(self, folder):
        s = json.loads((folder / "classifier.json").read_text(encoding="utf-8"))
        self.labels, self.window = s["labels"], s["window"]
        place = weights.find(folder, s["weights"])
        torch.manual_seed(0)  # what the weights lack starts from the same values as when it was tuned
        model = AutoModelForSequenceClassification.from_pretrained(
            place, dtype=getattr(torch, s["dtype"]), num_labels=len(self.labels), ignore_mismatched_sizes=True
        )
        if s["adapter"]:
            from peft import PeftModel

            model = PeftModel.from_pretrained(model, folder / s["adapter"]).merge_and_unload()
        self.model = model.to(weights.device()).eval()
        self.tokenizer = AutoTokenizer.from_pretrained(place)

    def tokens(self, text):
        return len(self.tokenizer(text, verbose=False)["input_ids"])

    @torch.inference_mode()
    def classify(self, texts):
        found = []
        for text in texts:
            batch = self.tokenizer([text], truncation=True, max_length=self.window, return_tensors="pt")
            ids, mask = (batch[key].to(self.model.device) for key in ("input_ids", "attention_mask"))
            logits = self.model(input_ids=ids, attention_mask=mask).logits[0]
            found.append(dict(zip(self.labels, logits.double().softmax(-1).tolist(), strict=True)))
        return found
