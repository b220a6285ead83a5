"""One nation of three school years for the tests that look at how its children live."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.synthetic.reading import Seen, made, rows

YEARS = "AUT-2023 SPR-2024 SUM-2024 AUT-2024 SPR-2025 SUM-2025 AUT-2025 SPR-2026 SUM-2026"


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    """Every row of a nation of 40 schools in nine censuses, temporary UPNs shown as they are on census day."""
    place: Path = tmp_path_factory.mktemp("lived")
    return list(rows(made(place, YEARS, schools=40, pupils=4_500, seed=21, query_rate=1.0)))


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    """Every row of a nation of 150 schools, spring 2025: enough to see shares."""
    place: Path = tmp_path_factory.mktemp("large")
    return list(rows(made(place, "SPR-2025", schools=150, pupils=32_000, seed=8, query_rate=1.0)))
