"""Speed as ratios against named peers: a module a benchmark, `python -m benchmarks.speed` for all of them."""
