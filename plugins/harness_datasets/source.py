"""Rows of a Hugging Face dataset, with labels by their names.

{"text": "Great flight!", "label": 1, "tags": ["air"]}      and ClassLabel(names=["neg", "pos"])
number 1:  text "Great flight!"  label "pos"  tags '["air"]'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from harness import DataError, RawRow
from harness.errors import suggest
from harness_datasets.location import Location, read_location
from harness_datasets.quiet import quiet
from harness_datasets.values import as_text, named

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Protocol

    class Split(Iterable[Mapping[str, object]], Protocol):
        """What `Dataset` and `IterableDataset` have in common; the library ships no types."""

        features: Mapping[str, object] | None
        split: object

        def remove_columns(self, names: list[str]) -> Split: ...


# What a dataset saved with save_to_disk has in its folder, with one split and with several.
_SAVED, _SAVED_SPLITS = "state.json", "dataset_dict.json"
_MEDIA = ("Image", "Audio", "Video", "Pdf", "Nifti")


class HuggingFace:
    """Reads ``hf:…``: a folder streams, a dataset on the hub is kept by `datasets` in its cache.

    What is on the hub is fetched once, so that it can be read again without a network; a folder's own files are
    read where they are and no copy of them is made.
    """

    def reaches(self, location: str, folder: Path) -> str | None:
        """The hub's name of what is not in a folder here, kept copies too: finding them may ask the hub."""
        return None if read_location(location, folder).folder is not None else f"hf:{location}"

    def read(self, location: str, folder: Path, options: Mapping[str, str]) -> Iterator[RawRow]:
        """Yields the rows of one split.

        Args:
            location: As `location.py` shows.
            folder: The suite's.
            options: Not used: `datasets` tells encodings and formats itself.

        Raises:
            DataError: There is no such dataset or split, or it cannot be reached; says what to do.
        """
        place = read_location(location, folder)
        with quiet():
            split = _split(place, location)
        features = dict(split.features or {})
        media = [name for name, of in features.items() if type(of).__name__ in _MEDIA]
        if media:  # decoding them takes more libraries, and no text comes of it
            split = split.remove_columns(media)
        try:
            for number, row in enumerate(split, start=1):
                fields = {name: as_text(named(value, features.get(name))) for name, value in row.items()}
                yield RawRow(number=number, fields=fields)
        except (OSError, ValueError, RuntimeError) as error:
            raise DataError(f"'hf:{location}' cannot be read further: {_said(error)}") from error


def _split(place: Location, location: str) -> Split:
    found = _from_hub(place, location) if place.folder is None else _from_folder(place.folder, location)
    from datasets import Dataset, IterableDataset

    if isinstance(found, Dataset | IterableDataset):
        if place.split is None or place.split == str(found.split):
            return cast("Split", found)
        raise DataError(f"'hf:{location}': it has no splits; leave ':{place.split}' out")
    splits = cast("Mapping[str, Split]", found)
    if place.split is None and len(splits) == 1:
        return next(iter(splits.values()))
    if place.split is None:
        which = " or ".join(f"'hf:{location}:{name}'" for name in splits)
        raise DataError(
            f"'hf:{location}' has the splits {', '.join(splits)}: say which, {which}; another may stand under "
            "`splits:`, as in `test: ...`"
        )
    if place.split not in splits:
        raise DataError(f"'hf:{location}' has no split {place.split!r}; {suggest(place.split, splits)}")
    return splits[place.split]


def _from_folder(folder: Path, location: str) -> object:
    if folder.is_file():
        raise DataError(f"'hf:{location}' is a file: leave 'hf:' out, or name the folder")
    if not folder.is_dir():
        raise DataError(f"'hf:{location}': there is no folder {str(folder)!r}")
    import datasets

    try:
        if (folder / _SAVED).is_file() or (folder / _SAVED_SPLITS).is_file():
            return datasets.load_from_disk(str(folder))
        return datasets.load_dataset(str(folder.resolve()), streaming=True)
    except Exception as error:  # the library raises whatever its readers do
        raise DataError(
            f"'hf:{location}' is neither a dataset saved with save_to_disk nor a folder of data files that "
            f"`datasets` can read: {_said(error)}"
        ) from error


def _from_hub(place: Location, location: str) -> object:
    import datasets

    missing: Exception | None = None
    for name, config in place.names:
        try:
            return datasets.load_dataset(name, config)
        except datasets.exceptions.DatasetNotFoundError as error:
            missing = missing or error
        except (ConnectionError, TimeoutError) as error:
            raise DataError(
                f"'hf:{location}' is not in the cache, and the hub cannot be reached: {_said(error)}. With a "
                "network it is fetched once; or save it in a folder with save_to_disk and write hf:./FOLDER"
            ) from error
        except Exception as error:  # no such configuration, a gated dataset, one that needs a script, …
            raise DataError(f"'hf:{location}' cannot be had from the hub: {_said(error)}") from error
    raise DataError(
        f"'hf:{location}' is not on the hub, or not open to you: {_said(missing)}. A private or gated one needs "
        "`hf auth login`; a folder begins with ./ or /"
    ) from missing


def _said(error: Exception | None) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]:.300}" if lines else type(error).__name__
