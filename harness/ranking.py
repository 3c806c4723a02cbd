"""Which labels a text is nearest to: by their words and descriptions, and by the training rows that have them.

query "my card was refused in Spain"
    by words       card declined 1st, card declined abroad 2nd, …
    by examples    card declined abroad 1st, card declined 2nd, …
    both           the two orders are merged by reciprocal ranks (Cormack et al., 2009)

Nearness is the cosine of embeddings, or of TF-IDF over letters where no embedder is given. Of a query with earlier
turns all count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from harness.errors import DataError
from harness.models import Embedder
from harness.records import Brief, Example, Query, Record
from harness.strategy import Context
from harness.turns import all_turns, key_of
from harness.wording import Wording

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

By = Literal["both", "labels", "examples"]
_RANK = 60  # of Cormack et al.: how little the first places count more than those behind them
_AGAIN = "remove the trial's folder to prepare the strategy again"
_AT_ONCE = 256  # queries whose nearness to all training rows is held at a time


class Space(Protocol):
    """Where texts are near each other: labels' first, then training rows'."""

    def nearness(self, texts: Sequence[str]) -> Floats:
        """Cosines of these texts to all that the space holds, (texts, held)."""
        ...


@dataclass(frozen=True)
class Embedded:
    """A space of embeddings; `held` are unit vectors, (held, width)."""

    embedder: Embedder
    held: Floats

    def nearness(self, texts: Sequence[str]) -> Floats:
        found: Floats = self.embedder.embed(texts) @ self.held.T
        return found


class Lexical:
    """A space of TF-IDF over pieces of two to four letters: it needs no model, and knows no meaning."""

    def __init__(self, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._vectorizer: Any = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
        self._held: Any = self._vectorizer.fit_transform(texts)

    def nearness(self, texts: Sequence[str]) -> Floats:
        found: Floats = (self._vectorizer.transform(texts) @ self._held.T).toarray().astype("float32")
        return found


@dataclass(frozen=True)
class Ranker:
    """Puts a task's labels in the order of their nearness to a query.

    Attributes:
        labels: In the suite's order.
        examples: The training rows that the space holds behind the labels.
        space: Tells nearness.
        by: What counts.
    """

    labels: Sequence[str]
    examples: Sequence[Example]
    space: Space
    by: By
    _own: Mapping[str, list[int]] = field(init=False, repr=False)
    _of_label: Sequence[list[int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        own: defaultdict[str, list[int]] = defaultdict(list)
        for place, example in enumerate(self.examples):
            own[f"id {example.query.id}"].append(place)
            own[f"text {key_of(example.query)}"].append(place)
        object.__setattr__(self, "_own", own)
        of_label: defaultdict[str, list[int]] = defaultdict(list)
        for place, example in enumerate(self.examples):
            for label in example.targets:
                of_label[label].append(place)
        object.__setattr__(self, "_of_label", [of_label[label] for label in self.labels])

    def ranked(self, queries: Sequence[Query]) -> list[list[str]]:
        """All labels for each query, the nearest first; a query's own row and text do not help it."""
        found: list[list[str]] = []
        for start in range(0, len(queries), _AT_ONCE):
            found += self._ranked(queries[start : start + _AT_ONCE])
        return found

    def _ranked(self, queries: Sequence[Query]) -> list[list[str]]:
        import numpy as np

        near = self.space.nearness([all_turns(query) for query in queries])
        count = len(self.labels)
        orders = []
        if self.by != "examples":
            orders.append(near[:, :count])
        if self.by != "labels" and self.examples:
            orders.append(self._by_examples(queries, near[:, count:].copy()))
        score = np.zeros((len(queries), count))
        for each in orders:
            # Rounded, so that equals stay equal whether queries are asked alone or in bulk.
            order = np.argsort(-np.round(each, 4), axis=1, kind="stable")
            np.put_along_axis(ranks := np.empty_like(order), order, np.arange(count)[None], axis=1)
            score += 1 / (_RANK + 1 + ranks)
        return [[self.labels[i] for i in row] for row in np.argsort(-score, axis=1, kind="stable").tolist()]

    def _by_examples(self, queries: Sequence[Query], near: Floats) -> Floats:
        """Of each label its nearest training row, (queries, labels); -2 where it has none."""
        import numpy as np

        for row, query in enumerate(queries):
            own = [*self._own.get(f"id {query.id}", ()), *self._own.get(f"text {key_of(query)}", ())]
            near[row, own] = -2
        found = np.full((len(queries), len(self.labels)), -2, dtype=np.float32)
        for column, places in enumerate(self._of_label):
            if places:
                found[:, column] = near[:, places].max(axis=1)
        return found


class Kept(Record):
    """Of a step: how many texts were embedded, and where their vectors are in the trial's folder."""

    embedder: str
    texts: int
    file: str


def ranker_of(
    brief: Brief, examples: Sequence[Example], by: By, embedder: Embedder | None, context: Context
) -> Ranker:
    """A task's labels and training rows, ready to be compared with.

    Args:
        brief: The task.
        examples: Training rows to compare with.
        by: What counts.
        embedder: Without it, letters count.
        context: Embeds once in the trial's life.

    Raises:
        DataError: The vectors that were kept are gone, or are of other texts.
    """
    texts = [*label_texts(brief), *(all_turns(example.query) for example in examples)]
    space: Space = Lexical(texts) if embedder is None else Embedded(embedder, _kept(texts, embedder, context))
    return Ranker(tuple(brief.labels), examples, space, by)


def _kept(texts: Sequence[str], embedder: Embedder, context: Context) -> Floats:
    import numpy as np

    path = context.folder / "candidates.npy"

    def embed() -> Kept:
        unfinished = path.with_name("unfinished-" + path.name)
        np.save(unfinished, np.asarray(embedder.embed(texts), dtype=np.float32), allow_pickle=False)
        unfinished.replace(path)  # a killed process leaves no half of it
        return Kept(embedder=embedder.identity, texts=len(texts), file=path.name)

    kept = context.step("candidate vectors", Kept, embed)
    try:
        found: Floats = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"the vectors in {str(path)!r} cannot be read ({error}); {_AGAIN}") from error
    if len(found) != len(texts) or kept.texts != len(texts):
        raise DataError(f"{str(path)!r} holds {len(found)} vectors, and there are {len(texts)} texts; {_AGAIN}")
    return found


def label_texts(brief: Brief) -> list[str]:
    """What stands for each label in a space: its words and its description."""
    words = {label: Wording().word(label, brief) for label in brief.labels}
    return [". ".join(dict.fromkeys(p for p in (words[k], said) if p)) for k, said in brief.labels.items()]
