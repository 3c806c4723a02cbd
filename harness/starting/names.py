"""What columns are usually called, by the part that they play."""

from __future__ import annotations

import re
from collections.abc import Sequence

TITLE = ("subject", "title", "headline", "betreff", "titel", "objet")
TEXT = (
    *TITLE,
    *("text", "body", "message", "content", "description", "comment", "review", "tweet", "post", "question"),
    *("query", "prompt", "input", "utterance", "transcript", "document", "abstract", "sentence", "complaint"),
    *("feedback", "note", "notes", "clause", "conversation", "nachricht", "beschreibung", "passage", "article"),
)
# The surest first.
TARGET = (
    *("target", "label", "labels", "class", "intent", "category", "categories", "queue", "sentiment", "topic"),
    *("stars", "rating", "gold", "answer", "output", "completion", "response", "reply", "summary", "extracted"),
    *(
        "fields",
        "json",
        "tags",
        "codes",
        "code",
        "diagnosis",
        "department",
        "type",
        "outcome",
        "decision",
        "score",
    ),
    *("grade", "priority", "severity", "urgency", "emotion", "kategorie"),
)
GROUP = (
    *("customer", "client", "user", "account", "author", "patient", "person", "company", "organisation"),
    *("organization", "sender", "session", "thread", "contact", "reviewer", "member", "caller", "kunde", "email"),
    *("product", "contract"),
)
ID = ("id", "uuid", "guid", "key", "ticket", "case", "number", "no", "nr", "row", "index")
TIME = ("created", "date", "time", "timestamp", "received", "opened", "sent", "posted", "day", "datum", "at")
HISTORY = ("history", "messages", "turns", "earlier", "previous", "context", "conversation", "conversations")
SCALE = ("stars", "rating", "score", "grade", "priority", "severity", "urgency", "level")


def rank(column: str, names: Sequence[str]) -> int | None:
    """How far in front a column's name stands in a list; None where it is not there.

    A part of a name counts, as in ``customer_id`` or ``createdAt``.
    """
    parts = [part.casefold() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_a-zA-Z]+|\d+", column)]
    places = [place for place, name in enumerate(names) if name in parts or name == column.casefold()]
    return min(places, default=None)
