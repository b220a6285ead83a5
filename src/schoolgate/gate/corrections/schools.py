"""What a school puts right in its own system: a Common Transfer File, and a table of what that file does not carry.

The school is the source: until its return says the new value itself, the correction is laid over it anew at every load.
CTF is its own format (DfE, "Common transfer file: CTF 25 specification"); a file that holds some items alone is
"partial". It carries a pupil's identity, ethnic background, first language and year group here; of the items it carries
with dates of their own (special needs, free meals) the census has none to give, so these stand in the table.
"""

from __future__ import annotations

import csv
import io
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as Xml

from schoolgate import consent, declining
from schoolgate.cells import harmless
from schoolgate.clock import Clock, custodians_day
from schoolgate.config import Config, gate_only
from schoolgate.dictionary import Establishment, establishment, identity_items, lake_items
from schoolgate.errors import Refusal
from schoolgate.gate import subject
from schoolgate.gate.corrections.history import opened
from schoolgate.gate.corrections.models import CORRECTED, Correction
from schoolgate.gate.corrections.rows import rows_of
from schoolgate.gate.corrections.tokens import IDENTITY
from schoolgate.gate.corrections.views import SchoolFiles
from schoolgate.ids import Pmr, Term, Urn
from schoolgate.records.amend import kept
from schoolgate.records.read import current_snapshot
from schoolgate.records.vault import Identity, Vault

CTF_VERSION = "25.0"

_CENSUS = "census_pupil"
_IN_CTF = frozenset(
    {
        *(f"{IDENTITY}.{name}" for name in ("surname", "forename", "middle_names", "preferred_surname", "dob", "sex")),
        "census_pupil.sex",
        "census_pupil.ethnicity",
        "census_pupil.language",
        "census_pupil.ncyearactual",
    }
)


@dataclass(frozen=True, slots=True)
class ForSchool:
    """One value that a school still sends wrongly.

    Attributes:
        census: in words; empty for an identity.
    """

    pupil: Pmr = field(repr=False)
    item: str
    census: str
    at: tuple[int, int]
    old: str = field(repr=False)
    new: str = field(repr=False)


def on_roll(pupils: set[int], urn: Urn, config: Config) -> set[int]:
    """Those of some pupils who are on this school's roll in their latest census."""
    found = rows_of(pupils, [_CENSUS], current_snapshot(config), config)[_CENSUS]
    at: set[int] = set()
    for pupil, rows in found.items():
        latest = max((int(row["year"]), Term(str(row["term"])).order) for row in rows)
        last = [row for row in rows if (int(row["year"]), Term(str(row["term"])).order) == latest]
        if any(row["onroll"] and row["urn"] == int(urn) for row in last):
            at.add(int(pupil))
    return at


def _still_wrong(urn: Urn, config: Config) -> list[ForSchool]:
    """What this school still sends wrongly of its pupils, a shielded child's left out: that it is there tells where.

    What a family declined is left out as well: what to send of it is in a list of its own (`erasing.schools`).
    """
    shielded = frozenset(int(pupil) for pupil in consent.shielded_pupils())
    rows = [row for row in Correction.objects.filter(kind=CORRECTED).order_by("pk") if row.pupil not in shielded]
    named = [row for row in rows if row.item.startswith(f"{IDENTITY}.")]
    here = on_roll({row.pupil for row in named}, urn, config) if named else set()
    lake = [row for row in rows if not row.item.startswith(f"{IDENTITY}.")]
    laid = {one.name: one for one in kept(names=[row.correction_id for row in lake]) if one.came_of_it == "laid"}
    declined = declining.in_force(
        (one.pupil, row.item) for row in lake if (one := laid.get(row.correction_id)) and one.pupil is not None
    )
    found: list[ForSchool] = []
    for row in named:
        if row.pupil in here:
            held = opened(row, config)
            found.append(ForSchool(Pmr(row.pupil), row.item, "", (9999, 0), held["old"], held["new"]))
    for row in lake:
        one = laid.get(row.correction_id)
        if one is None or one.pupil is None or int(one.pupil) in shielded or (one.pupil, row.item) in declined:
            continue
        held = opened(row, config)
        if held["row"].get("urn") == str(int(urn)):
            point = (row.year or 0, Term(row.term).order)
            census = f"{Term(row.term).label} {row.year}"
            found.append(ForSchool(one.pupil, row.item, census, point, held["old"], held["new"]))
    return found


