"""Log records of every library of this process, without any known key.

logging.getLogger("openai").debug("headers %s", {"Authorization": "Bearer sk-…"})    headers {…'Bearer [key]'}

Filters and handlers can be passed by; each record comes from the one factory.
"""

from __future__ import annotations

import logging
from threading import Lock

_lock = Lock()
_set = False


def hide_in_logs() -> None:
    """From now on, for the rest of the process; calling it again changes nothing."""
    global _set  # noqa: PLW0603  (logging has one factory for the process)
    with _lock:
        if _set:
            return
        before = logging.getLogRecordFactory()

        def factory(*args: object, **kwargs: object) -> logging.LogRecord:
            return _hidden(before(*args, **kwargs))

        logging.setLogRecordFactory(factory)
        _set = True


def _hidden(record: logging.LogRecord) -> logging.LogRecord:
    from harness.privacy.secrets import hide

    try:
        said = record.getMessage()
    except Exception:  # a record whose arguments do not fit; its handler says so, with them
        said = f"{record.msg} {record.args!r}"
        if hide(said) == said:
            return record
    if (shown := hide(said)) != said:
        record.msg, record.args = shown, None
    if record.exc_info:
        told = logging.Formatter().formatException(record.exc_info)
        if (shown := hide(told)) != told:
            record.exc_text, record.exc_info = shown, None
    return record
