"""Open questions: our engine against transformers' `generate`, answers of up to 64 tokens, greedy.

    python -m benchmarks.speed.generation

About 15 minutes on two cores without bfloat16. Ours answers all 300 queries in every round, the peer another third
of them, in batches of 16 as they come and in the same number format; both are compared per query. Greedy answers
are the same ones, but for the few where two tokens are likely to within rounding.
"""

from __future__ import annotations

import sys
from itertools import count

from benchmarks.speed import questions
from benchmarks.speed.asking import Here, loaded
from benchmarks.speed.plain import Plain
from benchmarks.speed.ratios import Line, alternating, keep, paired
from benchmarks.speed.sides import Ours

_THEIRS = 96  # queries a round, whole batches
_LEAST_SAME = 0.95  # in float32


def main() -> None:
    with loaded() as here:
        keep("generation", free_text(here))


def free_text(here: Here, rounds: int = 2) -> list[Line]:
    """Our engine and the peer on the same queries.

    Raises:
        SystemExit: Where fewer of the answers are the same than rounding explains.
    """
    ours = Ours(questions.free_text())
    plain = Plain.load(here.folder, here.dtype, here.device)
    plain.generate([ours.requests[0].model_copy(update={"max_tokens": 2})])
    found: dict[int, str] = {}
    turns, step = count(), len(ours.requests) // _THEIRS

    def theirs() -> float:
        some = range(next(turns) % step, len(ours.requests), step)[:_THEIRS]
        said = plain.generate([ours.requests[i] for i in some])
        found.update(zip(some, said.answers, strict=True))
        return said.seconds / len(some)

    us, them = alternating([ours.run, theirs], rounds)
    same = sum(ours.asked.texts[i] == answer for i, answer in found.items())
    tokens = sum(completion.usage.output_tokens for completion in ours.asked.completions)
    if here.number_format == "float32" and same < _LEAST_SAME * len(found):
        sys.exit(f"only {same} of {len(found)} answers are the same as those of transformers' generate")
    return [
        Line(
            f"free-text answers of up to 64 tokens, {len(ours.requests)} queries",
            f"transformers' `generate`, batches of 16 in their order, {here.number_format}, per query",
            "least",
            2.0,
            paired(them, us),
            f"same text for {same} of {len(found)}; {tokens / len(ours.requests):.0f} tokens an answer",
        )
    ]


if __name__ == "__main__":
    main()
