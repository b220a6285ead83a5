"""A return is read as it streams in; hostile files are refused in plain words and nothing of them is kept."""

from __future__ import annotations

import io

import pytest

from schoolgate.collect import ReturnUnreadable, read_return
from tests.collect.paper import paper, pupil

DTD = "<!DOCTYPE Message [<!ENTITY a 'aaaaaaaaaa'>]>"
BOMB = "<!DOCTYPE m [<!ENTITY a 'x'>" + "".join(
    f"<!ENTITY a{i} '{f'&a{i - 1 if i else chr(32)};'.replace(' ', '') * 10}'>" for i in range(1, 9)
) + "]>"  # fmt: skip
EXTERNAL = "<!DOCTYPE m SYSTEM 'file:///etc/passwd'>"

HOSTILE = {
    "billion laughs": paper(head=BOMB),
    "entity": paper(head=DTD),
    "external DTD": paper(head=EXTERNAL),
    "DTD after much white space": paper(head=" " * 70_000 + DTD),
    "undefined entity": paper(pupil(Surname="&canary;")),
    "processing instruction": paper(pupil(extra="<?php canary ?>")),
    "too deep": paper(pupil(extra="<a>" * 20 + "</a>" * 20)),
    "endless text": paper(pupil(Surname="x" * 5000)),
    "many attributes": paper(pupil(extra="<a " + " ".join(f"b{i}='1'" for i in range(9)) + "/>")),
    "cut off": paper()[:-40],
    "wrong root": b"<?xml version='1.0'?><CTfile/>",
    "UTF-16": paper().decode().encode("utf-16"),
    "NUL bytes": b"<Message>\x00</Message>",
    "zip": b"PK\x03\x04rest",
    "empty": b"",
    "text": b"hello",
    "not this census": paper(Collection="SWF"),
    "no term": paper(Term="WINTER"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_or_wrong_file_is_refused_in_plain_words(name: str) -> None:
    with pytest.raises(ReturnUnreadable) as raised:
        list(read_return(io.BytesIO(HOSTILE[name]))[1])
    assert "canary" not in str(raised.value).lower()
    assert raised.value.__cause__ is None


def test_every_module_of_a_pupil_becomes_fields_under_the_census_tables_names() -> None:
    extra = (
        "<FSMperiods><FSMperiod><FSMstartDate>2024-01-01</FSMstartDate><UKcountry>ENG</UKcountry></FSMperiod></FSMperiods>"
        "<Attendance><TermlyAttendance><SessionsPossible>120</SessionsPossible><SessionDetails><SessionDetail>"
        "<AttendanceReason>I</AttendanceReason><AbsenceSessions>4</AbsenceSessions></SessionDetail></SessionDetails>"
        "</TermlyAttendance></Attendance><TermlyExclusions><TermlyExclusion><Category>SUSP</Category></TermlyExclusion>"
        "</TermlyExclusions><SpecialEducationalNeeds><SENneeds><SENneed><SENtypeRank>1</SENtypeRank>"
        "<SENtype>ASD</SENtype></SENneed></SENneeds></SpecialEducationalNeeds>"
        "<HomeInformation><Addresses><Address><PostCode>ZZ1 1ZZ</PostCode></Address></Addresses></HomeInformation>"
    )
    header, rows = read_return(io.BytesIO(paper(pupil(extra=extra), gone=pupil(on_roll=False))))
    first, second = list(rows)
    assert (header.urn, header.laestab, header.phase) == ("100008", "2022019", "PS")
    assert first.fields["upn"] == "P207000016049"
    assert first.fields["termlysessionspossible"] == "120"
    assert first.sessions == ({"attendancereason": "I", "sessions": "4"},)
    assert first.fsm_periods[0]["ukcountry"] == "ENG"
    assert first.sen_needs[0]["sentype"] == "ASD"
    assert first.exclusions[0]["category"] == "SUSP"
    assert first.addresses[0]["postcode"] == "ZZ1 1ZZ"
    assert (first.on_roll, second.on_roll, second.row) == (True, False, 2)


def test_a_pupils_row_shows_nothing_of_the_child_when_printed() -> None:
    _, rows = read_return(io.BytesIO(paper()))
    assert "Canary" not in repr(next(rows))
