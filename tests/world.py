"""A small world made of real rooms: six children in a lake, an agreement in force, a family's link."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa

from schoolgate import people, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.dictionary import lake_tables
from schoolgate.ids import Pmr, Term, upn_check_letter
from schoolgate.records.append import arrow_schema, load_term
from schoolgate.records.vault import NewIdentity, Vault
from tests.again import again
from tests.requests import road
from tests.requests.filled import filled

URN = 100008
OTHER_URN = 100009


def upn(serial: int) -> str:
    """A right UPN of the first school."""
    rest = f"2022019{18:02}{serial:03}" if serial < 0 else f"202201918{serial:03}"
    return upn_check_letter(rest) + rest


CHILDREN = tuple(
    NewIdentity(
        upn=upn(serial),
        surname=f"Canary{serial}synth",
        forename=f"Forename{serial}{'abcdef'[serial]}",  # a name is its letters: six children have six
        dob=f"2015-0{serial + 1}-11",
        sex="F" if serial % 2 else "M",
        postcode="ZZ9 9ZZ",
    )
    for serial in range(6)
)


def batch(table: str, rows: list[dict[str, Any]]) -> pa.RecordBatch:
    """Rows in a lake table's shape."""
    (shape,) = [t for t in lake_tables() if t.name == table]
    return pa.RecordBatch.from_pylist(rows, schema=arrow_schema(shape))


def load_children(config: Config, clock: FixedClock) -> list[Pmr]:
    """Six children, the last at another school, in the autumn census of 2026."""
    return again(("tests.world.children", clock.now()), lambda: _load(config, clock), config)


def _load(config: Config, clock: FixedClock) -> list[Pmr]:
    pmrs = Vault(config).allocate(CHILDREN)
    pupils = [
        {
            "pupil": p, "year": 2026, "term": "AUT", "la": "202", "urn": URN if p < 5 else OTHER_URN, "phase": "PS",
            "onroll": True, "recordstatus": 0, "sex": "F" if p % 2 else "M", "ethnicity": "WBRI" if p < 4 else "APKN",
            "age": 5 + p % 3, "ncyearactual": str(1 + p % 3), "fsmeligible": p == 0, "senprovision": "N",
            "sessionspossible": 120, "entrydate": date(2020, 9, 1), "return_id": "r", "return_row": p,
        }
        for p in pmrs
    ]  # fmt: skip
    absences = [
        {"pupil": p, "year": 2026, "term": "AUT", "urn": URN, "attendancereason": "I", "sessions": p, "return_row": p}
        for p in pmrs
        if p
    ]
    load_term(
        2026,
        Term.AUTUMN,
        [("census_pupil", batch("census_pupil", pupils)), ("census_absence", batch("census_absence", absences))],
        return_ids=["r"],
        config=config,
        clock=clock,
    )
    return pmrs


@dataclass(frozen=True)
class World:
    """What a test needs to know."""

    pmrs: list[Pmr]
    agreement: str
    person: str


ITEMS = (
    "census_pupil.sex",
    "census_pupil.ethnicity",
    "census_pupil.age",
    "census_pupil.urn",
    "census_absence.sessions",
)


def build(config: Config, clock: FixedClock, **changes: Any) -> World:
    """Load the children and take an application through to an agreement in force."""
    pmrs = load_children(config, clock)
    agreement, researcher = again(
        ("tests.world", clock.now(), repr(sorted(changes.items()))),
        lambda: _in_force(clock, changes),
    )
    return World(pmrs, agreement, researcher)


def _in_force(clock: FixedClock, changes: dict[str, Any]) -> tuple[str, str]:
    """An agreement in force and its researcher."""
    university = people.add_organisation("University of Example (synthetic)", "university")
    ministry = people.add_organisation(_MINISTRY, "custodian")
    until = date(2030, 1, 1)
    researcher = people.add_person(university.id, "researcher", accredited_until=until)
    for role in ("panel", "panel", "custodian"):
        people.add_person(ministry.id, role, accredited_until=until)
    agreement = _agreed(researcher.id, clock, changes)
    requests.ensure_built_in(clock)
    return agreement, researcher.id


def another(world: World, clock: FixedClock, **changes: Any) -> str:
    """One more agreement of the same researcher; its number."""
    return _agreed(world.person, clock, changes)


def _agreed(researcher: str, clock: FixedClock, changes: dict[str, Any]) -> str:
    staff = people.persons(people.find_organisation(_MINISTRY).id)
    panel = [one.id for one in staff if one.role == "panel"][:2]
    official = next(one.id for one in staff if one.role == "custodian")
    spec = replace(
        requests.read_application(requests.example("education-research")),
        organisation=people.person(researcher).organisation_id,
        people=(researcher,),
        items=ITEMS,
        years=((2024, 2027),),
        terms=(),
        valid_from=date(2026, 9, 1),
        valid_until=date(2028, 8, 31),
        **{"cohort": (), **changes},
    )
    application = requests.insist(requests.submit_application(filled(spec), researcher, clock))
    requests.insist(road.decide(application.id, True, ["It serves pupils."], [], panel, clock))
    return requests.insist(road.sign(application.id, official, clock)).id


_MINISTRY = "Ministry (synthetic)"
