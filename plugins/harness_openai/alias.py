"""Names behind which a provider may put another model.

gpt-4.1-mini             an alias           gpt-4.1-mini-2025-04-14    one model
mistral-large-latest     an alias           mistral-large-2411         one model
a deployment (Azure)     an alias           ft:gpt-4.1-mini-…          one model
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness_openai.model import OpenAIChat

# A day, a month, or a number of a build; `@` and a hash or day; what was tuned is one model for ever.
_FIXED = re.compile(
    r"(19|20)\d\d-?(0\d|1[0-2])(-?[0-3]\d)?(?!\d)"
    r"|[-_.](2[3-9]|3\d)(0[1-9]|1[0-2])(?!\d)"
    r"|[-_.](0[1-9]|1[0-2])([0-2]\d|3[01])(?!\d)"
    r"|[-_]00\d(?!\d)"
    r"|@\w"
    r"|^ft:"
    r"|[0-9a-f]{12,}"
)


def is_alias(model: str) -> bool:
    """Whether a model's name leaves open which model answers.

    >>> [is_alias(name) for name in ("gpt-4.1-mini", "gpt-4-0613", "gpt-5-latest", "claude-x-20250514")]
    [True, False, True, False]
    """
    return "latest" in model.casefold() or _FIXED.search(model) is None


def warning(params: OpenAIChat, served: str | None) -> str | None:
    """What a reader of the run must know of a name that stands for whatever its provider puts behind it.

    Args:
        params: What the suite says.
        served: The name that the endpoint answered under.

    Returns:
        None where the name is one model's, or the server this machine's own.
    """
    model = params.model
    deployed = params.provided_by == "azure" and not model.startswith("ft:")
    own = params.address.loopback and params.provider == "auto"
    if own or not (deployed or is_alias(model)):
        return None
    warning = f"{model} is an alias: the provider may change what answers"
    return (
        f"{warning}; it said {served}" if served and served != model else f"{warning}, and does not say what did"
    )
