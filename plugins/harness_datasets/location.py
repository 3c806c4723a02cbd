"""What stands behind `hf:` in a suite.

./reviews                      a folder beside the suite (also ../, / and ~)
./reviews:test                 its split test
fancyzhx/ag_news:train         on the hub: OWNER/NAME and split
nyu-mll/glue/sst2:validation   OWNER/NAME/CONFIG
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from harness import DataError

_PART = r"[A-Za-z0-9][\w.-]*"
_HUB = re.compile(rf"{_PART}(/{_PART}){{0,2}}")


@dataclass(frozen=True)
class Location:
    """A place of rows.

    Attributes:
        folder: On this machine; None on the hub.
        names: On the hub: a dataset and its configuration, as it may be meant, the likelier first.
        split: Which of its splits; None where none is named.
    """

    folder: Path | None
    names: tuple[tuple[str, str | None], ...]
    split: str | None


def read_location(location: str, suite: Path) -> Location:
    """Reads what stands behind `hf:`; a folder is what begins as one, so that no folder hides a name on the hub.

    Args:
        location: As the suite has it.
        suite: The suite's folder.

    Raises:
        DataError: It is neither.
    """
    place, colon, split = location.partition(":")
    if (colon and not split) or not place:
        raise DataError(
            f"'hf:{location}' is to be hf:OWNER/NAME:SPLIT, hf:OWNER/NAME/CONFIG:SPLIT or hf:./FOLDER:SPLIT"
        )
    if place.startswith((".", "/", "~")):
        return Location(suite / Path(place).expanduser(), (), split or None)
    if not _HUB.fullmatch(place):
        raise DataError(
            f"'hf:{location}': {place!r} is no name on the hub (OWNER/NAME or OWNER/NAME/CONFIG); a folder begins "
            "with ./ or /"
        )
    return Location(None, _names(place), split or None)


def _names(place: str) -> tuple[tuple[str, str | None], ...]:
    parts = place.split("/")
    if len(parts) == 3:
        return (("/".join(parts[:2]), parts[2]),)
    # Old datasets have no owner: of two parts the second may be a configuration.
    return ((place, None), (parts[0], parts[1])) if len(parts) == 2 else ((place, None),)
