"""The peer of `training.py`: transformers' Trainer on peft's layers, with the defaults of both.

It takes the rows that ours takes: the same prompts, and labels where the answer is.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness import Weights
from harness_lora.rows import Row
from harness_lora.strategy import LoRA


def train(weights: Weights, rows: Sequence[Row], params: LoRA, adapter: Path) -> float:
    """Trains an epoch and says how many seconds it took.

    Args:
        weights: A leased base.
        rows: Prompts and answers as token ids.
        params: Rank, alpha, dropout, batch size and learning rate.
        adapter: Where the adapter goes.
    """
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import DataCollatorForSeq2Seq, Trainer, TrainingArguments

    module, tokenizer = weights.module, weights.tokenizer
    _unmark(module)
    config = LoraConfig(
        r=params.rank,
        lora_alpha=params.alpha,
        lora_dropout=params.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    torch.manual_seed(0)
    model = get_peft_model(module, config)
    held = [
        {
            "input_ids": [*row.prompt, *row.answer],
            "attention_mask": [1] * (len(row.prompt) + len(row.answer)),
            "labels": [-100] * len(row.prompt) + list(row.answer),
        }
        for row in rows
    ]
    with tempfile.TemporaryDirectory() as folder:
        settings = TrainingArguments(
            folder,
            num_train_epochs=1,
            per_device_train_batch_size=params.batch_size,
            learning_rate=params.learning_rate,
            save_strategy="no",
            logging_strategy="no",
            report_to="none",
            disable_tqdm=True,
        )
        trainer = Trainer(model, settings, DataCollatorForSeq2Seq(tokenizer), held)
        began = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - began
    model.save_pretrained(adapter, save_embedding_layers=False)
    return seconds


def _unmark(module: Any) -> None:
    """Takes off the mark of a quantized model, which weights from GGUF bear even unpacked: Trainer refuses it."""
    for name in ("is_quantized", "quantization_method", "hf_quantizer"):
        if name in vars(module):
            delattr(module, name)
    config = module.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
