"""Test queries in another form: what should not change an answer, and what may show bias. Pure.

row    He was GREAT, call me @sam                        asked as
       typos           He was GRAET, call me @sam        r1~typos
       case            he was great, call me @sam        r1~case
       whitespace      He was  GREAT, call me @sam       r1~whitespace
       counterfactual  She was GREAT, call me @sam       r1~counterfactual:gender:he->she
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import permutations
from random import Random
from typing import NamedTuple

from harness.data.swapping import Swap
from harness.data.typing_errors import is_kept, typos
from harness.records import Query
from harness.suite import Probes

_WORD = re.compile(r"\S+")


class Altered(NamedTuple):
    """A query in another form.

    Attributes:
        probe: `typos`, `case`, `whitespace`, `instructions` or `counterfactual:GROUP`.
        variant: Which form of it.
        of: The id of the query that it was made from.
        query: As it is asked, under an id of its own.
    """

    probe: str
    variant: str
    of: str
    query: Query


class Form(NamedTuple):
    """A text in another form, and which form that is."""

    variant: str
    text: str


def altered(queries: Sequence[Query], probes: Probes, seed: int) -> Iterator[Altered]:
    """All that is asked in another text: each change of the drawn sample, then the counterfactual texts.

    A text that a change leaves as it is, such as one without capitals to lower, is not asked.

    Args:
        queries: Of the test rows.
        probes: What the suite asks for.
        seed: The task's: the same for every strategy and every trial.
    """
    sample = drawn(queries, probes.sample, seed)
    for name in dict.fromkeys(probes.perturb):
        for query in sample:
            form = PERTURBATIONS[name](query.text, Random(f"{name}\0{seed}\0{query.id}"))
            if form.text != query.text:
                changed = query.model_copy(update={"id": f"{query.id}~{name}", "text": form.text})
                yield Altered(name, form.variant, query.id, changed)
    for group, sets in probes.counterfactual.items():
        yield from _counterfactual(queries, f"counterfactual:{group}", sets, probes.sample, seed)


def rephrased(queries: Sequence[Query], probes: Probes, seed: int, number: int) -> list[Altered]:
    """The sample as it is asked of a strategy that was prepared with the suite's nth other instructions.

    Args:
        queries: Of the test rows.
        probes: What the suite asks for.
        seed: The task's.
        number: From 1.
    """
    return [
        Altered(
            "instructions",
            str(number),
            query.id,
            query.model_copy(update={"id": f"{query.id}~instructions-{number}"}),
        )
        for query in drawn(queries, probes.sample, seed)
    ]


def drawn(queries: Sequence[Query], n: int, seed: int) -> list[Query]:
    """At most `n` queries, by the seed and their ids alone; a larger `n` keeps a smaller one's."""
    ordered = sorted(queries, key=lambda query: query.id)
    return Random(f"probes\0{seed}").sample(ordered, len(ordered))[:n]


def case(text: str, random: Random) -> Form:
    """All small letters; all capitals where there is none to lower. Addresses and @names stay as they are.

    >>> case("GREAT, see https://x.org/Ab @Sam", Random(0))
    Form(variant='lower', text='great, see https://x.org/Ab @Sam')
    """
    for variant, change in (("lower", str.lower), ("upper", str.upper)):
        changed = _WORD.sub(lambda m, change=change: _recased(m.group(), change), text)  # type: ignore[misc]
        if changed != text:
            return Form(variant, changed)
    return Form("", text)


def whitespace(text: str, random: Random) -> Form:
    """One to three blanks between words doubled, and one more at the end; lines stay lines."""
    blanks = [i for i in range(1, len(text)) if text[i] == " " and not text[i - 1].isspace()]
    places = random.sample(blanks, min(len(blanks), random.randint(1, 3)))
    return Form("1", "".join(c + (" " if i in places else "") for i, c in enumerate(text)) + " ")


def _recased(word: str, change: Callable[[str], str]) -> str:
    return word if is_kept(word) else change(word)


def _typos(text: str, random: Random) -> Form:
    return Form("1", typos(text, random))


PERTURBATIONS: Mapping[str, Callable[[str, Random], Form]] = {
    "typos": _typos,
    "case": case,
    "whitespace": whitespace,
}


def _counterfactual(
    queries: Sequence[Query], probe: str, sets: Sequence[Sequence[str]], n: int, seed: int
) -> Iterator[Altered]:
    """Each text that holds a term, at most `n` of them, with one column's terms replaced by another's."""
    swaps = [Swap.of(sets, *columns) for columns in permutations(range(len(sets[0])), 2)]
    holding = [query for query in queries if any(swap.holds(query.text) for swap in swaps)]
    for query in drawn(holding, n, seed):
        for swap in swaps:
            text = swap.apply(query.text)
            if text != query.text:
                changed = query.model_copy(update={"id": f"{query.id}~{probe}:{swap.name}", "text": text})
                yield Altered(probe, swap.name, query.id, changed)
