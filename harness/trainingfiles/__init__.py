"""Files that a provider tunes a model on: made, checked, read back. Public to plugins.

written = write(folder / "train.jsonl", brief, train, wording, context.fine_tuning(self.model).rules)
written.refused      findings for which the provider would not take it
written.tokens       of one pass; times `epochs_of(rules, written.examples, given).passes` they are billed
"""

from harness.trainingfiles.checks import Checked, check
from harness.trainingfiles.counting import Counter, counter_for
from harness.trainingfiles.findings import Finding, Tokens
from harness.trainingfiles.lines import Line, Pair, preferences, supervised, text_of
from harness.trainingfiles.rules import PROVIDERS, Epochs, epochs_of, rules_of
from harness.trainingfiles.writing import Written, write, write_lines

__all__ = [
    "PROVIDERS",
    "Checked",
    "Counter",
    "Epochs",
    "Finding",
    "Line",
    "Pair",
    "Tokens",
    "Written",
    "check",
    "counter_for",
    "epochs_of",
    "preferences",
    "rules_of",
    "supervised",
    "text_of",
    "write",
    "write_lines",
]
