"""lm-evaluation-harness at work, in its own environment: it is asked line by line, its model stays loaded.

    python lm_eval_peer.py FOLDER float32
    > {"file": "/tmp/rows.jsonl", "choices": ["positive", "negative"]}
    < {"seconds": 41.3, "logprobs": [[-3.1, -4.2], ...]}

Imports nothing of this repository. A row is `{"prompt": "<|im_start|>system…", "target": 0}`; the task is an
ordinary one of type `multiple_choice`. Timed is the model's own answering (`loglikelihood`: tokenizing, sorting,
batching, forward passes); neither loading nor the building of the task nor the statistics are.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

BATCH = 16


def main() -> None:
    # What it prints must not stand between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    import torch
    from lm_eval.models.huggingface import HFLM

    class Timed(HFLM):  # type: ignore[misc]  # of the peer's own environment
        seconds = 0.0

        def loglikelihood(self, requests: Any, **settings: Any) -> Any:
            began = time.perf_counter()
            found = super().loglikelihood(requests, disable_tqdm=True)
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            self.seconds = time.perf_counter() - began
            return found

    folder, dtype = sys.argv[1:]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = Timed(pretrained=folder, dtype=dtype, batch_size=BATCH, device=device)
    for line in sys.stdin:
        found = _evaluate(model, **json.loads(line))
        print(json.dumps({"seconds": model.seconds, "logprobs": found}), file=answers, flush=True)


def _evaluate(model: Any, file: str, choices: list[str]) -> list[list[float]]:
    """The log-likelihood of each choice behind each prompt, in the order of the file."""
    from lm_eval import simple_evaluate

    task = {
        "task": "speed",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": file}},
        "test_split": "test",
        "output_type": "multiple_choice",
        "doc_to_text": "prompt",
        "doc_to_choice": choices,
        "doc_to_target": "target",
        "target_delimiter": "",
        "metric_list": [{"metric": "acc"}],
    }
    results = simple_evaluate(model, tasks=[task], log_samples=True, bootstrap_iters=0)
    samples = sorted(results["samples"]["speed"], key=lambda sample: sample["doc_id"])
    return [[float(given[0]) for given in sample["filtered_resps"]] for sample in samples]


if __name__ == "__main__":
    main()
