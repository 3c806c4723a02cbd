"""Asks test queries again in another form, once all else is asked.

trials/tweets/few-shot/0-0/
    probes.jsonl             one line a query in another form
    probes/instructions-1/   the strategy prepared anew with other instructions; its own ledger
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime

from harness import journal
from harness.data.probing import Altered, altered, rephrased
from harness.records import Failed, Prediction, Probed
from harness.running.asking import Asking
from harness.running.job import Job, TrialBench
from harness.running.opening import opened

FILE = "probes.jsonl"


class Probing:
    """The probes of a trial, and which of them are answered.

    Args:
        job: The trial.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._path = job.folder / FILE
        queries = [example.query for example in job.data.test]
        self._texts = list(altered(queries, job.probes, job.draw))
        # A yardstick that reads no instructions would only be prepared again for nothing.
        instructions = () if job.bound.yardstick else job.probes.instructions
        self._rephrased = {
            text: rephrased(queries, job.probes, job.draw, number)
            for number, text in enumerate(instructions, start=1)
        }
        self._done = {(p.probe, p.variant, p.query_id) for p in journal.read(self._path, Probed)}
        self._total = len(self._texts) + sum(map(len, self._rephrased.values()))

    def ask_texts(self, asking: Asking) -> None:
        """Asks the strategy as it stands what is probed in another text."""
        self._ask(asking, self._left(self._texts))

    def ask_rephrased(self, bench: TrialBench) -> tuple[str, ...]:
        """Prepares the strategy anew with each of the other instructions, and asks the sample.

        Returns:
            What the strategy did against the contract.
        """
        warnings: list[str] = []
        for number, (instructions, probes) in enumerate(self._rephrased.items(), start=1):
            left = self._left(probes)
            folder = self._job.folder / "probes" / f"instructions-{number}"
            if left:
                again = bench.rephrased(self._job, folder, instructions)
                with opened(again.job, again.bench) as prepared:
                    asking = Asking(again.job, prepared, again.bench)
                    self._ask(asking, left)
                warnings += asking.warnings()
            # It is never asked again, and what it kept may be large.
            for fit in list(folder.glob("**/fit")):
                shutil.rmtree(fit, ignore_errors=True)
        return tuple(f"with other instructions: {warning}" for warning in dict.fromkeys(warnings))

    def _left(self, probes: Sequence[Altered]) -> list[Altered]:
        return [each for each in probes if (each.probe, each.variant, each.of) not in self._done]

    def _ask(self, asking: Asking, probes: Sequence[Altered]) -> None:
        if not probes:
            return
        by_id = {each.query.id: each for each in probes}
        kept = journal.Journal(self._path)
        try:
            with asking.together([each.query for each in probes], "probe") as results:
                for result in results:
                    each = by_id[result.query_id]
                    kept.append(_probed(each, result))
                    self._done.add((each.probe, each.variant, each.of))
                    asking.progress(len(self._done), self._total, "probes")
        finally:
            kept.close()


def _probed(each: Altered, result: Prediction | Failed) -> Probed:
    return Probed(
        probe=each.probe,
        variant=each.variant,
        query_id=each.of,
        text=each.query.text,
        result=result,
        at=datetime.now(UTC),
    )
