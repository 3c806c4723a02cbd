"""A whole comparison of the made evidence: figures counted from its answers, the rest made up to go with them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import pytest

from harness.comparing.evidence import Contender, TaskEvidence
from harness.comparing.records import Cost, Estimate, Latency, Optimism, Pair, Pairing, StrategyFigures
from harness.comparison import Compared, TaskComparison
from harness.deciding.records import BreakEven, Change, CostLine, LimitCheck, Money, Recommendation
from harness.diagnosing import records as d
from harness.records import RunHeader, SplitSummary
from harness.stats import holm, mcnemar, percentile_interval, wilson

PREPARE = {"features": 4.0, "lora": 152.0, "few-shot": 31.0, "tf-idf": 0.2, "majority": 0.001}
PER_ANSWER = {"features": 6e-7, "lora": 1e-5, "few-shot": 1.2e-5, "tf-idf": 7e-8, "majority": 2e-8}


def share(right: int, n: int) -> Estimate:
    found = wilson(right, n)
    return Estimate(value=right / n, low=found.low, high=found.high, n=n)


def figures(contender: Contender, evidence: TaskEvidence, made: SimpleNamespace) -> StrategyFigures:
    trial, name = contender.trials[0], contender.name
    n, right = len(evidence.test), int((evidence.scores(contender) == 1).sum())
    seconds = sorted(a.seconds for a in list(trial.answers.values())[:100] if a.seconds is not None)
    percentiles: dict[str, Any] = {}
    for key, q in (("p50", 0.5), ("p95", 0.95)):
        found = percentile_interval(seconds, q)
        if found.high is not None:
            percentiles[key] = Estimate(value=found.value, low=found.low, high=found.high, n=len(seconds))
    each = PER_ANSWER[name]
    cost = Cost(
        prepare=PREPARE[name] * 5e-5, prepare_seconds=PREPARE[name], per_answer=each, per_answer_deployed=each,
        per_month=each * 1e5, total=each * 12e5, answers=n,
    )  # fmt: skip
    return StrategyFigures(
        name=name, strategy=name, run="run-1", use=name, local=True, yardstick=trial.header.yardstick,
        status="finished", n=n, failed=trial.row.failed,
        failures={f"not-a-label {made.image}": trial.row.failed} if trial.row.failed else {},
        metric="accuracy", value=share(right, n), by_trial=(right / n,),
        chosen=(f"few-shot[instructions=Say {made.script}]",) if name == "few-shot" else (),
        figures={"accuracy": share(right, n), f"recall[{made.labels[2]}]": share(right // 3, n // 3)},
        latency=Latency(timed=len(seconds), machine="Made CPU; 2 cores", seconds=tuple(seconds), **percentiles),
        cost=cost, warnings=(f"3 texts were cut, such as {made.script}",) if name == "lora" else (),
    )  # fmt: skip


def pairs(evidence: TaskEvidence, strategies: list[StrategyFigures]) -> tuple[Pair, ...]:
    right = {c.name: evidence.scores(c)[0] == 1 for c in evidence.contenders}
    two = list(combinations([each.name for each in strategies], 2))
    only = [(int((right[a] & ~right[b]).sum()), int((right[b] & ~right[a]).sum())) for a, b in two]
    found = [mcnemar(x, y, len(evidence.test), 0.02) for x, y in only]
    after = holm([each.p_value for each in found])
    return tuple(
        Pair(
            task="tweets", metric="accuracy", a=a, b=b, n=len(evidence.test), difference=it.value, low=it.low,
            high=it.high, p_raw=it.p_value, p_value=p, p_tied=it.p_tied, margin=0.02,
            verdict="better" if p < 0.05 else "too few to tell", test="McNemar", a_only=x, b_only=y,
            effect=x / max(y, 1), rows_needed=1760,
        )
        for (a, b), (x, y), it, p in zip(two, only, found, after, strict=True)
    )  # fmt: skip


def recommendation(strategies: list[StrategyFigures], best: str) -> Recommendation:
    names = [each.name for each in strategies]
    checks = [
        LimitCheck(strategy=each.name, figure="accuracy", bound="minimum", limit=0.8, judged=each.value.low,
                   value=each.value.value, met=(each.value.low or 0) >= 0.8, words="accuracy")
        for each in strategies if each.value is not None
    ]  # fmt: skip
    lines = [
        CostLine(strategy=n, basis=basis, prepare_per_month=PREPARE[n] * 5e-5 / 12,
                 serving_per_month=20.0 if n == "lora" and basis == "deployed" else 0.0, per_answer=PER_ANSWER[n],
                 capacity_per_month=3e6 if n == "lora" else None)
        for basis in ("deployed", "metered") for n in names
    ]  # fmt: skip
    return Recommendation(
        task="tweets", outcome="recommended", strategy=best, runner_up="lora",
        second="Runner-up: lora, accuracy 0.863: its figure is lower.",
        sentence=f"Use {best}: its accuracy is 0.897 (0.857 to 0.926, n = 300), and it meets all your limits.",
        rule="Of those that meet every limit, the best; the cheapest of those tied with it.",
        reasons=("Better than all others here but lora: too few rows to tell.", "Money decides nothing."),
        changes=(Change(what="accuracy", to=None, words="With accuracy at least 0.95 none would meet it."),),
        limits=tuple(checks), pareto=(best, "tf-idf", "majority"), lines=tuple(lines),
        money=tuple(Money(strategy=n, serve=PER_ANSWER[n] * 1e5, errors=None, total=None) for n in names),
        break_evens=(
            BreakEven(basis="deployed", below="features", above="few-shot", answers_per_month=1_250.0),
            BreakEven(basis="deployed", below="few-shot", above="lora", answers_per_month=1_400_000.0),
        ),
        sure=Estimate(value=0.83, low=0.8, high=0.85, n=1000), picked={best: 0.83, "lora": 0.17},
        not_measured=("Training variance: one seed.",),
    )  # fmt: skip


def diagnosis(made: SimpleNamespace, n: int) -> d.Diagnosis:
    labels, image = made.labels, made.image
    bins = tuple(d.Bin(confidence=c, accuracy=share(int(60 * c), 60)) for c in (0.45, 0.6, 0.72, 0.85, 0.95))
    curve = tuple(d.CurvePoint(size=s, value=share(int(n * v), n), trials=2)
                  for s, v in ((16, 0.6), (64, 0.75), (256, 0.84), (500, 0.9)))  # fmt: skip
    epochs = tuple(d.Epoch(epoch=e, train_loss=1.1 / e, validation_loss=0.5 + 0.08 * (e - 2) ** 2,
                           validation_metric=0.8) for e in range(1, 6))  # fmt: skip
    rows = ((88, 8, 4, 0), (9, 85, 6, 0), (3, 7, 88, 2))
    risk = tuple(d.RiskPoint(coverage=c / 20, threshold=1 - c / 40, risk=share(c // 4, 5 * c + 10))
                 for c in range(1, 21))  # fmt: skip
    return d.Diagnosis(
        data=d.DataFacts(
            rows={"train": 40, "validation": 10, "test": n},
            labels={"train": dict(zip(labels, (14, 13, 13), strict=True)), "test": dict.fromkeys(labels, n // 3)},
            copies=6, conflicts=2, leaks=1, dropped=1, warnings=(f"Such as {image}",),
        ),
        calibration=tuple(d.Calibration(strategy=s, n=n, ece=Estimate(value=0.06, low=0.04, high=0.09, n=n),
                          brier=Estimate(value=0.17, low=0.14, high=0.2, n=n), bins=bins)
                          for s in ("features", "lora")),
        selective=(d.Selective(strategy="features", points=risk, ceiling=0.05, threshold=0.7, validation_rows=10,
                               coverage=share(200, 300), risk=share(6, 200), held=False, review_per_month=16_500.0,
                               words="features answers 67 % itself; 6 of 200 are wrong."),
                   d.Selective(strategy="lora", points=risk, words="Of all that it answers 5 % is wrong.")),
        cascades=(d.Cascade(small="tf-idf", large="features", threshold=0.8, chosen_on=10, value=share(260, 300),
                            escalated=share(90, 300), per_answer=3e-7, per_month=0.03, seconds=0.005,
                            against=Estimate(value=-0.03, low=-0.06, high=0.0, n=n)),),
        curves=(d.Curve(strategy="features", metric="accuracy", points=curve, forecast=d.Forecast(
            strategy="features", size=1000, gain=Estimate(value=0.01, low=-0.01, high=0.03, n=n),
            words="Doubling the labels brings little.")),),
        crossovers=(d.Crossover(winner="features", loser="few-shot", size=64, sure_from=256,
                                words="From 64 labels on features beats few-shot."),),
        training=tuple(d.Training(strategy="lora", seed=s, epochs=epochs, kept=2, advice=(
            d.Advice(finding="overfitting", evidence="validation loss rises", parameter="lower epochs"),
        )) for s in (0, 1)),
        suspects=(d.Suspect(query_id="r3", split="train", given=labels[0], suggested=labels[2], probability=0.02,
                            how="tf-idf, out of fold"),),
        confusions=tuple(d.Confusion(strategy=s, labels=labels, counts=rows,
                         per_label={f"recall[{labels[0]}]": share(88, 100)}) for s in ("features", "lora")),
        errors=(d.ErrorGroup(strategy="features", what=f"{labels[0]} answered as {labels[2]}", n=4, of=100,
                             share=share(4, 100), examples=("t3", "t6")),
                d.ErrorGroup(strategy="features", what="longest quarter of the texts", n=20, of=75,
                             share=share(20, 75), otherwise=share(12, 225), p_value=0.0004)),
        slices=tuple(d.SliceFigure(strategy=s, column="airline", value=v, figure=share(k, 100))
                     for s in ("features", "lora") for v, k in (("A", 93), ("B", 90), (image, 79))),
        gaps=(d.Gap(strategy="features", column="airline", best="A", worst=image, p_value=0.004,
                    words=f"{image} last.",
                    difference=Estimate(value=0.14, low=0.04, high=0.24, n=200)),),
        flips=(d.Flips(strategy="features", probe="counterfactual:gender", variant=f"he->{image}",
                       share=share(9, 80), accuracy_before=share(70, 80), accuracy_after=share(66, 80)),),
        notes=("Calibration of few-shot: it tells no probabilities.",),
    )  # fmt: skip


@pytest.fixture(scope="session")
def make_compared(made: SimpleNamespace) -> Callable[..., Compared]:
    """Makes a comparison: of `rows` test rows, `long` more pieces in each text, fields of the task replaced."""

    def build(rows: int = 300, long: int = 0, **changed: object) -> Compared:
        evidence: TaskEvidence = made.evidence(rows, long)
        found = sorted((figures(c, evidence, made) for c in evidence.contenders),
                       key=lambda s: -s.value.value if s.value else 0)  # fmt: skip
        failed = StrategyFigures(
            name="hosted", strategy="hosted", run="run-1", use="prompt", status="failed", metric="accuracy",
            problem=f"ModelError: no answer to {made.script}",
        )  # fmt: skip
        splits = {"train": 40, "validation": 10, "test": rows}
        best = found[0].name
        task = TaskComparison(
            task="tweets", kind="label", metric="accuracy", labels=made.labels, rows=splits, looks=2,
            decide=made.decide, strategies=(*found, failed), pairs=pairs(evidence, found),
            pairing=Pairing(rows=rows),
            optimism=Optimism(strategy=best, among=3, value=0.9, corrected=0.893, low=0.85, high=0.93, n=rows),
            recommendation=recommendation(found, best), diagnosis=diagnosis(made, rows),
        )  # fmt: skip
        run = RunHeader(
            id="2026-11-21-0915-sentiment", name="sentiment", suite_path="/home/ann/suites/sentiment.yaml",
            suite_folder="/home/ann/suites", started=made.at, finished=made.at, hardware=made.machine, seeds=(0,),
            versions={"python": "3.11.7", "harness": "0.1.0"}, git_commit="ba480ed85dee515e9e03",
            data={"tweets": SplitSummary(train=40, validation=10, test=rows, fingerprint="f" * 64,
                                         test_fingerprint="e" * 64)},
        )  # fmt: skip
        return Compared((run,), True, (task.model_copy(update=changed),), {"tweets": evidence})

    return build


@pytest.fixture(scope="session")
def compared(make_compared: Callable[..., Compared]) -> Compared:
    return make_compared()
