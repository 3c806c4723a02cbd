"""Answers that are held to a JSON schema: at each token, all that would break it is left out.

    grammars = Grammars(tokenizer, vocabulary, ends)
    held = grammars.held(schema)         # one for each answer; None for a schema that llguidance cannot hold
    held.pending                         # tokens that must come now, whatever the model says: {"name": "
    held.mask(logits)                    # where there are none, before a token is chosen
    held.take(token)                     # behind it
    held.over                            # the object is closed

The mask is llguidance's, which walks the tokenizer's vocabulary beside the schema's grammar (Willard and Louf,
2023, "Efficient guided generation for large language models", is the idea). Nothing of the harness is
imported here: exports copy this file as it is.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from llguidance import LLMatcher, LLTokenizer
    from transformers import PreTrainedTokenizerBase

_log = logging.getLogger(__name__)
# One line with the blanks that json.dumps writes: free white space would let a small model write nothing else.
_BLANKS = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
_KEPT = 64  # grammars: a server is sent schemas of its callers' own


@dataclass
class Held:
    """One answer in the making.

    Attributes:
        matcher: How far it has come, `pending` included.
        kept: Whether every token so far was held.
        pending: Tokens that the schema leaves no choice about, cut as the tokenizer cuts them.
    """

    matcher: LLMatcher
    kept: bool = True
    pending: list[int] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Whether nothing may follow but what is pending."""
        return self.kept and self.matcher.is_stopped()

    def mask(self, logits: torch.Tensor) -> torch.Tensor:
        """The logits, (vocabulary,), minus infinity where a token would break the schema."""
        import numpy as np
        import torch

        if not self.kept:
            return logits
        bits = np.unpackbits(np.frombuffer(self.matcher.compute_bitmask(), np.uint8), bitorder="little")
        allowed = np.zeros(len(logits), dtype=bool)
        allowed[: len(bits)] = bits[: len(logits)]
        if self.matcher.is_error() or not allowed.any():
            self._give_up()
            return logits
        return logits.masked_fill(~torch.from_numpy(allowed).to(logits.device), -torch.inf)

    def take(self, token: int) -> None:
        """The token that was chosen."""
        if not self.kept:
            return
        if self.matcher.consume_token(token):
            self.force()
        else:
            self._give_up()

    def force(self) -> None:
        """Goes on to where there is a choice."""
        if not self.matcher.is_stopped():
            forced = self.matcher.compute_ff_tokens()
            if forced and self.matcher.consume_tokens(forced):
                self.pending = forced

    def _give_up(self) -> None:
        self.kept, self.pending = False, []
        _log.warning("an answer is no longer held to its schema: %.200s", self.matcher.get_error())


class Grammars:
    """Schemas as grammars over one tokenizer's vocabulary, each made once.

    Args:
        tokenizer: A fast one; no other can be held.
        vocabulary: How many logits the model gives.
        ends: Tokens that end an answer.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, vocabulary: int, ends: Collection[int]) -> None:
        self._tokenizer = tokenizer
        self._vocabulary = vocabulary
        self._ends = sorted(ends)
        self._known: LLTokenizer | None = None
        self._unable: str | None = None
        self._made: dict[str, LLMatcher | None] = {}

    def held(self, schema: Mapping[str, Any] | None) -> Held | None:
        """A fresh answer under a schema; None without one, and for one that cannot be held, which is told once."""
        if schema is None:
            return None
        key = json.dumps(schema)  # the order of properties is that of the answer
        if key not in self._made:
            if len(self._made) >= _KEPT:
                del self._made[next(iter(self._made))]
            self._made[key] = self._make(key)
        made = self._made[key]
        if made is None:
            return None
        held = Held(made.deep_copy())
        held.force()
        return held

    def _make(self, schema: str) -> LLMatcher | None:
        tokenizer = self._vocabularies()
        if tokenizer is None:
            _log.warning("answers are asked for in text alone, not held to their schema: %s", self._unable)
            return None
        from llguidance import LLMatcher

        try:
            grammar = LLMatcher.grammar_from_json_schema(schema, overrides=_BLANKS)  # type: ignore[arg-type]
            matcher = LLMatcher(tokenizer, grammar, log_level=0)
            why = " ".join(matcher.get_error().split()) if matcher.is_error() else None
        except ValueError as error:  # nested too deep
            why = str(error)
        if why is not None:
            _log.warning("answers are asked for in text alone: their schema cannot be held to (%.200s)", why)
            return None
        return matcher

    def _vocabularies(self) -> LLTokenizer | None:
        if self._known is None and self._unable is None:
            try:
                from llguidance.hf import from_tokenizer

                size = max(self._vocabulary, len(self._tokenizer))
                self._known = from_tokenizer(self._tokenizer, n_vocab=size, eos_token=self._ends or None)
            except ImportError as error:
                self._unable = f"{error}; pip install 'harness[local]'"
            except (ValueError, TypeError, AttributeError) as error:  # no fast tokenizer, or one of another kind
                self._unable = f"the tokenizer cannot be followed: {error}"
        return self._known
