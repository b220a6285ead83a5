"""One connection to Spark for all these tests: starting it takes ten seconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from schoolgate.gate.engines.spark import spark_session


@pytest.fixture(scope="package")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    found = spark_session("local[2]", tmp_path_factory.mktemp("scratch"))
    yield found
    found.stop()
    spark_session.cache_clear()
