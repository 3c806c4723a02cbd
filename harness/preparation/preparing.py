"""From what a source gave to what is to be written, and what it costs to train on."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from harness.calls.pricing import Priced, Prices
from harness.errors import SuiteError
from harness.finetuning import FileRules
from harness.preparation.dividing import divide
from harness.preparation.gathered import Gathered
from harness.records import Usage
from harness.trainingfiles import Finding, Line, Tokens, check, counter_for, epochs_of
from harness.trainingfiles.checks import Checked
from harness.trainingfiles.mending import LeftOut, mend
from harness.trainingfiles.rules import Epochs


class Wanted(NamedTuple):
    """How files are to be made.

    Attributes:
        rules: What the provider asks.
        model: The base model's name; empty where it is not said.
        validation: The share taken out for validation.
        seed: Of that.
        epochs: Passes; None leaves them to the provider.
        fix: Whether what is proposed is done.
    """

    rules: FileRules
    model: str
    validation: float
    seed: int
    epochs: int | None
    fix: bool


class Cost(NamedTuple):
    """What training would take.

    Attributes:
        epochs: Passes over the file.
        tokens: To train on in all of them; None where their number is unknown.
        dollars: Of these; with `dollars` None where nobody says the price.
    """

    epochs: Epochs
    tokens: int | None
    dollars: Priced


class Outcome(NamedTuple):
    """Files to write, and what is to be said of them.

    Attributes:
        train: Lines of the training file.
        validation: Lines of the validation file; empty for none.
        found: What was found, before anything was done about it.
        left: What of it is still so.
        left_out: What was done.
        tokens: Of the training file.
        validation_tokens: Of the validation file.
        cost: Of training.
        told: How the source was read.
    """

    train: list[Line]
    validation: list[Line]
    found: list[Finding]
    left: list[Finding]
    left_out: tuple[LeftOut, ...]
    tokens: Tokens
    validation_tokens: Tokens
    cost: Cost
    told: tuple[str, ...]

    @property
    def refused(self) -> list[Finding]:
        """What the provider would refuse the files for."""
        return [finding for finding in self.left if finding.refused]


def prepare(
    gathered: Gathered, wanted: Wanted, prices: Prices, progress: Callable[[int], None] = lambda done: None
) -> Outcome:
    """Divides, checks and, where that is wanted, mends examples.

    Raises:
        SuiteError: The provider does not tune by such examples.
    """
    rules = wanted.rules
    for method in sorted({line.method for line in gathered.train} - set(rules.methods)):
        raise SuiteError(f"{rules.provider} does not tune by {method}: it takes {', '.join(rules.methods)}")
    train, validation = gathered.train, gathered.validation
    if validation is None:
        train, validation = divide(train, wanted.validation, wanted.seed)
    counter = counter_for(rules.provider, wanted.model)
    checked = check(train, validation, rules, counter, progress, free=gathered.free)
    found = _in_order([*gathered.findings, *checked.findings])
    left, left_out = found, _never_lines(gathered.findings) if wanted.fix else ()
    if wanted.fix:
        # What is left out may change what the rest is: once more, until nothing is.
        while (mended := mend(train, validation, checked.findings)).left_out:
            train, validation = mended.train, mended.validation
            left_out = (*left_out, *mended.left_out)
            checked = check(train, validation, rules, counter, progress, free=gathered.free)
        left = checked.findings
    cost = _cost(wanted, len(train), checked, prices)
    return Outcome(
        train, validation, found, left, left_out, checked.tokens, checked.validation, cost, gathered.told
    )


def _cost(wanted: Wanted, examples: int, checked: Checked, prices: Prices) -> Cost:
    epochs = epochs_of(wanted.rules, examples, wanted.epochs)
    if epochs.passes is None:
        return Cost(epochs, None, Priced(None, "none"))
    tokens = checked.tokens.total * epochs.passes
    provider, model = wanted.rules.provider, wanted.model.removeprefix(f"{wanted.rules.provider}/")
    # A tuned model's price of training goes by its own name or by its base's.
    names = (f"{provider}/ft:{model}", f"{provider}/{model}") if model else ()
    priced = [prices.dollars(Usage(model=name, training_tokens=tokens)) for name in names if tokens]
    known = [each for each in priced if each.dollars is not None]
    return Cost(epochs, tokens, known[0] if known else Priced(None, "none"))


def _never_lines(findings: list[Finding]) -> tuple[LeftOut, ...]:
    """What is left out because it never became an example."""
    by_kind = dict.fromkeys(finding.kind for finding in findings)
    return tuple(
        LeftOut(kind, tuple(place for each in findings if each.kind == kind for place in each.places))
        for kind in by_kind
    )


def _in_order(findings: list[Finding]) -> list[Finding]:
    """By the lines of the source; what is of the whole file last."""
    return sorted(findings, key=lambda finding: (not finding.numbers, finding.numbers))
