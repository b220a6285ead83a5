"""The files a result leaves as. The gate writes them itself: their digests go into the receipt and the log."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from schoolgate.errors import SchoolgateError
from schoolgate.gate.writing import write_stream

FORMATS = (".csv", ".parquet", ".arrow")


@dataclass(frozen=True, slots=True)
class AsFile:
    """A `Render` that can be asked for over the socket: one file, in the format its name ends with.

    Raises:
        SchoolgateError: the name is a path, too long, or ends with no format that is known.
    """

    name: str

    def __post_init__(self) -> None:
        plain = self.name.isprintable() and len(self.name) <= 200 and not set(self.name) & {"/", "\\"}
        if not plain or not self.name.endswith(FORMATS):
            raise SchoolgateError(
                "The result is written as .csv, .parquet or .arrow.", hint="Give it such a name.", code="out-format"
            )

    def __call__(self, result: pa.Table) -> Mapping[str, bytes]:
        """The result as this file."""
        held = io.BytesIO()
        if self.name.endswith(".parquet"):
            pq.write_table(result, held)
        elif self.name.endswith(".csv"):
            pa_csv.write_csv(result, held)
        else:
            write_stream(result, held)
        return {self.name: held.getvalue()}
