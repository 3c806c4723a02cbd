"""From log-likelihoods of the choices to probabilities, by a rule that is chosen on validation and recorded.

    choice          log-likelihood   tokens   bytes   content-free
    refund               -4.0           2        6        -3.0
    refund status        -5.0           3       13        -6.5

    sum      likelihood as it is                     refund           (-4.00 > -5.00)
    tokens   per token                               refund status    (-2.00 < -1.67)
    bytes    per byte of the choice                  refund status    (-0.67 < -0.38)
    prior    less the content-free one: PMI          refund status    (-1.00 < +1.50), Holtzman et al. 2021
    auto     the one of these with the task's best metric on validation; `sum` where they are equal

Calibration (Zhao et al. 2021, "Calibrate Before Use") then divides each probability by the mean one that the
same prompt gives inputs without content, and renormalises. All rules read the same answers: only the
content-free inputs cost model calls of their own, and `auto` one call for each validation row it looks at.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, get_args

from pydantic import Field

from harness.models import Completion
from harness.prompted import Prompted
from harness.records import Example, Failed, Query, Record
from harness.strategy import Context

Rule = Literal["sum", "tokens", "bytes", "prior"]
Normalise = Literal["auto", "sum", "tokens", "bytes", "prior"]
RULES: tuple[Rule, ...] = get_args(Rule)
CONTENT_FREE = ("N/A", "", "[MASK]")  # the three of Zhao et al. 2021
AUTO_ROWS = 200  # validation rows that `auto` looks at, at most
_LEAST = 1e-12  # a probability that is divided by is never taken for less


class Calibrating(Record):
    """The parameters that strategies which put closed questions share; inherit from it beside `Strategy`."""

    normalise: Normalise = Field(
        "auto",
        description="How log-likelihoods of the choices become probabilities: sum, tokens, bytes, prior (PMI), or "
        f"auto: the best on validation, for one model call for each of at most {AUTO_ROWS} rows.",
    )
    calibrate: bool = Field(
        False,
        description="Divide by the probabilities under content-free inputs (Zhao et al. 2021): three model calls.",
    )


class Calibration(Record):
    """How a completion's likelihoods become probabilities; a step's result, so that it stands in the record.

    Attributes:
        rule: The rule in use.
        prior: Choice to the log of its mean likelihood under content-free inputs; only for the rule `prior`.
        bias: Choice to its mean probability under content-free inputs; only where calibration was asked for.
        validation: Each rule that was tried, with the task's metric on validation.
        rows: Validation rows that those figures come from.
        unable: Why what was asked for cannot be done, where it cannot.
    """

    rule: Rule = "sum"
    prior: Mapping[str, float] = {}
    bias: Mapping[str, float] = {}
    validation: Mapping[str, float] = {}
    rows: int = 0
    unable: str | None = None

    def apply(self, completion: Completion) -> Completion:
        """The completion with the probabilities of this calibration and the choice they favour.

        One that carries no likelihoods stays as it is.
        """
        if self.rule == "sum" and not self.bias:
            return completion
        likely = _probabilities(completion, self.rule, self.prior)
        if likely is None:
            return completion
        if self.bias:
            likely = _shares({c: p / max(self.bias.get(c, 1.0), _LEAST) for c, p in likely.items()})
        best = max(likely, key=lambda choice: likely[choice])
        return completion.model_copy(update={"text": best, "probabilities": likely})


_OPEN = Calibration(unable="it weighs the labels of a task of kind 'label', and this is another")
_VARIED = Calibration(unable="each query is asked with candidate labels of its own, which no prior is of")
_BLIND = Calibration(unable="the model gives no likelihood of the choices, so its answers stand as they came")


def calibrated(
    prompted: Prompted,
    validation: Sequence[Example],
    context: Context,
    how: Calibrating,
) -> Prompted:
    """The same prompt with its answers calibrated; what was chosen is the step `calibration`.

    Nothing is asked where there is nothing to choose: the kind is not `label`, the rule is `sum` without
    calibration, or, for `auto`, there are no validation rows or the first answers come without likelihoods.
    """

    def fit() -> Calibration:
        rows = list(validation)
        if how.normalise != "auto":
            rows = []
        elif len(rows) > AUTO_ROWS:
            rows = context.rng("calibration").sample(rows, AUTO_ROWS)
        answers: dict[str, Completion | Failed] = {}
        first = dict(prompted.complete([e.query for e in rows[:3]]))
        if any(isinstance(each, Completion) and each.logprobs for each in first.values()):
            context.progress(0, len(rows), "normalisation on validation")
            answers = {q.id: c for q, c in prompted.complete([e.query for e in rows])}
        return best_calibration(prompted, answers, rows, context, how)

    if how.normalise == "sum" and not how.calibrate:
        return prompted
    if prompted.brief.kind != "label":
        warn_if_unable(_OPEN, how, context)
        return prompted
    chosen = context.step("calibration", Calibration, fit)
    warn_if_unable(chosen, how, context)
    return replace(prompted, adjust=chosen.apply)


def warn_if_unable(chosen: Calibration, how: Calibrating, context: Context) -> None:
    """Says in the record that what the user asked for cannot be done; `auto` asks for nothing in particular."""
    asked = ["calibrate"] if how.calibrate else []
    asked += [f"normalise={how.normalise!r}"] if how.normalise not in ("auto", "sum") else []
    if chosen.unable and asked:
        context.warn(f"{' and '.join(asked)} cannot apply: {chosen.unable}")


def best_calibration(
    prompted: Prompted,
    answers: Mapping[str, Completion | Failed],
    examples: Sequence[Example],
    context: Context,
    how: Calibrating,
) -> Calibration:
    """The rule that is best on answers already given; asks the content-free inputs where a rule needs them.

    Args:
        prompted: Who asks the content-free inputs, and reads the answers.
        answers: By query id, as they came; without likelihoods among them, `auto` is `sum`.
        examples: The rows answered, with their targets.
        context: Gives the task's metric.
        how: The rule, or `auto`; and whether to divide by the content-free probabilities.
    """
    if prompted.brief.kind != "label":
        return _OPEN
    if prompted.choices_vary and (how.calibrate or how.normalise == "prior"):
        return _VARIED
    rules: tuple[Rule, ...]
    if how.normalise != "auto":
        rules = (how.normalise,)
    else:
        likely = any(isinstance(each, Completion) and each.logprobs for each in answers.values())
        able_to = [rule for rule in RULES if rule != "prior" or not prompted.choices_vary]
        rules = tuple(able_to) if likely else ("sum",)
    free = content_free(prompted) if how.calibrate or "prior" in rules else []
    fitted = [fit_rule(rule, free, calibrate=how.calibrate) for rule in rules]
    if len(fitted) == 1:
        return fitted[0]
    able = [each for each in fitted if each.unable is None] or fitted[:1]
    figures: dict[str, float] = {}
    for each in able:
        read = replace(prompted, adjust=each.apply)
        outcomes = [read.read(e.query, answers[e.query.id]) for e in examples if e.query.id in answers]
        figures[each.rule] = context.score(outcomes, examples)
    best = max(able, key=lambda each: figures[each.rule])  # max keeps the first of equals
    return best.model_copy(update={"validation": figures, "rows": len(examples)})


def refit(calibration: Calibration, prompted: Prompted) -> Calibration:
    """The same rule for another prompt, whose content-free answers are its own."""
    if not (calibration.prior or calibration.bias):
        return calibration
    return fit_rule(calibration.rule, content_free(prompted), calibrate=bool(calibration.bias))


def content_free(prompted: Prompted) -> list[Completion]:
    """What the prompt makes of inputs without content; booked to no query."""
    requests = []
    for number, text in enumerate(CONTENT_FREE):
        built = prompted.request(Query(id=f"content-free/{number}", text=text))
        if not isinstance(built, Failed):
            requests.append(built.model_copy(update={"query_id": None}))
    answered = prompted.model.complete(requests)
    return [each.completion for each in answered if isinstance(each.completion, Completion)]


def fit_rule(rule: Rule, free: Sequence[Completion], *, calibrate: bool) -> Calibration:
    """The calibration of one rule from the content-free answers."""
    prior: dict[str, float] = {}
    if rule == "prior":
        known = [each.logprobs for each in free if each.logprobs]
        if not known:
            return _BLIND
        prior = {choice: _log_mean([each[choice] for each in known]) for choice in known[0]}
    if not calibrate:
        return Calibration(rule=rule, prior=prior)
    likely = [_probabilities(each, rule, prior) for each in free]
    able = [each for each in likely if each is not None]
    if not able:
        return _BLIND
    bias = {choice: sum(each[choice] for each in able) / len(able) for choice in able[0]}
    return Calibration(rule=rule, prior=prior, bias=bias)


def _probabilities(completion: Completion, rule: Rule, prior: Mapping[str, float]) -> dict[str, float] | None:
    """Over the choices by a rule, summing to 1; None where the completion does not carry what the rule needs."""
    logprobs = completion.logprobs
    if not logprobs:
        given = completion.probabilities if rule == "sum" else None
        return _shares(given) if given else None
    if rule == "tokens":
        if not completion.choice_tokens:
            return None
        scores = {c: value / max(completion.choice_tokens[c], 1) for c, value in logprobs.items()}
    elif rule == "bytes":
        scores = {c: value / max(len(c.encode()), 1) for c, value in logprobs.items()}
    elif rule == "prior":
        scores = {c: value - prior.get(c, 0.0) for c, value in logprobs.items()}
    else:
        scores = dict(logprobs)
    return _shares(_exp(scores))


def _exp(scores: Mapping[str, float]) -> dict[str, float]:
    top = max(scores.values())
    return {choice: math.exp(value - top) for choice, value in scores.items()}


def _shares(values: Mapping[str, float]) -> dict[str, float]:
    total = sum(values.values()) or 1.0
    return {choice: value / total for choice, value in values.items()}


def _log_mean(logs: Sequence[float]) -> float:
    """The log of the mean of what these are logs of."""
    top = max(logs)
    return top + math.log(sum(math.exp(each - top) for each in logs) / len(logs))
