"""A school is given what to put right in its own format, and its pupils' families can see that it looked."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree as Xml

import pytest

from schoolgate import consent, gate
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.dictionary import establishment
from schoolgate.errors import Refusal
from schoolgate.ids import Urn
from tests.corrections import scene as scenes
from tests.corrections.scene import made
from tests.world import CHILDREN, OTHER_URN, URN

pytestmark = pytest.mark.django_db(transaction=True)


def files(world: scenes.Scene, urn: int = URN) -> gate.SchoolFiles:
    found = gate.school_files(Urn(urn), f"school:{urn}", config=world.config, clock=world.clock)
    assert isinstance(found, gate.SchoolFiles), found
    return found


def test_a_school_gets_a_partial_ctf_of_its_own_pupils_and_a_table_of_the_rest(home: Config, clock: FixedClock) -> None:
    world = scenes.begin(home, clock)
    assert files(world).pupils == 0
    made(world.correct(0, "census_pupil.ethnicity", "WIRI"))
    made(world.correct(0, "census_pupil.senprovision", "K"))
    made(world.correct(1, "identity.surname", "=Right&<synth"))
    made(world.correct(2, "census_absence.sessions", "1"))
    made(world.correct(5, "census_pupil.ethnicity", "WIRI"))  # at another school
    made(world.correct(3, "census_pupil.ethnicity", "WIRI"))
    consent.shield(world.world.pmrs[3], actor=world.official(), clock=world.clock)
    found = files(world)
    assert found.ctf_name == f"XXXXXXX_CTF_{establishment(URN).laestab}_001.xml"  # type: ignore[union-attr]
    root = Xml.fromstring(found.ctf)
    assert root.tag == "CTfile"
    assert root.findtext("Header/DocumentQualifier") == "partial"
    assert root.findtext("Header/DestSchool/LEA") == "202"
    assert [one.tag for one in root] == ["Header", "CTFpupilData"]
    # In the order in which the department's own service writes a partial CTF 25, and with its letters for a sender that
    # is no school: DFE-Digital/get-information-about-pupils, `CtfHeaderBuilder` and `XmlCtfFormatter`.
    header = root.find("Header")
    assert header is not None
    assert [one.tag for one in header] == [
        "DocumentName", "CTFversion", "DateTime", "DocumentQualifier", "DataDescriptor", "SupplierID", "SourceSchool",
        "DestSchool",
    ]  # fmt: skip
    source = [(one.tag, one.text) for one in header.iterfind("SourceSchool/*")]
    assert source[:2] == [("LEA", "XXX"), ("Estab", "XXXX")]
    assert [tag for tag, _ in source] == ["LEA", "Estab", "SchoolName", "AcademicYear"]
    assert [one.tag for one in header.iterfind("DestSchool/*")] == ["LEA", "Estab"]
    pupils = {one.findtext("UPN"): one for one in root.findall("CTFpupilData/Pupil")}
    assert all(
        [one.tag for one in each][:5] == ["UPN", "Surname", "Forename", "DOB", "Sex"] for each in pupils.values()
    )
    assert set(pupils) == {CHILDREN[0].upn, CHILDREN[1].upn}
    assert pupils[CHILDREN[0].upn].findtext("BasicDetails/Ethnicity") == "WIRI"
    assert pupils[CHILDREN[1].upn].findtext("Surname") == "=Right&<synth"
    assert pupils[CHILDREN[1].upn].find("BasicDetails") is None
    rows = list(csv.DictReader(io.StringIO(found.table)))
    assert {(row["upn"], row["item"], row["value_now"], row["right_value"], row["in_ctf"]) for row in rows} == {
        (CHILDREN[0].upn, "census_pupil.ethnicity", "WBRI", "WIRI", "yes"),
        (CHILDREN[0].upn, "census_pupil.senprovision", "N", "K", "no"),
        (CHILDREN[1].upn, "identity.surname", "Canary1synth", "'=Right&<synth", "yes"),
        (CHILDREN[2].upn, "census_absence.sessions", "2", "1", "no"),
    }
    assert CHILDREN[3].upn not in found.table, "that a shielded child is at this school is told to nobody"
    # A spreadsheet computes nothing of it; and each look is in the child's own answer.
    looked = [one.looked for one in gate.exposures_of(world.world.pmrs[0], config=home) if one.looked]
    assert f"school:{URN}" in looked
    assert f"school:{URN}" not in [one.looked for one in gate.exposures_of(world.world.pmrs[5], config=home)]
    other = files(world, OTHER_URN)
    assert [row["upn"] for row in csv.DictReader(io.StringIO(other.table))] == [CHILDREN[5].upn]
    nowhere = gate.school_files(Urn(999999), "school:999999", config=home, clock=clock)
    assert isinstance(nowhere, Refusal)
    assert nowhere.code == "school-unknown"
