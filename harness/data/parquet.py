"""Rows of a Parquet file, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from harness.data.decoding import Opened
from harness.data.jsons import as_text
from harness.errors import DataError
from harness.source import RawRow

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH_ROWS = 4096


def read_parquet(file: Opened) -> Iterator[RawRow]:
    """Reads row after row; lists and structs become their JSON, dates and decimals their text.

    Raises:
        DataError: It is not a Parquet file, or a damaged one.
    """
    # Half a second to import, which only those who read Parquet wait for.
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(_source(file)) as table:
            for batch in table.iter_batches(batch_size=_BATCH_ROWS):
                names = batch.schema.names
                columns = [_values(file, column) for column in batch.columns]
                for cells in zip(*columns, strict=True):
                    number += 1
                    yield RawRow.model_construct(number=number, fields=dict(zip(names, cells, strict=True)))
    except pa.ArrowException as error:
        raise DataError(f"{file.name} cannot be read as Parquet: {error}") from error


def _source(file: Opened) -> Path | BytesIO:
    """The file itself, which is read piece by piece, or all of it where it is packed."""
    with file.path.open("rb") as probe:
        unpacked = probe.read(4) in (b"PAR1", b"PARE")
    return file.path if unpacked else file.whole()


def _values(file: Opened, column: pa.Array) -> Sequence[str]:
    import pyarrow as pa

    try:
        return [_text(file, value) for value in column.to_pylist()]
    except UnicodeDecodeError:  # Arrow does not check that what is declared as text is UTF-8
        return [_text(file, value) for value in column.cast(pa.large_binary()).to_pylist()]


def _text(file: Opened, value: object) -> str:
    if isinstance(value, bytes):
        return file.bytes_as_text(value)
    if value is None or isinstance(value, str | int | float | bool):
        return as_text(file, value)
    try:
        return as_text(file, value)
    except TypeError:
        return str(value)
