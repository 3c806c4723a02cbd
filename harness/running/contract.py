"""Holds what a strategy answers to the contract: each query once, labels of the task, nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from harness.errors import PluginError
from harness.records import Brief, Failed, Prediction, Query
from harness.strategy import Fitted

_TWICE = "it answered more than once, of which the first counts"
_UNASKED = "it answered what nobody asked"
_UNANSWERED = "it left unanswered"


class Contract:
    """What a strategy yields, held to the contract, and what it did against it.

    Args:
        brief: The task.
        use: What the suite calls the strategy's code, for messages.
        check_stop: Called at each answer.
    """

    def __init__(self, brief: Brief, use: str, check_stop: Callable[[], None]) -> None:
        self._brief = brief
        self._use = use
        self._check_stop = check_stop
        self._asked: set[str] = set()
        self._faults: dict[str, list[str]] = defaultdict(list)

    def warnings(self) -> tuple[str, ...]:
        """What the strategy did against the contract, each counted once."""
        return tuple(
            f"{what} ({len(ids)} {'query' if len(ids) == 1 else 'queries'}, such as {ids[0]!r})"
            for what, ids in self._faults.items()
        )

    def answers(self, fitted: Fitted, queries: Sequence[Query]) -> Iterator[Prediction | Failed]:
        """One outcome for each query, as they come; those without any fail at the end.

        Raises:
            PluginError: Something else than a Prediction or a Failed came.
        """
        open_ids = {query.id for query in queries}
        self._asked |= open_ids
        for result in fitted.answer(queries):
            self._check_stop()
            if not isinstance(result, Prediction | Failed):
                raise PluginError(
                    f"answer of {self._use!r} yielded {type(result).__name__}: it must yield a"
                    " harness.Prediction or a harness.Failed"
                )
            if result.query_id not in open_ids:
                fault = _TWICE if result.query_id in self._asked else _UNASKED
                self._faults[fault].append(result.query_id)
                continue
            open_ids.discard(result.query_id)
            yield self._allowed(result)
        for query in queries:
            if query.id in open_ids:
                self._faults[_UNANSWERED].append(query.id)
                yield Failed(query_id=query.id, kind="unanswered", error="the strategy gave no answer")

    def _allowed(self, result: Prediction | Failed) -> Prediction | Failed:
        brief = self._brief
        if isinstance(result, Failed) or brief.kind not in ("label", "labels"):
            return result
        strange = [answer for answer in result.answers if answer not in brief.labels]
        if brief.kind == "label" and len(result.answers) != 1:
            error = f"{len(result.answers)} answers where one label was asked for"
        elif strange:
            error = f"{strange[0][:80]!r} is none of the task's labels"
        else:
            return result
        return Failed(query_id=result.query_id, kind="not-a-label", error=error)
