"""What the custodian does with personal data beside the census and the agreements: the rest of its record. Pure.

From ``data/own.toml``, which names every table of the database, so that a new one cannot be left out of the record.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from schoolgate.oversight.processing import Activity, Category

_AT_HOME = "In the United Kingdom; nothing is transferred."


@dataclass(frozen=True, slots=True)
class Controller:
    """Who answers, and how they are reached (UK GDPR Article 30(1)(a)).

    Attributes:
        officer: the data protection officer, with an address.
        representative: of a controller abroad, or why none is needed.
    """

    names: tuple[str, ...]
    address: str
    email: str
    officer: str
    representative: str


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "data" / "own.toml").read_text(encoding="utf-8"))


def controller(names: tuple[str, ...]) -> Controller:
    """The custodian with its addresses."""
    return Controller(names, **_data()["controller"])


def own_activities(controllers: tuple[str, ...]) -> tuple[Activity, ...]:
    """The custodian's other activities. What ran is not counted for them: no agreement is behind them."""
    return tuple(
        Activity(
            id=one["id"],
            state="active",
            controllers=controllers,
            purposes=tuple(one["purposes"]),
            people=tuple(one["people"]),
            categories=tuple(Category("", name) for name in one["categories"]),
            recipients=tuple(one["recipients"]),
            transfers=tuple(one.get("transfers", (_AT_HOME,))),
            time_limits=tuple(one["limits"]),
            security=tuple(one["security"]),
            is_counted=False,
        )
        for one in _data()["activity"]
    )


def tables() -> tuple[str, ...]:
    """Every table that the record tells of, or says is nobody's; one that stands twice is here twice."""
    data = _data()
    parts = (data["collection"], data["nobody"], *data["activity"])
    return tuple(name for part in parts for name in part["tables"])
