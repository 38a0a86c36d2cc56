"""Writes rows as Parquet with pyarrow, which the extra `tunemeld[dumps]` brings: it takes 170 MB, and most installations make no dumps."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunemeld_pipeline.dumps.tables import Column, Row
from tunemeld_pipeline.errors import DumpError

if TYPE_CHECKING:
    import pyarrow

BATCH = 65_536
"""Rows of one row group: so many are in memory at once."""


def write_parquet(path: Path, columns: Sequence[Column], rows: Iterator[Row]) -> int:
    """Writes the rows, and returns how many there were; without rows no file is made.

    Raises:
        DumpError: pyarrow is not installed.
        OSError: the file cannot be written.
    """
    arrow, writer_of = _library()
    schema = arrow.schema(
        [arrow.field(one.name, _type(arrow, one.kind), metadata={"description": one.description}) for one in columns]
    )
    batch = list(islice(rows, BATCH))
    if not batch:
        return 0
    count = 0
    with writer_of(path, schema, compression="zstd") as writer:
        while batch:
            arrays = [
                arrow.array(values, field.type) for values, field in zip(zip(*batch, strict=True), schema, strict=True)
            ]
            writer.write_batch(arrow.record_batch(arrays, schema=schema))
            count += len(batch)
            batch = list(islice(rows, BATCH))
    return count


def _library() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow.parquet import ParquetWriter
    except ImportError as error:
        raise DumpError("pyarrow is not installed, which writes Parquet; pip install 'tunemeld[dumps]'") from error
    return pyarrow, ParquetWriter


def _type(arrow: Any, kind: str) -> "pyarrow.DataType":
    types = {
        "string": arrow.string(),
        "int16": arrow.int16(),
        "int64": arrow.int64(),
        "date32[day]": arrow.date32(),
        "timestamp[ms, tz=UTC]": arrow.timestamp("ms", tz="UTC"),
    }
    return types[kind]
