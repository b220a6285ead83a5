"""The lake's Iceberg tables, shaped by the dictionary."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import (
    BooleanType,
    DateType,
    DecimalType,
    IcebergType,
    IntegerType,
    NestedField,
    StringType,
    TimestamptzType,
)

from schoolgate.config import Config
from schoolgate.dictionary import LakeTable, lake_tables
from schoolgate.records.moved import moved_from, named_root

NAMESPACE = "lake"

_ICEBERG: dict[str, IcebergType] = {
    "int": IntegerType(),
    "string": StringType(),
    "date": DateType(),
    "decimal": DecimalType(6, 2),
    "bool": BooleanType(),
    "timestamp": TimestamptzType(),
}
_ARROW: dict[str, pa.DataType] = {
    "int": pa.int32(),
    "string": pa.string(),
    "date": pa.date32(),
    "decimal": pa.decimal128(6, 2),
    "bool": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


@contextmanager
def catalogue(config: Config) -> Iterator[SqlCatalog]:
    """The installation's Iceberg catalogue, its namespace made on first use; its connections end with the block.

    Each catalogue has a pool of its own, which would keep connections open until it is collected: a site that
    stays up for weeks would use up the database server's.
    """
    config.lake.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Installations that share a database server keep apart by where their lake lies: Iceberg's metadata names
    # absolute paths, so a lake and its catalogue belong together, under the name of the place it was made in.
    named = named_root(config.lake)
    name = f"schoolgate-{hashlib.sha256(str(named).encode()).hexdigest()[:12]}"
    found = SqlCatalog(name, uri=config.sqlalchemy_url(), warehouse=f"file://{named}", **moved_from(named, config.lake))
    try:
        found.create_namespace_if_not_exists(NAMESPACE)
        yield found
    finally:
        found.close()


def arrow_schema(table: LakeTable) -> pa.Schema:
    """The Arrow schema of a lake table's facts."""
    return pa.schema([(column.name, _ARROW[column.type]) for column in table.columns])


def open_table(found: SqlCatalog, table: LakeTable) -> Table:
    """A lake table, created in the dictionary's shape when it does not exist yet."""
    name = f"{NAMESPACE}.{table.name}"
    try:
        return found.load_table(name)
    except NoSuchTableError:
        fields = [
            NestedField(number, column.name, _ICEBERG[column.type], required=False)
            for number, column in enumerate(table.columns, start=1)
        ]
        by_name = {field.name: field.field_id for field in fields}
        spec = PartitionSpec(
            PartitionField(by_name["year"], 1000, IdentityTransform(), "year"),
            PartitionField(by_name["term"], 1001, IdentityTransform(), "term"),
        )
        return found.create_table(name, Schema(*fields), partition_spec=spec)


def tables() -> tuple[LakeTable, ...]:
    """The lake's tables, as the dictionary names them."""
    return lake_tables()
