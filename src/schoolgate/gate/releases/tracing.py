"""Which extract a leaked file came from: asked by the gate's own user, who alone has the keys of the marks."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from schoolgate.config import Config, gate_only
from schoolgate.errors import SchoolgateError
from schoolgate.gate.releases.canary import trace
from schoolgate.gate.releases.orders import marks


def trace_extract(path: Path, *, config: Config) -> tuple[str, ...]:
    """The extracts whose mark is in a file; empty: none, which does not show that it came from none.

    Raises:
        SchoolgateError: this is not the gate's process, or the file cannot be read.
    """
    if config.gate is not None:
        raise gate_only("reads the marks of extracts")
    try:
        with path.open("rb") as file:
            return trace(file, marks(config))
    except (OSError, pa.ArrowException):
        raise SchoolgateError(
            "The file cannot be read.", hint="CSV, Parquet, Arrow and any plain text can.", code="trace-unreadable"
        ) from None
