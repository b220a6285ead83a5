"""Small returns for tests: one valid pupil, changed as a test wants."""

from __future__ import annotations

from collections.abc import Mapping

from schoolgate.collect.elements import PLAIN

PUPIL: Mapping[str, str] = {
    "UPN": "P207000016049", "Surname": "Canarysynth", "Forename": "Testforename", "Sex": "F", "DOB": "2016-03-04",
    "Ethnicity": "WBRI", "Language": "ENG", "EnrolStatus": "C", "EntryDate": "2021-09-01", "PartTime": "false",
    "Boarder": "N", "NCyearActual": "5", "SENprovision": "N",
}  # fmt: skip

_MODULES = {module: list(columns) for module, columns in PLAIN.items()}
_ATTENDANCE = "<Attendance><TermlyAttendance><SessionsPossible>120</SessionsPossible></TermlyAttendance></Attendance>"


def pupil(*, on_roll: bool = True, extra: str = "", **changes: str) -> str:
    """One pupil's XML with attendance; a change to "" leaves the element out, `extra` adds modules."""
    values = {**PUPIL, **changes}
    inside = "".join(
        f"<{module}>" + "".join(f"<{n}>{values[n]}</{n}>" for n in names if values.get(n)) + f"</{module}>"
        for module, names in _MODULES.items()
    )
    tag = "PupilOnRoll" if on_roll else "PupilNoLongerOnRoll"
    if "<Attendance>" not in extra:
        extra = _ATTENDANCE + extra
    return f"<{tag}>{inside}{extra}</{tag}>"


def paper(*pupils: str, gone: str = "", head: str = "", **header: str) -> bytes:
    """A return of Argyle Primary School (URN 100008), spring 2026."""
    values = {
        "Collection": "SC", "Term": "SPR", "Year": "2026", "ReferenceDate": "2026-01-15", "LEA": "202", "Estab": "2019",
        "URN": "100008", "Phase": "PS", "FreeMealsTaken": "0", **header,
    }  # fmt: skip

    def part(*names: str) -> str:
        return "".join(f"<{name}>{values[name]}</{name}>" for name in names if values.get(name))

    return (
        f"<?xml version='1.0' encoding='UTF-8'?>{head}<Message><Header><CollectionDetails>"
        f"{part('Collection', 'Term', 'Year', 'ReferenceDate')}</CollectionDetails><Source><SourceLevel>S</SourceLevel>"
        f"{part('LEA', 'Estab', 'URN')}<SoftwareCode>SYNTHETIC</SoftwareCode><SerialNo>1</SerialNo></Source></Header>"
        f"<School><SchoolName>Argyle Primary School</SchoolName>{part('Phase', 'SchoolType', 'FreeMealsTaken')}</School><Pupils><PupilsOnRoll>"
        f"{''.join(pupils) or pupil()}</PupilsOnRoll><PupilsNoLongerOnRoll>{gone}</PupilsNoLongerOnRoll></Pupils></Message>"
    ).encode()
