"""The strategy: the commonest answer of training to everything. It and the labels' shares are in strategy.json."""

import json


def load(folder):
    return Always(json.loads((folder / "strategy.json").read_text(encoding="utf-8")))


class Always:
    def __init__(self, told):
        self.told = told

    def answer(self, queries):
        return [dict(self.told) for _ in queries]
