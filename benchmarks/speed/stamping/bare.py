"""The least that a first forward pass takes: torch, transformers and the weights, and no tokenizer."""

from __future__ import annotations

import sys

import torch
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32).eval()
with torch.inference_mode():
    model(torch.tensor([[1, 2, 3]]))
