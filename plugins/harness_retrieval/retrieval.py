"""`retrieval`: a prompt of its own for each query, made of what stands near it.

- {name: kate, use: retrieval, with: {model: small, embedder: encoder, k: 8}}
- {name: rag, use: retrieval, with: {model: small, embedder: encoder, k: 0, passages: handbook}}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from pydantic import Field, model_validator

from harness import (
    Brief,
    ChatName,
    Context,
    DataError,
    EmbedderName,
    Example,
    Fitted,
    Strategy,
    TableName,
    Wording,
)
from harness.calibration import Calibrating, calibrated
from harness.candidates import Room, Shortlisting, shortlist_for
from harness.exportable import ExportTarget
from harness.exportable.prompted import refuse_what_differs
from harness.turns import all_turns
from harness_retrieval.finding import Finder, Own, Rule
from harness_retrieval.index import keep_index
from harness_retrieval.passages import cut, written
from harness_retrieval.prompting import Layout, Library, Prompts, Retrieving, Shelf


class Retrieval(Shortlisting, Calibrating, Strategy):
    """Show the model what stands nearest to each query: labelled examples, passages of a corpus, or both.

    Nearest training rows as demonstrations are KATE (Liu et al., 2022, "What Makes Good In-Context Examples for
    GPT-3?"); passages beside the question are retrieval-augmented generation (Lewis et al., 2020). Nearness is
    the cosine similarity of embeddings, exact, by FAISS. A query never finds its own row, nor one of its own
    text and turns. Its earlier turns are looked for with its text, the latest first.
    """

    model: ChatName = Field(description="The chat model that is asked.")
    embedder: EmbedderName = Field(description="Model that turns texts into vectors.")
    k: int = Field(4, ge=0, description="Demonstrations for each query; 0 for passages alone.")
    floor: float | None = Field(
        None, ge=-1, le=1, description="No demonstration of a smaller cosine similarity to the query than this."
    )
    mmr: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Lambda of maximal marginal relevance (Carbonell & Goldstein, 1998): 1 is nearness alone, 0 "
        "difference from each other alone; not given, the nearest are taken.",
    )
    pool: int = Field(20, ge=1, description="Nearest texts that mmr picks from.")
    order: Literal["nearest-last", "nearest-first"] = Field(
        "nearest-last", description="Whether the nearest demonstration stands next to the query or first."
    )
    passages: TableName | None = Field(
        None, description="Table of the suite whose passages stand beside each query."
    )
    passages_k: int = Field(3, ge=1, description="Passages for each query.")
    passages_floor: float | None = Field(
        None, ge=-1, le=1, description="No passage of a smaller cosine similarity to the query than this."
    )
    passage_text: str = Field("text", min_length=1, description="Column of the table with the passage's text.")
    passage_template: str = Field(
        "{text}",
        description="How a passage stands in the prompt: {text} is its piece of text, and any column of the table "
        "may stand in braces too.",
    )
    chunk_words: int = Field(
        120, ge=1, description="Longer texts of the table are cut into pieces of so many words."
    )
    chunk_overlap: int = Field(20, ge=0, description="Words that a piece shares with the one before.")
    max_prompt_tokens: int | None = Field(
        None,
        ge=1,
        description="Whole demonstrations, then whole passages, are dropped, the farthest first, until the prompt "
        "has no more tokens than this; without it, what the model's window leaves beside the answer.",
    )
    wording: Wording = Field(Wording(), description="What differs from the plain prompt.")

    @model_validator(mode="after")
    def _something_to_retrieve(self) -> Retrieval:
        if self.k == 0 and self.passages is None:
            raise ValueError(
                "k is 0 and no `passages` are named: nothing would be retrieved; `use: prompt` is that"
            )
        if self.chunk_overlap >= self.chunk_words:
            raise ValueError(
                f"chunk_overlap {self.chunk_overlap} must be smaller than chunk_words {self.chunk_words}"
            )
        if "{text}" not in self.passage_template:
            raise ValueError(
                f"passage_template {self.passage_template!r} leaves the passage out; put {{text}} in it"
            )
        return self

    @contextmanager
    def prepare(
        self, brief: Brief, train: Sequence[Example], validation: Sequence[Example], context: Context
    ) -> Iterator[Fitted]:
        self.wording.check(brief)
        if self.k and not train:
            raise DataError(
                f"retrieval shows training rows and task {brief.name!r} has none; give train a size, or set k to 0"
            )
        model = context.chat_model(self.model)
        limit = self.max_prompt_tokens or model.window - brief.max_output_tokens
        layout = Layout(brief, self.wording, self.order, limit)

        def room() -> Room:
            seen = [example.query for example in (*train, *validation)]
            return Room(model, limit, self.wording, seen, train[: self.k])

        shortlist = shortlist_for(self, brief, train, validation, context, room)
        prompts = Prompts(model, self._library(train, context), layout, context, shortlist)
        yield calibrated(Retrieving.of(prompts), validation, context, self)

    def export(self, brief: Brief, fitted: Fitted, target: ExportTarget) -> None:
        from harness_retrieval.exporting import export_retrieving

        refuse_what_differs(fitted)
        assert isinstance(fitted, Retrieving)
        export_retrieving(fitted, self.model, self.embedder, target)

    def _library(self, train: Sequence[Example], context: Context) -> Library:
        embedder = context.embedder(self.embedder)
        demonstrations = passages = None
        texts: list[str] = []
        if self.k:
            index = keep_index(context, "examples", embedder, [all_turns(example.query) for example in train])
            rule = Rule(self.k, self.floor, self.mmr, self.pool)
            demonstrations = Shelf(Finder(index, Own.examples(train), rule), [e.query.id for e in train])
        if self.passages is not None:
            rows = context.table(self.passages)
            found = cut(rows, self.passage_text, self.chunk_words, self.chunk_overlap)
            texts = written(found, self.passage_template)
            index = keep_index(context, "passages", embedder, [passage.text for passage in found])
            rule = Rule(self.passages_k, self.passages_floor, self.mmr, self.pool)
            passages = Shelf(Finder(index, Own.passages(found), rule), [passage.id for passage in found])
        return Library(embedder, train, demonstrations, texts, passages)
