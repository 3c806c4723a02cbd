"""Reads the rows behind a `path`, whatever it is: a file, several, a file in a package, a plugin's source.

rows = read_rows("reviews.csv", folder, registry_sources, {"encoding": "cp1252"})
for row in rows: ...      # streams
rows.undecodable          # bytes shown as U+FFFD so far
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.data.compressed import inner_name
from harness.data.decoding import Opened, Tally
from harness.data.delimited import read_csv, read_tsv
from harness.data.jsons import read_json, read_jsonl
from harness.data.parquet import read_parquet
from harness.data.places import is_pattern, locate, matching
from harness.data.severalfiles import SeveralFiles
from harness.data.workbook import read_workbook
from harness.errors import DataError, HarnessError, PluginError, did_you_mean
from harness.source import RawRow, Source
from harness.suite import Data, TableSpec


@dataclass(frozen=True)
class _Format:
    """How a kind of file is read.

    Attributes:
        read: Opened to rows.
        unit: What a row's number counts.
        columns_in_rows: Whether each row names its own columns, so that one may lack what another has.
    """

    read: Callable[[Opened], Iterator[RawRow]]
    unit: str
    columns_in_rows: bool = False


_FORMATS = {
    "csv": _Format(read_csv, "line"),
    "tsv": _Format(read_tsv, "line"),
    "json": _Format(read_json, "item", columns_in_rows=True),
    "jsonl": _Format(read_jsonl, "line", columns_in_rows=True),
    "parquet": _Format(read_parquet, "row"),
    "xlsx": _Format(read_workbook, "row"),
}
_WORKBOOKS = (".xlsm", ".xlsb", ".xls", ".ods")
_EXTENSIONS = {
    **{f".{name}": name for name in _FORMATS},
    ".ndjson": "jsonl",
    ".pq": "parquet",
    **dict.fromkeys(_WORKBOOKS, "xlsx"),
}


@dataclass(frozen=True)
class Rows:
    """The rows of one place. Each iteration reads it anew.

    Attributes:
        name: What messages call it: the file's name, the pattern of several, or a plugin's whole path.
        unit: What a row's number counts: line, item or row.
        encoding: What its bytes were read as.
    """

    name: str
    unit: str
    encoding: str
    _read: Callable[[], Iterator[RawRow]]
    _tally: Tally = field(default_factory=Tally)
    _place: Callable[[int], str] | None = None

    def __iter__(self) -> Iterator[RawRow]:
        self._tally.undecodable = 0
        row = None
        try:
            for row in self._read():
                yield row
        except OSError as error:
            raise DataError(f"{self.name} cannot be read: {error}") from error
        if row is None:
            raise DataError(f"{self.name} has no rows")

    @property
    def undecodable(self) -> int:
        """Bytes that were not the encoding's, so far; a plugin's source does not say."""
        return self._tally.undecodable

    def place(self, number: int) -> str:
        """Where a row stands, such as ``reviews.csv line 4``; of several files, once it was read."""
        if self._place is not None:
            return self._place(number)
        return f"{self.name} {self.unit} {number}"


def read_rows(path: str, folder: Path, registry_sources: Mapping[str, Source], options: Mapping[str, str]) -> Rows:
    """Finds what a suite's `path` names, to be read row by row.

    Args:
        path: Relative to `folder`, also with ``*`` for several files; ``PACKAGE:FILE``; or ``SOURCE:…`` of a
            registered source, which wins.
        folder: The suite's.
        registry_sources: What plugins registered, by name.
        options: `format`, `encoding`, `delimiter` and `sheet`, where they are given.

    Returns:
        The rows; what is wrong inside the file is raised when it is reached.

    Raises:
        DataError: Nothing is there, or its format cannot be told. `where` is the option that is wrong
            (`format`, `encoding`, `delimiter`), None for the path itself.
    """
    name, colon, location = path.partition(":")
    if colon and name in registry_sources:
        source = registry_sources[name]
        return Rows(
            path,
            "row",
            options.get("encoding", "utf-8"),
            lambda: _of_plugin(source, location, folder, path, options),
        )
    try:
        if is_pattern(path, folder):
            return _of_files(path, folder, options)
        file = locate(path, folder, registry_sources)
        return _of_file(file, file.name, options, Tally())
    except OSError as error:  # a name too long, a folder that may not be listed
        raise DataError(f"{path!r} cannot be looked for: {error}") from error


def format_of(file: Path, given: str | None = None) -> str | None:
    """The name of the format that a file is read as: the one given, or what its name says; None for neither."""
    return given or _EXTENSIONS.get(Path(inner_name(file)).suffix.lower())


def options_of(spec: Data | TableSpec) -> dict[str, str]:
    """The reading options that a suite gives."""
    given = {"format": spec.format, "encoding": spec.encoding, "delimiter": spec.delimiter, "sheet": spec.sheet}
    return {name: value for name, value in given.items() if value is not None}


def _of_file(file: Path, name: str, options: Mapping[str, str], tally: Tally) -> Rows:
    chosen = _format(file, options.get("format"))
    encoding, delimiter = options.get("encoding", "utf-8"), options.get("delimiter")
    opened = Opened(file, name, encoding, delimiter, tally, options.get("sheet"))
    return Rows(name, chosen.unit, encoding, lambda: chosen.read(opened), tally)


def _of_files(pattern: str, folder: Path, options: Mapping[str, str]) -> Rows:
    tally = Tally()
    each, loose = [], set()
    for place in matching(pattern, folder):
        each.append(_of_file(place.file, place.name, options, tally))
        if _format(place.file, options.get("format")).columns_in_rows:
            loose.add(place.name)
    several = SeveralFiles(tuple((rows.name, rows.unit, rows._read) for rows in each), frozenset(loose))
    return Rows(pattern, "row", options.get("encoding", "utf-8"), several.read, tally, several.place)


def _format(file: Path, given: str | None) -> _Format:
    name = format_of(file, given)
    if name in _FORMATS:
        return _FORMATS[name]
    known = ", ".join(_FORMATS)
    if given:
        raise DataError(f"no format {given!r}; there are: {known}.{did_you_mean(given, _FORMATS)}", where="format")
    raise DataError(
        f"the name of {file.name!r} does not say its format: with `format:` say which of {known} it is, "
        "or save it as one of them",
        where="format",
    )


def _of_plugin(
    source: Source, location: str, folder: Path, path: str, options: Mapping[str, str]
) -> Iterator[RawRow]:
    try:
        for row in source.read(location, folder, options):
            if not isinstance(row, RawRow):
                raise PluginError(f"the source of {path!r} gave {row!r:.80}, which is not a harness.RawRow")
            yield row
    except HarnessError as error:
        if error.where:
            raise type(error)(f"{error.where}: {error.message}") from error
        raise
    except Exception as error:
        raise PluginError(f"the source of {path!r} raised {error!r}") from error
