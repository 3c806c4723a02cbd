"""Asks an endpoint its recorded prompts again, one at a time, and compares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean, median

from harness.calls.cache import Cache
from harness.calls.calling import Calls
from harness.calls.endpoint import MeteredEndpoint
from harness.calls.ledger import Meter
from harness.calls.pool import ModelPool
from harness.drift.recorded import Recorded, recorded
from harness.drift.records import LEDGER, Canaries, Canary, Change, Names, keep
from harness.errors import ModelError
from harness.models import Completion, Endpoint
from harness.records import TrialKey
from harness.stats.intervals import wilson

CACHE = ".cache.sqlite-canary"  # of the run's own: what a kill interrupts is not asked a third time
_LONGEST = 160  # characters shown of a prompt and of an answer


@dataclass
class _Owner:
    """Whose meter the calls are booked on."""

    meter: Meter
    check_stop: Callable[[], None]
    say: Callable[[str], None]

    def warn(self, message: str) -> None:
        self.say(f"canary: {message}")

    def progress(self, done: int, total: int, what: str) -> None:
        self.check_stop()


@dataclass(frozen=True)
class Asking:
    """What asking again needs of a run.

    Attributes:
        run: Its folder.
        earlier: Folders of earlier runs, newest first.
        pool: Its models.
        calls: Its cache, cap and endpoints.
        say: Where it is told.
        check_stop: Raises KeyboardInterrupt once the user asked to stop.
    """

    run: Path
    earlier: Sequence[Path]
    pool: ModelPool
    calls: Calls
    say: Callable[[str], None]
    check_stop: Callable[[], None]

    def ask(self, models: Sequence[str], most: int, *, old_cache: bool) -> Canaries:
        """Asks every endpoint again, and keeps what was found.

        Args:
            models: Names in the suite; what is no endpoint is passed over.
            most: Prompts of each.
            old_cache: Whether older answers are used again whatever is found.

        Raises:
            BudgetError: The cap is reached.
        """
        at = datetime.now(UTC)
        # Beside the shared cache: what is there would answer for the endpoint.
        with Cache(self.run / CACHE) as cache:
            calls = replace(self.calls, cache=cache, moved={})
            found = tuple(each for name in models if (each := self._model(name, most, calls)) is not None)
        made = Canaries(asked=most, at=at, old_cache=old_cache, found=found)
        keep(self.run, made)
        return made

    def _model(self, name: str, most: int, calls: Calls) -> Canary | None:
        try:
            endpoint = self.pool.get(name).endpoint
            if endpoint is None:
                return None
            drawn = recorded(self.earlier, endpoint.identity, most)
            if not drawn:
                none = "no earlier run here recorded a prompt of it that can be asked again"
                return Canary(model=name, identity=endpoint.identity, problem=none)
            self.say(f"canary: {name} is asked {len(drawn)} recorded prompts again")
            return self._compared(name, endpoint, drawn, calls)
        except ModelError as error:  # its trials will say so too
            return Canary(model=name, problem=str(error))

    def _compared(self, name: str, endpoint: Endpoint, drawn: Sequence[Recorded], calls: Calls) -> Canary:
        meter = Meter(self.run / LEDGER, TrialKey(task="canary", strategy=name), "probe")
        try:
            owner = _Owner(meter, self.check_stop, self.say)
            model = MeteredEndpoint(endpoint, calls, owner, 0)
            pairs = []
            for each in drawn:
                self.check_stop()
                [answered] = model.complete([each.request])
                if isinstance(answered.completion, Completion):
                    pairs.append((each, answered.completion))
        finally:
            meter.close()
        return _canary(name, endpoint.identity, drawn, pairs).model_copy(update=self._shift(pairs))

    def _shift(self, pairs: Sequence[tuple[Recorded, Completion]]) -> dict[str, object]:
        """How far the earlier answers' probabilities moved, where the shared cache still knows them."""
        moved = []
        for then, now in pairs:
            cached = self.calls.cache.completion(then.key)
            before = cached.completion.probabilities if cached is not None else None
            text = then.exchange.text
            if before and now.probabilities and text in before and text in now.probabilities:
                moved.append(abs(now.probabilities[text] - before[text]))
        return {"told": len(moved), "shift": fmean(moved) if moved else None}


def _canary(
    name: str, identity: str, drawn: Sequence[Recorded], pairs: Sequence[tuple[Recorded, Completion]]
) -> Canary:
    changed = [(then, now) for then, now in pairs if then.exchange.text != now.text]
    same = len(pairs) - len(changed)
    low, high = wilson(same, len(pairs))
    timed = [(then.seconds, now.seconds) for then, now in pairs if then.seconds is not None]
    return Canary(
        model=name,
        identity=identity,
        runs=tuple(dict.fromkeys(each.run for each in drawn)),
        prompts=len(pairs),
        failed=len(drawn) - len(pairs),
        same=same,
        low=low,
        high=high,
        changes=tuple(
            Change(
                prompt=_end(then.request.messages[-1].content),
                before=_start(then.exchange.text),
                now=_start(now.text),
            )
            for then, now in changed
        ),
        before=Names(
            served=_names(then.exchange.served for then, _ in pairs),
            fingerprints=_names(then.exchange.fingerprint for then, _ in pairs),
        ),
        now=Names(
            served=_names(now.served for _, now in pairs), fingerprints=_names(now.fingerprint for _, now in pairs)
        ),
        timed=len(timed),
        seconds_before=median(then for then, _ in timed) if timed else None,
        seconds_now=median(now for _, now in timed) if timed else None,
    )


def _names(found: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({each for each in found if each}))


def _start(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _end(text: str) -> str:
    return text if len(text) <= _LONGEST else f"…{text[-_LONGEST:]}"
