"""The strategy: every query is asked in the same way, after the same demonstrations."""

import json
from collections import Counter

from prompting import Prompting, apart
from turns import characters


def load(folder):
    return Prompted(folder)


class Prompted:
    def __init__(self, folder):
        self.prompting = Prompting(folder)
        lines = (folder / "demonstrations.jsonl").read_text(encoding="utf-8").splitlines()
        self.shown = [json.loads(line) for line in lines]
        self.budget = json.loads((folder / "budget.json").read_text(encoding="utf-8"))

    def answer(self, queries):
        return [self._answer(query) for query in queries]

    def _answer(self, query):
        shown, asked = self._for(query), query
        if not (self.budget and shown):
            asked = self.prompting.trimmed(query, self.budget and self.budget["limit"], shown)
        return self.prompting.ask(self.prompting.messages(asked, shown), query)

    def _for(self, query):
        """The demonstrations for a query: a text longer than any seen may leave room for fewer."""
        shown = apart(self.shown, query)
        if not self.budget or characters(query) <= self.budget["seen"]:
            return shown
        query = self.prompting.room(query, self.budget["limit"])
        sizes = [self._tokens(each, []) for each in shown]
        kept = list(range(len(shown)))
        while kept and self._tokens(query, [shown[i] for i in kept]) > self.budget["limit"]:
            counts = Counter(label for i in kept for label in shown[i]["labels"] or [""])
            kept.remove(max(kept, key=lambda i: (min(counts[x] for x in shown[i]["labels"] or [""]), sizes[i])))
        return [shown[i] for i in kept]

    def _tokens(self, query, demonstrations):
        return self.prompting.tokens(self.prompting.messages(query, demonstrations))
