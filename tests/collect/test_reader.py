"""A return is read as it streams in, by the shape that data/shape.md describes."""

from __future__ import annotations

import io
import re
from pathlib import Path

import schoolgate.collect
from schoolgate.collect import read_return
from schoolgate.collect.elements import ATTENDANCE, HEADER, LISTS, MODULES, PLAIN, SCHOOL, SESSION_COLUMNS
from tests.collect.paper import paper, pupil


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


def test_attendance_of_each_kind_placements_and_aims_come_apart() -> None:
    extra = (
        "<Attendance><TermlyAttendance><SessionsPossible>100</SessionsPossible></TermlyAttendance>"
        "<SummerHalfTerm2Attendance><SessionsPossible>40</SessionsPossible><SessionDetails><SessionDetail>"
        "<AttendanceReason>I</AttendanceReason><AbsenceSessions>2</AbsenceSessions></SessionDetail></SessionDetails>"
        "</SummerHalfTerm2Attendance></Attendance>"
        "<APPlacementDetails><APPlacement><PrevURN>100049</PrevURN></APPlacement></APPlacementDetails>"
        "<SchoolArrangedAP><SchoolArrangedAPDetail><URN>100008</URN><EntryDate>2025-11-01</EntryDate>"
        "</SchoolArrangedAPDetail></SchoolArrangedAP>"
        "<ProgrammeAims><ProgrammeAim><ProgType>31</ProgType><LearningAims><LearningAim><ProgType>31</ProgType>"
        "</LearningAim></LearningAims></ProgrammeAim><ProgrammeAim><ProgType>01</ProgType></ProgrammeAim></ProgrammeAims>"
        "<LearnerFAMs><LearnerFAM><LearnFAMCode>01</LearnFAMCode></LearnerFAM></LearnerFAMs>"
    )
    (row,) = read_return(io.BytesIO(paper(pupil(extra=extra))))[1]
    assert row.fields["termlysessionspossible"] == "100"
    assert row.fields["summerhalfterm2sessionspossible"] == "40"
    assert row.fields["entrydate"] == "2021-09-01"
    assert (row.sessions, row.summer_sessions) == ((), ({"attendancereason": "I", "sessions": "2"},))
    assert row.ap_placements == ({"prevurn": "100049"},)
    assert row.arranged_ap == ({"urn": "100008", "entrydate": "2025-11-01"},)
    assert [aim["learningaims"] for aim in row.programme_aims] == ["1", "0"]
    assert row.learning_aims == ({"progtype": "31"},)
    assert row.learner_fams == ({"learnerfamcode": "01"},)


def test_the_shape_in_words_and_the_shape_in_tables_name_the_same_elements() -> None:
    text = (Path(schoolgate.collect.__file__).parent / "data" / "shape.md").read_text()
    described = text.split("A row's fields carry")[0]
    in_tables = {*HEADER, *SCHOOL, *SESSION_COLUMNS, *PLAIN, *MODULES, *ATTENDANCE, "SessionsPossible"}
    in_tables |= {"SessionDetails", "SessionDetail", "Addresses"}
    for columns in PLAIN.values():
        in_tables |= set(columns)
    for container, parts in LISTS.items():
        in_tables.add(container)
        for element, (_, columns) in parts.items():
            in_tables |= {element, *columns}
    in_words = {word for word in re.findall(r"[A-Za-z_0-9]+", described) if word[0].isupper()}
    table = {word for word in re.findall(r"[A-Za-z_0-9]+", described.split("|---|---|")[1]) if word[0].isupper()}
    assert in_tables - in_words == set()
    assert table - in_tables == set()
