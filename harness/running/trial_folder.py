"""One trial, read from disk: trials/tweets/few-shot/0-0/; what is in it, trial.py says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from harness import journal
from harness.calls.ledger import costed, entries
from harness.errors import StoreError
from harness.records import LedgerEntry, Outcome, Probed, Step, TrialHeader
from harness.running.plan import CHANGED, answered
from harness.running.steps import Steps


class TrialFolder:
    """One trial, read from disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def header(self) -> TrialHeader:
        path = self.path / "trial.json"
        try:
            return TrialHeader.model_validate_json(path.read_bytes())
        except OSError as error:
            raise StoreError(f"this cannot be read: {error.strerror}", where=str(path)) from error
        except ValidationError as error:
            raise StoreError(CHANGED, where=str(path)) from error

    def outcomes(self) -> Iterator[Outcome]:
        return journal.read(self.path / "outcomes.jsonl", Outcome)

    def answered(self) -> int:
        """How many test rows have an outcome: whole lines, which are not looked into."""
        return answered(self.path / "outcomes.jsonl")

    def validation(self) -> Iterator[Outcome]:
        """What was answered to the validation rows, where the suite had them asked."""
        return journal.read(self.path / "validation.jsonl", Outcome)

    def probed(self) -> Iterator[Probed]:
        """What was answered to test queries in another form, where the suite had them asked."""
        return journal.read(self.path / "probes.jsonl", Probed)

    def ledger(self) -> list[LedgerEntry]:
        """What an unbroken run would have used; what was paid for and lost to a kill is in `paid`."""
        found = costed(self.path / "ledger.jsonl")
        for path in sorted(self.path.glob("probes/*/ledger.jsonl")):
            own = f"probes/{path.parent.name}"
            found += [entry.model_copy(update={"name": f"{own}/{entry.name}"}) for entry in costed(path)]
        return found

    def paid(self) -> Iterator[LedgerEntry]:
        """Every entry that was really paid, in all attempts; that of strategies prepared for a probe too."""
        for path in [self.path / "ledger.jsonl", *sorted(self.path.glob("probes/**/ledger.jsonl"))]:
            yield from (entry for entry in entries(path) if entry.paid)

    def steps(self) -> list[Step]:
        return Steps(self.path / "steps").all()
