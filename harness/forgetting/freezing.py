"""Computes what only the texts can tell, and keeps it before they go.

kept/reviews.json {"diagnosis": {"suspects": […], …}, "scores": {"§3f0c9a7d21ee": {"token_f1": 0.4}}, …}
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.comparing.evidence import TaskEvidence
from harness.comparing.reading import opened
from harness.comparison import Compared, TaskComparison, compare
from harness.errors import HarnessError
from harness.forgetting.redaction import Redaction
from harness.gating.packing import hash_of
from harness.models import Scorer
from harness.records import Prediction
from harness.report.silent import row as silent_row
from harness.report.silent import silent
from harness.running.forgotten import OPEN, Kept
from harness.running.store import RunFolder, TrialFolder
from harness.scoring.rowsums import row_sums
from harness.suite.load import Loaded


def figures(run: RunFolder, loaded: Loaded) -> Compared | None:
    """The run's figures as they are now; None where there are none, as of a run that was stopped at its start.

    Raises:
        HarnessError: There are outcomes, and no figures can be made of them.
    """
    try:
        return silent(compare([opened(run, loaded)]))
    except HarnessError:
        if any(trial.answered() for trial in run.trials()):
            raise
        return None


def kept(run: RunFolder, task: TaskComparison, evidence: TaskEvidence, redaction: Redaction) -> Kept:
    """What is kept of a task.

    Args:
        run: The run.
        task: Its figures.
        evidence: What they were made of.
        redaction: Makes the tokens that answers will have.
    """
    told = Kept(
        hashes={example.query.id: hash_of(example) for example in evidence.test},
        diagnosis=task.diagnosis.model_dump_json(),
    )
    if evidence.brief.kind not in OPEN:
        return told
    found = {f"strategy {each.name}": each.model_dump_json() for each in task.strategies}
    if not _is_mean(evidence):  # else scores of rows are enough, whatever limits are asked for later
        found |= {f"pair {i}": each.model_dump_json() for i, each in enumerate(task.pairs)}
        if task.optimism is not None:
            found["optimism"] = task.optimism.model_dump_json()
    rows = {
        str(trial.header.key): silent_row(trial.row).model_dump_json()
        for contender in evidence.contenders
        for trial in contender.trials
    }
    return told.model_copy(
        update={"found": found, "rows": rows, "scores": dict(_scores(run, evidence, redaction))}
    )


def _is_mean(evidence: TaskEvidence) -> bool:
    """Whether the task's metric of a set is the mean of its rows' own."""
    trials = [trial for contender in evidence.contenders for trial in contender.answered]
    pairs = [evidence.pairs(trial) for trial in trials]
    return not pairs or row_sums(evidence.scorer, evidence.metric, pairs).is_mean


def _scores(
    run: RunFolder, evidence: TaskEvidence, redaction: Redaction
) -> Iterator[tuple[str, dict[str, float]]]:
    """By token, each figure of an answer to its row; the targets themselves are an answer too."""
    scorer, data = evidence.scorer, run.data(evidence.name)
    targets = {e.query.id: e.targets for e in (*data.test, *data.validation)}
    for query_id, wanted in targets.items():
        yield redaction.token(query_id, wanted), _all(scorer, wanted, wanted)
    seen: set[str] = set()
    for trial in run.trials():
        if trial.header.key.task != evidence.name:
            continue
        for query_id, answers in _answers(trial):
            token = redaction.token(query_id, answers)
            if query_id in targets and token not in seen:
                seen.add(token)
                yield token, _all(scorer, targets[query_id], answers)


def _answers(trial: TrialFolder) -> Iterator[tuple[str, tuple[str, ...]]]:
    for outcome in (*trial.outcomes(), *trial.validation()):
        if isinstance(outcome.result, Prediction):
            yield outcome.query_id, outcome.result.answers
    for probed in trial.probed():
        if isinstance(probed.result, Prediction):
            yield probed.query_id, probed.result.answers


def _all(scorer: Scorer, targets: tuple[str, ...], answers: tuple[str, ...]) -> dict[str, float]:
    return {figure: scorer.one(figure, targets, answers) for figure in scorer.figures}