def _pupil(parent: Xml.Element, who: Identity, wanted: Mapping[str, str]) -> None:
    """One pupil: who it is, as put right, and the items put right."""
    element = Xml.SubElement(parent, "Pupil")

    def add(to: Xml.Element, name: str, value: str) -> None:
        if value:
            Xml.SubElement(to, name).text = value

    add(element, "UPN", who.upn)
    add(element, "Surname", who.surname)
    add(element, "Forename", who.forename)
    add(element, "DOB", who.dob)
    add(element, "Sex", wanted.get("census_pupil.sex", who.sex))
    add(element, "MiddleNames", wanted.get("identity.middle_names", ""))
    add(element, "PreferredSurname", wanted.get("identity.preferred_surname", ""))
    basic = Xml.Element("BasicDetails")
    add(basic, "Ethnicity", wanted.get("census_pupil.ethnicity", ""))
    if wanted.get("census_pupil.language"):
        language = Xml.SubElement(Xml.SubElement(basic, "Languages"), "Type")
        add(language, "LanguageType", "F")
        add(language, "Language", wanted["census_pupil.language"])
    add(basic, "NCyearActual", wanted.get("census_pupil.ncyearactual", ""))
    if len(basic):
        element.append(basic)


def _ctf(
    school: Establishment, people: Mapping[Pmr, Identity], values: Mapping[Pmr, Mapping[str, str]], clock: Clock
) -> str:
    root = Xml.Element("CTfile")
    header = Xml.SubElement(root, "Header")
    authority, number = str(school.laestab)[:3], str(school.laestab)[3:]
    today = custodians_day(clock)
    for name, text in (
        ("DocumentName", "Common Transfer File"),
        ("CTFversion", CTF_VERSION),
        ("DateTime", clock.now().strftime("%Y-%m-%dT%H:%M:%S")),
        ("DocumentQualifier", "partial"),
        ("DataDescriptor", "Values that were put right in the national pupil database"),
        ("SupplierID", "schoolgate"),
    ):
        Xml.SubElement(header, name).text = text
    # The sender is no school: the letters for one that is not known, and its own name, as the department's service for
    # schools does it (DFE-Digital/get-information-about-pupils, `CtfHeaderBuilder`, `XmlCtfFormatter`).
    source = Xml.SubElement(header, "SourceSchool")
    Xml.SubElement(source, "LEA").text = "XXX"
    Xml.SubElement(source, "Estab").text = "XXXX"
    Xml.SubElement(source, "SchoolName").text = "National pupil database"
    Xml.SubElement(source, "AcademicYear").text = str(today.year if today.month >= 9 else today.year - 1)
    goes_to = Xml.SubElement(header, "DestSchool")
    Xml.SubElement(goes_to, "LEA").text = authority
    Xml.SubElement(goes_to, "Estab").text = number
    data = Xml.SubElement(root, "CTFpupilData")
    for pupil, who in sorted(people.items(), key=lambda one: one[1].upn):
        if values.get(pupil):
            _pupil(data, who, values[pupil])
    Xml.indent(root)
    made: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return made.decode()


def _table(wrong: Sequence[ForSchool], people: Mapping[Pmr, Identity]) -> str:
    words = {item.id: item.name for item in (*lake_items(), *identity_items())}
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(["upn", "item", "in_words", "census", "value_now", "right_value", "in_ctf"])
    lines = [
        (people[one.pupil].upn, one.item, words.get(one.item, ""), one.census, one.old, one.new, _carried(one.item))
        for one in wrong
    ]
    for line in sorted(lines):
        table.writerow([harmless(cell) for cell in line])
    return out.getvalue()


def _carried(item: str) -> str:
    return "yes" if item in _IN_CTF else "no"


def school_files(urn: Urn, actor: str, *, config: Config, clock: Clock) -> SchoolFiles | Refusal:
    """What one school is to put right in its own system. Each pupil in it is looked at, and its family can see so.

    Args:
        urn: the school.
        actor: who asks, e.g. ``school:100008``.
        config: the installation.
        clock: the time.
    """
    if config.gate is not None:
        raise gate_only("gives schools what to put right")
    school = establishment(int(urn))
    if school is None:
        return Refusal("school-unknown", "There is no school of this number.", remedy="Check the URN.")
    wrong = _still_wrong(urn, config)
    people = Vault(config).identities({one.pupil for one in wrong})
    wrong = [one for one in wrong if one.pupil in people]
    looked: dict[Pmr, set[str]] = defaultdict(set)
    values: dict[Pmr, dict[str, str]] = defaultdict(dict)
    # Of several terms the latest counts: a school's system holds one value, today's.
    for one in sorted(wrong, key=lambda one: one.at):
        looked[one.pupil] |= {one.item, "identity.upn"}
        if one.item in _IN_CTF:
            values[one.pupil][one.item] = one.new
            looked[one.pupil] |= {f"identity.{name}" for name in ("surname", "forename", "dob", "sex")}
    for pupil, items in sorted(looked.items()):
        subject.look(pupil, tuple(sorted(items)), actor, config=config, clock=clock, entropy=os.urandom)
    number = str(school.laestab)
    name = f"XXXXXXX_CTF_{number}_001.xml"
    ctf = _ctf(school, people, values, clock) if values else ""
    return SchoolFiles(name, ctf, _table(wrong, people), len(people))
